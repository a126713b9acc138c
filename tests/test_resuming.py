"""`resume=RUN`: mistakes in one line at once, and what a run goes on with."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.execution import execute
from gan_lightning.interruption import Interrupted
from gan_lightning.metrics.evaluator import Evaluator
from gan_lightning.models.gan import GAN
from gan_lightning.others import Nobody
from gan_lightning.report import save_config
from gan_lightning.resuming import resumption
from gan_lightning.runs.lock import alone
from gan_lightning.runs.status import FINISHED, INTERRUPTED, begun, read_status, write_status
from gan_lightning.runs.storage import store

SETTINGS = ["data.batch_size=8", "data.num_samples=64", "threads=1", "every=2", "trainer.max_steps=4"]
SMALL = ["network.generator.width=8", "network.discriminator.width=8", "trainer.accelerator=cpu"]
NAMES = [f"callbacks.hparams.parameters.{group}=x" for group in ("model", "data", "network", "loss", "optimizer")]
QUIET = ["~callbacks.curves", "~callbacks.samples", "~callbacks.animation", "logger=none", "metrics=[]"]


@pytest.fixture
def run(composed: Callable[..., Any], tmp_path: Path) -> Path:
    """A run's folder after four iterations, with checkpoints of which only the names and the bytes count."""
    folder = tmp_path / "run"
    save_config(composed(*QUIET, knobs=[*SETTINGS, *SMALL, *NAMES, f"folder={folder}"]), folder)
    for step in (2, 4):
        store({"step": torch.tensor(step)}, folder / "checkpoints" / f"{step:08d}.ckpt")
    write_status(folder, replace(begun(["every=2", "seed=0"]), state=FINISHED))
    return folder


def stop(folder: Path) -> None:
    write_status(folder, replace(begun([]), state=INTERRUPTED))


def harm(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["resume=/nowhere"], "resume=/nowhere: there is no such folder; name a run's folder, or last"),
        (["resume="], "resume=: there is no such folder"),
        (["resume=RUN/checkpoints"], "no run, for it has no config.yaml"),
        (["resume=RUN"], "there is nothing left to do: the checkpoint has 4 iterations; raise trainer.max_steps"),
        (["resume=RUN", "trainer.max_step=8"], "trainer.max_step: no such key in the run's config, did you mean tr"),
        (["resume=RUN", "evry=8"], "evry: no such key in the run's config, did you mean every?"),
        (["resume=RUN", "model=wgan"], "model=wgan: resume= keeps the run's own parts; set values"),
        (["resume=RUN", "seed=1,2"], "seed=1,2: behind resume= write KEY=VALUE, a single value"),
        (["resume=RUN", "~callbacks.progress"], "~callbacks.progress: behind resume= write KEY=VALUE"),
        (["resume=RUN", "resume=other"], "resume=other: one run is gone on with at a time: name one"),
        (["resume=RUN", "-m"], "-m: resume= goes on with one run and takes no flags"),
        (["resume=RUN", "ckpt_path=x"], "ckpt_path=x: resume= takes the run's own: remove it"),
        (["resume=RUN", "trainer.max_steps=8", "every=0"], "every=0: must be a whole number, at least 1"),
        (["resume=RUN", "trainer.max_steps=8", "data._target_=os.system"], "_target_=os.system is refused"),
    ],
)
def test_a_mistake_is_one_line(run: Path, arguments: list[str], told: str) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    with pytest.raises(UsageError) as error:
        resumption([argument.replace("RUN", str(run)) for argument in arguments])
    assert told in str(error.value)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["status.json", "metrics.csv", "metrics.jsonl", "curves.png"])
def test_a_folder_at_the_place_of_a_file_is_one_line(run: Path, name: str) -> None:
    (run / name).unlink(missing_ok=True)
    (run / name).mkdir()
    with pytest.raises(UsageError, match=f"{name} is no file, and a run writes one there: move it away"):
        resumption([f"resume={run}", "trainer.max_steps=8"])


def test_a_table_without_its_columns_is_one_line(run: Path) -> None:
    (run / "metrics.csv").write_bytes(b"\xff\xfe\0\n1,2\n")
    with pytest.raises(UsageError, match="metrics.csv is damaged, for its first line names no column step"):
        resumption([f"resume={run}", "trainer.max_steps=8"])


def test_what_refers_to_nothing_may_be_set(run: Path) -> None:
    config = OmegaConf.load(run / "config.yaml")
    OmegaConf.update(config, "trainer.max_steps", "${foo}")
    OmegaConf.save(config, run / "config.yaml")
    with pytest.raises(UsageError, match="trainer.max_steps=\\${foo} can't be resolved"):
        resumption([f"resume={run}"])
    assert resumption([f"resume={run}", "trainer.max_steps=8"])[0].trainer.max_steps == 8


