"""One run from its config to its figures, with its status on disk: what a single run and a sweep's job share."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.metrics.records import read
from gan_lightning.runs.continued import in_place
from gan_lightning.runs.lock import alone
from gan_lightning.runs.rewind import rewind
from gan_lightning.runs.status import Status, recorded

if TYPE_CHECKING:
    from gan_lightning.train import Parts


def execute(config: DictConfig, status: Status) -> str:
    """Prepare, train and evaluate; returns what is to be said of it.

    Raises:
        UsageError: the data or the checkpoint are missing, or the parts don't fit each other; a mistake leaves nothing.
        Diverged: the guard stopped the run.
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
        if parts.ckpt_path is not None and in_place(folder, parts.ckpt_path):
            _go_behind(folder, parts.ckpt_path, parts)
        seconds = fit(parts)
        verdict.diverged = divergence(parts.model, folder)
    return report(folder, parts.trainer.global_step, seconds)


def _go_behind(folder: Path, checkpoint: Path, parts: "Parts") -> None:
    """Forget what the run recorded behind the checkpoint that it goes on from, and leave later checkpoints behind."""
    from gan_lightning.runs.aside import ASIDE, set_aside  # takes seconds: torch

    rewind(folder, parts.start, parts.trained)
    later = set_aside(checkpoint, parts.start)
    if later:
        names = ", ".join(path.name for path in later)
        print(f"gan_lightning: {names} moved to {later[0].parent / ASIDE}", file=sys.stderr)


def join(config: DictConfig) -> None:
    """Train as a further rank of a run whose first one, started by somebody else too, writes all that is written.

    Raises:
        UsageError, Diverged: as for the first one.
    """
    from gan_lightning.train import fit, prepare

    fit(prepare(config))


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
