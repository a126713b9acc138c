"""A job's share of the machine."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import get_class
from omegaconf import OmegaConf

from gan_lightning.schema import CONF
from gan_lightning.sweeps import devices
from gan_lightning.sweeps.devices import free_gpu, threads, visible_gpus
from gan_lightning.sweeps.plan import Plan


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Pretends that the environment names these GPUs."""

    def pretend(names: str) -> None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", names)
        visible_gpus.cache_clear()

    return pretend


def test_jobs_at_once_get_a_gpu_each_and_share_when_there_are_more_jobs(
    tmp_path: Path, gpus: Callable[[str], None]
) -> None:
    gpus("2, 5")
    plan, config = Plan(tmp_path, [], []), OmegaConf.create({"trainer": {"devices": 1}})
    first, first_lock = free_gpu(plan, config, 0)
    second, second_lock = free_gpu(plan, config, 1)
    assert {first, second} == {"2", "5"}
    assert free_gpu(plan, config, 3) == ("5", None)
    assert first_lock is not None and second_lock is not None
    first_lock.close()
    again, again_lock = free_gpu(plan, config, 4)
    assert again == first
    for lock in (second_lock, again_lock):
        assert lock is not None
        lock.close()


@pytest.mark.parametrize(
    ("names", "trainer"),
    [("", {}), ("0", {}), ("0,1", {"accelerator": "cpu"}), ("0,1", {"devices": 2, "accelerator": "gpu"})],
)
def test_there_is_nothing_to_choose(
    tmp_path: Path, gpus: Callable[[str], None], names: str, trainer: dict[str, object]
) -> None:
    gpus(names)
    assert free_gpu(Plan(tmp_path, [], []), OmegaConf.create({"trainer": trainer}), 0) == (None, None)


@pytest.mark.parametrize(
    ("asked", "launcher", "expected"),
    [
        (None, {}, None),
        (None, {"n_jobs": 2}, 4),
        (None, {"n_jobs": -1}, 1),
        (None, {"n_jobs": 16}, 1),
        (3, {"n_jobs": 2}, 3),
    ],
)
def test_jobs_in_parallel_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, asked: int | None, launcher: dict[str, int], expected: int | None
) -> None:
    monkeypatch.setattr(devices.os, "sched_getaffinity", lambda pid: set(range(8)))
    monkeypatch.setattr(devices.sys, "platform", "linux")
    assert threads(OmegaConf.create({"threads": asked}), launcher) == expected


@pytest.mark.parametrize(
    ("name", "target"), [("joblib", "JoblibLauncher"), ("submitit_slurm", "SlurmLauncher"), ("slurm", "SlurmLauncher")]
)
def test_the_launchers_compose_and_are_those_of_the_extra(name: str, target: str) -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        launcher = compose("config", [f"hydra/launcher={name}"], return_hydra_config=True).hydra.launcher
    assert launcher._target_.endswith(f".{target}")
    plugin = get_class(launcher._target_)
    assert plugin(**{key: value for key, value in launcher.items_ex(resolve=False) if key != "_target_"})
    if name == "slurm":
        assert (launcher.gpus_per_node, launcher.timeout_min, launcher.partition) == (1, 240, None)