def test_a_strangers_config_is_checked_like_any(run: Path) -> None:
    config = OmegaConf.load(run / "config.yaml")
    for target in ("os.system", "builtins.eval", "torch.load"):
        OmegaConf.update(config, "callbacks.progress._target_", target)
        OmegaConf.save(config, run / "config.yaml")
        with pytest.raises(UsageError, match=f"_target_={target} is refused"):
            resumption([f"resume={run}", "trainer.max_steps=8"])


def test_the_time_that_one_start_had_does_not_limit_the_next(run: Path) -> None:
    config = OmegaConf.load(run / "config.yaml")
    OmegaConf.update(config, "trainer.max_time", "00:00:00:04", force_add=True)
    OmegaConf.save(config, run / "config.yaml")
    command = [f"resume={run}", "trainer.max_steps=8"]
    assert resumption(command)[0].trainer.max_time is None
    assert resumption([*command, "trainer.max_time=00:01:00:00"])[0].trainer.max_time == "00:01:00:00"


def test_a_folder_in_use_and_one_without_checkpoints_are_refused(run: Path) -> None:
    with alone(run), pytest.raises(UsageError, match="in use by a process that trains there"):
        resumption([f"resume={run}", "trainer.max_steps=8"])
    for path in (run / "checkpoints").iterdir():
        path.unlink()
    with pytest.raises(UsageError, match="has no checkpoint to go on from"):
        resumption([f"resume={run}"])


