"""Runs killed and resumed, against the same left alone: `python tests/benchmarks/kills.py [SEED [VARIANT ...]]`.

Every variant once, or those that are named, on tiny networks, with all callbacks, loggers and figures of a run by
default and a checkpoint every third iteration. Every other kill, by SIGKILL, comes at a random moment of training, the
others while a checkpoint is being written, which is seen by its unfinished file. What counts: right after the kill
`last.ckpt` is whole, the resumed run's last checkpoint has the sha256 of the uninterrupted one's, and `metrics.csv`,
`metrics.jsonl` but for its seconds, every picture, the curves and the film are the same.
"""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from runs import digest, ended, make_pictures, recorded, run, start, wait, watched

from gan_lightning.runs.sidecar import flaw
from gan_lightning.variants import names

_TRIES = 20


class Moment(NamedTuple):
    """When to kill: `seconds` after the first checkpoint, or in the middle of write number `write`."""

    seconds: float
    write: int | None


def parts(folder: Path) -> list[str]:
    """Unfinished files of a run's checkpoints."""
    try:
        return [name for name in os.listdir(folder / "checkpoints") if name.endswith(".ckpt.part") and name[1] == "0"]
    except OSError:
        return []


def kill(pid: int, folder: Path, moment: Moment) -> bool:
    """Kill a run; whether it was still alive."""
    seen: set[str] = set()
    begun: float | None = None
    while ended(pid) is None:
        seen.update(unfinished := parts(folder))
        if moment.write is not None and unfinished and len(seen) >= moment.write:
            break
        if begun is None and (folder / "checkpoints" / "last.ckpt").exists():
            begun = time.perf_counter()
        if moment.write is None and begun is not None and time.perf_counter() - begun >= moment.seconds:
            break
    else:
        return False
    os.kill(pid, signal.SIGKILL)
    return wait(pid) == -signal.SIGKILL


def trial(variant: str, place: Path, writing: bool, luck: random.Random) -> tuple[bool, str]:
    """One variant; whether it came back to the bit, and a line about it."""
    arguments = watched(variant, place / "pictures")
    whole, log = place / f"{variant}_whole", place / f"{variant}.txt"
    code, _ = run([*arguments, f"hydra.run.dir={whole}"], log)
    if code:
        return False, f"exit code {code}: {log.read_text()[-300:]}"
    span = max(path.stat().st_mtime for path in (whole / "checkpoints").glob("0*.ckpt")) - min(
        path.stat().st_mtime for path in (whole / "checkpoints").glob("0*.ckpt")
    )
    for number in range(_TRIES):
        folder = place / f"{variant}_{number}"
        moment = Moment(luck.uniform(0, span), luck.randint(2, 9) if writing else None)
        if kill(start([*arguments, f"hydra.run.dir={folder}"], log), folder, moment):
            left = parts(folder)
            if writing and not left:
                continue  # the file had just got its name
            break
    else:
        return False, "was never caught"
    saved = (folder / "checkpoints" / "last.ckpt").resolve().name
    torn = flaw(folder / "checkpoints" / "last.ckpt")
    code, _ = run([f"resume={folder}"], log)
    last = "checkpoints/last.ckpt"
    same = code == 0 and torn is None and digest(folder / last) == digest(whole / last)
    found, wanted = recorded(folder), recorded(whole)
    other = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    how = f"writing {left[0]}" if writing else "at a random moment"
    files = f"DIFFERS in {', '.join(other)}" if other else f"{len(found)} pictures and tables equal"
    told = f"killed {how}, last.ckpt {saved} {torn or 'whole'}, {'equal' if same else 'DIFFERS'}, {files}"
    return same and not other, told


def main(seed: int, chosen: list[str]) -> int:
    """Print a line a variant, and how many came back; 1 if one did not."""
    luck = random.Random(seed)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        make_pictures(place / "pictures")
        good = 0
        for number, variant in enumerate(chosen):
            same, told = trial(variant, place, number % 2 == 1, luck)
            good += same
            print(f"{variant:10} {told}", flush=True)
    print(f"{good} of {len(chosen)} resumed runs are equal to the bit, and so are their pictures and tables")
    return int(good < len(chosen))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0, sys.argv[2:] or list(names())))
