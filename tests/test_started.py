"""Who has started a process, and whether several can become one run."""

import pytest
from omegaconf import OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.started import check_start, outside, rank

SRUN = {"SLURM_PROCID": "3", "SLURM_NTASKS": "4", "SLURM_JOB_NAME": "gan"}
TORCHRUN = {"TORCHELASTIC_RUN_ID": "none", "RANK": "2", "WORLD_SIZE": "4"}
DDP = {"strategy": {"_target_": "any"}, "num_nodes": 1}


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SRUN, *TORCHRUN):
        monkeypatch.delenv(name, raising=False)


def started(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, (False, 0)),
        (SRUN, (True, 3)),
        (TORCHRUN, (True, 2)),
        (SRUN | TORCHRUN, (True, 2)),  # torchrun inside of a SLURM job counts its own
        (SRUN | {"SLURM_NTASKS": "1"}, (False, 0)),
        (SRUN | {"SLURM_JOB_NAME": "bash"}, (False, 0)),  # a shell in an allocation
        ({"SLURM_NTASKS": "4", "SLURM_JOB_NAME": "gan"}, (False, 0)),  # the batch script itself
    ],
)
def test_a_process_knows_its_rank(environment: dict[str, str], expected: tuple[bool, int], monkeypatch):
    started(monkeypatch, environment)
    assert (outside(), rank()) == expected


def test_ranks_started_from_outside_must_share_a_folder(monkeypatch: pytest.MonkeyPatch):
    config = OmegaConf.create({"trainer": DDP})
    check_start(config, [])
    started(monkeypatch, TORCHRUN)
    check_start(config, ["hydra.run.dir=outputs/mine"])
    with pytest.raises(UsageError, match=r"add hydra\.run\.dir=FOLDER for all$"):
        check_start(config, [])
    check_start(OmegaConf.create({"trainer": {}}), [])  # as many runs as processes


def test_several_machines_need_somebody_to_start_their_processes(monkeypatch: pytest.MonkeyPatch):
    config = OmegaConf.create({"trainer": DDP | {"num_nodes": 2}})
    with pytest.raises(
        UsageError, match=r"^trainer\.num_nodes=2: nothing starts .*: start one for each device, with srun"
    ):
        check_start(config, ["hydra.run.dir=outputs/mine"])
    started(monkeypatch, SRUN)
    check_start(config, ["hydra.run.dir=outputs/mine"])