def test_the_newest_whole_checkpoint_is_taken_and_damaged_ones_are_named(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, _ = resumption([f"resume={run}", "trainer.max_steps=8"])
    assert config.ckpt_path == str(run / "checkpoints" / "00000004.ckpt")
    assert capsys.readouterr().err == ""
    harm(run / "checkpoints" / "00000004.ckpt")
    config, _ = resumption([f"resume={run}", "trainer.max_steps=8"])
    assert config.ckpt_path == str(run / "checkpoints" / "00000002.ckpt")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gan_lightning: 00000004.ckpt: it is damaged") and "going on from 00000002.ckpt" in line
    harm(run / "checkpoints" / "00000002.ckpt")
    with pytest.raises(UsageError, match="has no whole checkpoint: 00000004.ckpt: it is damaged.* train again"):
        resumption([f"resume={run}", "trainer.max_steps=8"])


def test_a_run_that_was_stopped_behind_its_last_iteration_goes_on_from_there(run: Path) -> None:
    stop(run)
    config, _ = resumption([f"resume={run}"])
    assert config.ckpt_path == str(run / "checkpoints" / "00000004.ckpt")
    with pytest.raises(UsageError, match="the checkpoint has 4 iterations; raise trainer.max_steps"):
        resumption([f"resume={run}", "trainer.max_steps=3"])


def test_a_value_reaches_all_that_refer_to_it_but_what_the_run_had_otherwise(run: Path) -> None:
    config = OmegaConf.load(run / "config.yaml")
    config.callbacks.evaluation.every = 7
    OmegaConf.save(config, run / "config.yaml")
    values = ["every=5", "trainer.max_steps=8", "optimizer.generator.lr=0.5", "callbacks.checkpoint.every_n_minutes=9"]
    config, status = resumption([f"resume={run}", *values])
    checkpoint = config.callbacks.checkpoint
    assert (config.every, checkpoint.every_n_iterations, config.callbacks.evaluation.every) == (5, 5, 7)
    assert config.model.optimizers.generator.lr == config.callbacks.hparams.parameters.lr_generator == 0.5
    assert (config.trainer.max_steps, checkpoint.every_n_minutes) == (8, 9)
    assert status.overrides == ["seed=0", *values]


def test_a_folder_that_was_moved_is_where_it_is(run: Path, tmp_path: Path) -> None:
    run.rename(tmp_path / "elsewhere")
    config, _ = resumption([f"resume={tmp_path / 'elsewhere'}", "trainer.max_steps=8"])
    assert str(run) not in OmegaConf.to_yaml(config)
    assert config.callbacks.checkpoint.folder == config.folder == str(tmp_path / "elsewhere")


def test_last_is_the_newest_run(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.parent)
    monkeypatch.setattr("gan_lightning.runs.run.OUTPUTS", run.parent)
    (run / "checkpoints" / "last.ckpt").symlink_to("00000004.ckpt")
    config, _ = resumption(["resume=last", "trainer.max_steps=8"])
    assert config.folder == str(run)
    (run / "checkpoints" / "00000004.ckpt").unlink()
    config, _ = resumption(["resume=last", "trainer.max_steps=8"])
    assert config.ckpt_path == str(run / "checkpoints" / "00000002.ckpt")
    (run / "checkpoints" / "00000002.ckpt").unlink()
    with pytest.raises(UsageError, match="there is no run with a checkpoint"):
        resumption(["resume=last"])


def test_tensorboard_forgets_what_follows(run: Path) -> None:
    config = OmegaConf.load(run / "config.yaml")
    OmegaConf.update(config, "logger.tensorboard", {"_target_": "lightning.pytorch.loggers.TensorBoardLogger"})
    OmegaConf.save(config, run / "config.yaml")
    assert resumption([f"resume={run}", "trainer.max_steps=8"])[0].logger.tensorboard.purge_step == 5


def figures(folder: Path) -> list[dict[str, Any]]:
    """What was recorded, but for the clock's part."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) | {"seconds": 0, "elapsed": None} for line in lines]


def test_a_run_goes_on_in_its_folder_as_if_it_had_never_stopped(
    composed: Callable[..., Any], tmp_path: Path, identical: Any
) -> None:
    """All the way, with a measure; behind the checkpoint there are records and a torn line."""
    folders = tmp_path / "whole", tmp_path / "cut"
    chosen = [*QUIET[:-1], "metrics=[modes]"]
    for folder in folders:
        knobs = [*SETTINGS, *SMALL, *NAMES, "metrics.modes.n=16", "callbacks.evaluation.repeats=1"]
        execute(composed(*chosen, knobs=[*knobs, f"folder={folder}"]), begun([]), Nobody(folder))
    whole, cut = folders
    (cut / "checkpoints" / "00000004.ckpt").unlink()
    stop(cut)
    with (cut / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "na')
    execute(*resumption([f"resume={cut}"]), Nobody(cut))
    states = [torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True) for folder in folders]
    assert states[0]["global_step"] == states[1]["global_step"] == 4
    assert identical(states[0]["state_dict"], states[1]["state_dict"])
    assert figures(whole) == figures(cut)
    status = read_status(cut)
    assert status is not None and status.state == FINISHED
    assert not list(tmp_path.glob("outputs"))


def test_a_run_that_was_stopped_behind_its_last_iteration_makes_what_follows_and_nothing_else(
    composed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes when the last figures are written, and before the last checkpoint's place at the end."""
    measured = ["metrics.modes.n=16", "callbacks.evaluation.interval_n=8", "callbacks.evaluation.repeats=2"]
    logger = {"_target_": "gan_lightning.loggers.RunCSVLogger"}
    configs = []
    for name in ("whole", "cut"):
        folder = tmp_path / name
        knobs = [*SETTINGS, *SMALL, *NAMES, *measured, "trainer.log_every_n_steps=1", f"folder={folder}"]
        configs.append(composed(*QUIET[:-1], "metrics=[modes]", knobs=knobs))
        OmegaConf.update(configs[-1], "logger.csv", logger | {"folder": str(folder)}, force_add=True)
    execute(configs[0], begun([]), Nobody(folder))
    with monkeypatch.context() as patch:
        patch.setattr(Evaluator, "draw_pictures", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(Interrupted):
            execute(configs[1], begun([]), Nobody(folder))
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    status = read_status(cut)
    assert status is not None and status.state == INTERRUPTED
    assert status.reason == "SIGTERM behind the last iteration, 4, which is saved"
    trained = []
    monkeypatch.setattr(GAN, "training_step", lambda *_: trained.append(1))
    execute(*resumption([f"resume={cut}"]), Nobody(cut))
    status = read_status(cut)
    assert not trained and status is not None and status.state == FINISHED
    assert figures(whole) == figures(cut)
    assert (whole / "metrics.csv").read_bytes() == (cut / "metrics.csv").read_bytes()
    with pytest.raises(UsageError, match="nothing left to do"):
        resumption([f"resume={cut}"])


def test_what_a_run_goes_behind_is_set_aside(
    composed: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest checkpoint is damaged, one is to stay, and the run ends before where that one was."""
    execute(composed(*QUIET, knobs=[*SETTINGS, *SMALL, *NAMES, f"folder={tmp_path}"]), begun([]), Nobody(tmp_path))
    harm(tmp_path / "checkpoints" / "00000004.ckpt")
    execute(*resumption([f"resume={tmp_path}", "trainer.max_steps=3", "callbacks.checkpoint.keep=1"]), Nobody(tmp_path))
    left = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert left == ["00000003.ckpt", "00000003.ckpt.sha256", "aside", "last.ckpt"]
    assert torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)["global_step"] == 3
    aside = tmp_path / "checkpoints" / "aside"
    assert f"gan_lightning: 00000004.ckpt moved to {aside}\n" in capsys.readouterr().err
    assert sorted(path.name for path in aside.iterdir()) == ["00000004.ckpt", "00000004.ckpt.sha256"]
