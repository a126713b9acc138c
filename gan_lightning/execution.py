"""One run from its config to its figures, with its status on disk: what a single run and a sweep's job share."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from gan_lightning.company import WORD
from gan_lightning.disk import enough_room, is_full
from gan_lightning.errors import UsageError
from gan_lightning.folders import make, remove_untrained
from gan_lightning.heavy import import_torch
from gan_lightning.metrics.records import read
from gan_lightning.others import Others
from gan_lightning.runs.continued import in_place
from gan_lightning.runs.fresh import check_free, forget_stopped
from gan_lightning.runs.lock import alone
from gan_lightning.runs.rewind import rewind
from gan_lightning.runs.status import Status, recorded

if TYPE_CHECKING:
    from gan_lightning.train import Parts


def execute(config: DictConfig, status: Status, others: Others, made: Sequence[Path] = ()) -> str:
    """Prepare, train and evaluate, alone in the run's folder; returns what is to be said of it.

    Args:
        config: composed and checked.
        status: as the run begins with it.
        others: its processes that somebody else has started.
        made: folders that this process has made for the run, innermost first: removed where nothing is trained.

    Raises:
        UsageError: the data or the checkpoint are missing, or the parts don't fit each other; a mistake leaves nothing.
            The folder is another run's, or in use; or the disk is full.
        Diverged: the guard stopped the run.
        RankFailed: another process of the run did not come, or failed.
    """
    folder = Path(config.folder)
    try:
        here = make(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    with alone(folder), _taken_back([here, list(made)]) as places, enough_room(folder):
        return _execute(config, status, others, folder, places)


def _execute(config: DictConfig, status: Status, others: Others, folder: Path, places: list[list[Path]]) -> str:
    """Under the folder's lock; `places` are kept as soon as something is trained."""
    import_torch()
    from gan_lightning.report import report, save_config
    from gan_lightning.train import fit, prepare

    own = in_place(folder, None if config.ckpt_path is None else Path(config.ckpt_path))
    if not own:
        check_free(folder)
    parts = prepare(config)
    try:
        save_config(config, folder)  # only now: a mistake leaves nothing
    except OSError as error:
        if is_full(error):
            raise
        raise _unwritable(folder, error) from error
    if not own:
        forget_stopped(folder)
    with recorded(folder, status) as verdict, enough_room(folder):
        if own and parts.ckpt_path is not None:
            _go_behind(folder, parts.ckpt_path, parts)
        try:
            with others.explained(WORD):
                seconds = fit(parts)
        finally:
            if parts.trainer.global_step > parts.start:
                places.clear()
        verdict.diverged = divergence(parts.model, folder)
    return report(folder, parts.trainer.global_step, seconds)


def _go_behind(folder: Path, checkpoint: Path, parts: "Parts") -> None:
    """Forget what the run recorded behind the checkpoint that it goes on from, and leave later checkpoints behind."""
    from gan_lightning.runs.aside import set_aside  # takes seconds: torch

    rewind(folder, parts.start, parts.trained)
    later = set_aside(checkpoint, parts.start)
    if later:
        names = ", ".join(path.name for path in later)
        print(f"gan_lightning: {names} moved to {later[0].parent}", file=sys.stderr)


@contextmanager
def _taken_back(places: list[list[Path]]) -> Iterator[list[list[Path]]]:
    """Remove the folders in `places` behind a mistake, unless a checkpoint is in them."""
    try:
        yield places
    except UsageError:
        for folders in places:
            remove_untrained(folders)
        raise


def _unwritable(folder: Path, error: OSError) -> UsageError:
    return UsageError(f"{folder} can't be written to ({error.strerror}): set hydra.run.dir=FOLDER")


def join(config: DictConfig, others: Others) -> None:
    """Train as a further rank of a run whose first one, started by somebody else too, writes all that is written.

    Raises:
        UsageError, Diverged, RankFailed: as for the first one.
    """
    import_torch()
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
