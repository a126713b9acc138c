"""Runs on a disk that fills up, as root: `python tests/benchmarks/full_disk.py [PLACE ...]`.

Each run has all callbacks, loggers and figures of a run by default, on a tmpfs that a file fills right before something
named is written, and then to ten degrees. What counts: one line and no traceback, the exit code, what `status.json`
says, every checkpoint whole, no half-written picture under its name. Once there is room again, what the line said
(`resume=`, or the same command) comes to a last checkpoint of the uninterrupted run's sha256. In the end one run with
TMPDIR on a full file system of its own, which is to notice nothing.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from runs import digest, run, watched

from gan_lightning import execution, report
from gan_lightning.callbacks.animation import Animation
from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.callbacks.curves import Curves
from gan_lightning.callbacks.guard import Guard
from gan_lightning.callbacks.samples import Samples
from gan_lightning.metrics import records
from gan_lightning.runs import status
from gan_lightning.runs.sidecar import flaw
from gan_lightning.runs.status import Status, read_status
from gan_lightning.runs.whole import numbered

SIZE = 8_000_000
DEGREES = 10
LAST = Path("checkpoints", "last.ckpt")
BARE = ("~callbacks.checkpoint", "~callbacks.samples", "~callbacks.curves", "metrics=[]")
"""Nothing is written but logs."""
GONE = "gone"
"""The state of a run that has left no folder."""


class Place(NamedTuple):
    """Where the disk fills up: before a call of an attribute, if `when` says so of its arguments."""

    owner: Any
    name: str
    when: Callable[..., bool]
    overrides: tuple[str, ...] = ()
    resumed: bool = False
    """Whether it happens to a run that goes on."""
    code: int = 2
    state: str = "failed"


def always(*arguments: Any) -> bool:
    """At the first call."""
    return True


def at(step: int) -> Callable[..., bool]:
    """Of a callback's hook: once so many iterations are done."""
    return lambda callback, trainer, *rest: trainer.global_step == step


def after(number: int) -> Callable[..., bool]:
    """At a later call than the first `number` ones."""
    calls = iter(range(number))
    return lambda *arguments: next(calls, None) is None


PLACES = {
    "config.yaml": Place(report, "save_config", always, state=GONE),
    "status.json at the start": Place(status, "write_status", always, state=GONE),
    "the first picture": Place(Samples, "_draw", at(0), state=GONE),
    "logs before the first checkpoint": Place(Guard, "on_train_batch_start", at(1)),
    "logs": Place(Guard, "on_train_batch_start", at(13)),
    "TensorBoard's events": Place(Guard, "on_train_batch_start", at(13), (*BARE, "~logger.csv")),
    "metrics.csv": Place(Guard, "on_train_batch_start", at(13), ("~logger.tensorboard",)),
    "a figure": Place(records, "write", after(1)),
    "a picture": Place(Samples, "_draw", at(18)),
    "curves in mid-run": Place(Curves, "_draw", lambda callback, trainer: trainer.global_step == 12),
    "a checkpoint": Place(IntervalCheckpoint, "_save", at(18)),
    "the last picture": Place(Samples, "on_train_end", always),
    "the film": Place(Animation, "on_fit_end", always),
    "status.json at the end": Place(Status, "ended", always, code=0, state="finished"),
    "status.json of a run that diverged": Place(
        Guard, "_act", always, ("optimizer.generator.lr=1e30",), code=1, state="diverged"
    ),
    "a run without checkpoints": Place(Guard, "on_train_batch_start", at(13), ("~callbacks.checkpoint",)),
    "config.yaml of a run that goes on": Place(report, "save_config", always, resumed=True, state="interrupted"),
    "status.json of a run that goes on": Place(status, "write_status", always, resumed=True),
    "what a run that goes on forgets": Place(execution, "rewind", always, resumed=True),
}


@contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, free: int) -> None:
    """Leave so many bytes free."""
    there = os.statvfs(folder)
    (folder / "filler").write_bytes(bytes(max(0, there.f_bavail * there.f_bsize - free)))


@contextmanager
def filled_before(place: Place, folder: Path) -> Iterator[None]:
    """Runs that begin inside find no room from there on."""
    original = getattr(place.owner, place.name)

    def call(*arguments: Any, **named: Any) -> Any:
        if not (folder / "filler").exists() and place.when(*arguments):
            fill(folder, 0)
        return original(*arguments, **named)

    setattr(place.owner, place.name, call)
    try:
        yield
    finally:
        setattr(place.owner, place.name, original)


@contextmanager
def interrupted_at(step: int) -> Iterator[None]:
    """Runs that begin inside stop themselves by SIGTERM."""
    original = Guard.on_train_batch_start

    def call(self: Guard, trainer: Any, *rest: Any) -> None:
        if trainer.global_step == step:
            os.kill(os.getpid(), 15)
        original(self, trainer, *rest)

    Guard.on_train_batch_start = call  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Guard.on_train_batch_start = original  # type: ignore[method-assign]


def lines_of(log: Path) -> list[str]:
    """What a run has said beside its table and its bar."""
    text = log.read_text().replace("\r", "\n")
    return [line for line in text.splitlines() if line.startswith(("gan_lightning", "Traceback")) or "Error" in line]


