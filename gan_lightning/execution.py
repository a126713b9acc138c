"""One run from its config to its figures, with its status on disk: what a single run and a sweep's job share."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from gan_lightning.company import WORD
from gan_lightning.errors import UsageError
from gan_lightning.metrics.records import read
from gan_lightning.others import Others
from gan_lightning.runs.lock import alone
from gan_lightning.runs.rewind import rewind
from gan_lightning.runs.status import Status, recorded


def execute(config: DictConfig, status: Status, others: Others) -> str:
    """Prepare, train and evaluate; returns what is to be said of it.

    Args:
        config: composed and checked.
        status: as the run begins with it.
        others: its processes that somebody else has started.

    Raises:
        UsageError: the data or the checkpoint are missing, or the parts don't fit each other; a mistake leaves nothing.
        Diverged: the guard stopped the run.
        RankFailed: another process of the run did not come, or failed.
    """
    from gan_lightning.report import report, save_config
    from gan_lightning.train import fit, prepare  # takes seconds: torch and Lightning

    folder = Path(config.folder)
    parts = prepare(config)
    try:
        save_config(config, folder)  # only now: a mistake leaves nothing
    except OSError as error:
        raise UsageError(f"{folder} can't be written to ({error.strerror}): set hydra.run.dir=FOLDER") from error
    with alone(folder), recorded(folder, status) as verdict:
        if parts.ckpt_path is not None and parts.ckpt_path.absolute().parent == (folder / "checkpoints").absolute():
            rewind(folder, parts.start)
        with others.explained(WORD):
            seconds = fit(parts)
        verdict.diverged = divergence(parts.model, folder)
    return report(folder, parts.trainer.global_step, seconds)


def join(config: DictConfig, others: Others) -> None:
    """Train as a further rank of a run whose first one, started by somebody else too, writes all that is written.

    Raises:
        UsageError, Diverged, RankFailed: as for the first one.
    """
    from gan_lightning.train import fit, prepare

    parts = prepare(config)
    with others.explained(WORD):
        fit(parts)


def divergence(module: Any, folder: Path) -> str | None:
    """Why a trained game has diverged: weights or last figures that aren't finite, or absurd weights; None if not."""
    from gan_lightning.soundness import unsound_weights  # takes seconds: torch

    wrong = unsound_weights(module.named_parameters())
    if wrong is not None:
        return wrong
    records = read(folder / "metrics.jsonl")
    for record in records:
        if record["value"] is None and record["step"] == records[-1]["step"]:
            return f"{record['weights']}/{record['name']} is not finite"
    return None
