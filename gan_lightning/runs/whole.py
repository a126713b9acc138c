"""Which checkpoints of a folder are whole, the newest first; imports no torch."""

from collections.abc import Iterator
from pathlib import Path

from gan_lightning.runs.sidecar import flaw


def numbered(folder: Path) -> list[Path]:
    """The checkpoints `<iteration>.ckpt` in a folder, the newest first, whole or not."""
    found = [path for path in folder.glob("*.ckpt") if path.stem.isdecimal() and not path.is_symlink()]
    return sorted(found, key=iteration, reverse=True)


def iteration(checkpoint: Path) -> int:
    """The generator updates that a numbered checkpoint has seen, by its name."""
    return int(checkpoint.stem)


def regular(folder: Path, every: float, until: int) -> Path | None:
    """The newest up to iteration `until` whose iteration `every` divides, else the oldest, from which the run went on.

    So it depends on the iteration alone, not on what a clock or a signal has had saved in between.
    """
    found = [path for path in numbered(folder) if iteration(path) <= until]
    return next((path for path in found if iteration(path) % every == 0), found[-1] if found else None)


def whole(folder: Path) -> Iterator[Path]:
    """Those that are whole, the newest first; each is looked at when it is asked for."""
    return (path for path in numbered(folder) if flaw(path) is None)


def offer(damaged: Path) -> str:
    """What to do about a damaged checkpoint: the newest whole one beside it, in a few words."""
    others = (path for path in whole(damaged.absolute().parent) if not path.samefile(damaged))
    newest = next(others, None)
    if newest is None:
        return "no other beside it is whole"
    return f"the newest whole one beside it is ckpt_path={damaged.parent / newest.name}"