def wrong_files(folder: Path) -> list[str]:
    """Names of checkpoints and pictures that are not whole."""
    torn = [path.name for path in numbered(folder / "checkpoints") if flaw(path)]
    for path in folder.glob("samples/*.png"):
        try:
            with Image.open(path) as picture:
                picture.load()
        except (OSError, SyntaxError):
            torn.append(path.name)
    return torn


def comes_to_its_end(said: str, arguments: list[str], folder: Path, whole: Path, log: Path) -> str:
    """Do what the line said once there is room; how that ended."""
    if "resume=" not in said and "start again" not in said:
        return "nothing to do"
    again = [f"resume={folder}"] if "resume=" in said else [*arguments, f"hydra.run.dir={folder}"]
    code, _ = run(again, log)
    found = read_status(folder)
    if code or found is None or found.state != "finished" or wrong_files(folder):
        return f"NOT resumed: exit code {code}, {lines_of(log)}"
    if "~callbacks.checkpoint" in arguments:
        return "started again"
    return "equal" if digest(folder / LAST) == digest(whole / LAST) else "DIFFERS"


def at_a_place(name: str, common: list[str], whole: Path, workplace: Path) -> tuple[bool, str]:
    """One run; whether all that counts was so, and a line about it."""
    place, log = PLACES[name], workplace / f"{name.replace(' ', '_')}.txt"
    arguments = [*common, *place.overrides]
    with disk(workplace / "disk") as mounted:
        folder = mounted / "run"
        command = [*arguments, f"hydra.run.dir={folder}"]
        if place.resumed:
            with interrupted_at(13):
                run(command, workplace / "before.txt")
            command = [f"resume={folder}"]
        with filled_before(place, mounted):
            code, _ = run(command, log)
        filled = (mounted / "filler").exists()
        found = read_status(folder)
        state = GONE if not folder.exists() else "none" if found is None else found.state
        said, torn = lines_of(log), wrong_files(folder)
        (mounted / "filler").unlink(missing_ok=True)
        again = comes_to_its_end(said[0] if said else "", arguments, folder, whole, workplace / "again.txt")
    few = len(said) == (0 if place.code == 0 else 1)
    as_it_should = filled and (code, state) == (place.code, place.state) and few and not torn
    told = f"exit code {code}, {state}{'' if filled else ', NEVER FILLED'}, torn {torn}, then {again}: {said}"
    return as_it_should and again in ("equal", "started again", "nothing to do"), told


def to_a_degree(common: list[str], whole: Path, workplace: Path, luck: random.Random) -> tuple[bool, str]:
    """One run on a disk with room for some checkpoints; the same."""
    log = workplace / "degree.txt"
    log.unlink(missing_ok=True)
    with disk(workplace / "disk") as mounted:
        free = int((whole / LAST).stat().st_size * luck.uniform(1.5, 12))
        fill(mounted, free)
        folder = mounted / "run"
        code, _ = run([*common, f"hydra.run.dir={folder}"], log)
        said, torn = lines_of(log), wrong_files(folder)
        left = [path.name for path in folder.rglob(".*")]
        (mounted / "filler").unlink()
        again = comes_to_its_end(said[0] if said else "", common, folder, whole, workplace / "again.txt")
    good = code == 2 and len(said) == 1 and not torn and not left and again == "equal"
    return good, f"{free} bytes free: exit code {code}, torn {torn}, left {left}, then {again}: {said}"


def with_a_full_tmpdir(common: list[str], whole: Path, workplace: Path) -> tuple[bool, str]:
    """One run; the same."""
    with disk(workplace / "tmp") as mounted:
        fill(mounted, 0)
        os.environ["TMPDIR"], before = str(mounted), os.environ.get("TMPDIR")
        tempfile.tempdir = None
        folder = workplace / "elsewhere"
        code, _ = run([*common, f"hydra.run.dir={folder}"], workplace / "tmpdir.txt")
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before
        tempfile.tempdir = None
    torn = wrong_files(folder)
    same = code == 0 and digest(folder / LAST) == digest(whole / LAST)
    return same and not torn, f"exit code {code}, torn {torn}, {'equal' if same else 'DIFFERS'}"


def main(chosen: list[str]) -> int:
    """Print a line a run, and how many were as they should be; 1 if one was not."""
    luck = random.Random(0)
    with tempfile.TemporaryDirectory() as temporary:
        workplace = Path(temporary)
        common = watched("wgan_gp", workplace)
        whole = workplace / "whole"
        run([*common, f"hydra.run.dir={whole}"], workplace / "whole.txt")
        good: dict[str, list[bool]] = {"full at a place": [], "full to a degree": [], "TMPDIR full": []}
        for name in chosen or PLACES:
            fine, told = at_a_place(name, common, whole, workplace)
            good["full at a place"].append(fine)
            print(f"{'   ' if fine else 'NOT'} {name}: {told}", flush=True)
        for _ in range(0 if chosen else DEGREES):
            fine, told = to_a_degree(common, whole, workplace, luck)
            good["full to a degree"].append(fine)
            print(f"{'   ' if fine else 'NOT'} {told}", flush=True)
        if not chosen:
            fine, told = with_a_full_tmpdir(common, whole, workplace)
            good["TMPDIR full"].append(fine)
            print(f"{'   ' if fine else 'NOT'} TMPDIR: {told}", flush=True)
    print("; ".join(f"{name}: {sum(fine)} of {len(fine)}" for name, fine in good.items() if fine))
    return int(not all(all(fine) for fine in good.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
