"""Runs on a disk that fills up, and with TMPDIR elsewhere, as root: `python tests/benchmarks/full_disk.py`.

Ten runs each, on a tmpfs of 8 MB that a file fills to another degree each time. What counts where the disk fills up in
the middle of a run: exit code 2 and one line, every checkpoint and `last.ckpt` whole, nothing half-written, and once
there is room again, a resumed run whose last checkpoint has the sha256 of the uninterrupted one's. With TMPDIR on a
full file system of its own: nothing is noticed.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runs import digest, run, tiny

from gan_lightning.runs.sidecar import flaw
from gan_lightning.runs.whole import numbered

SIZE = 8_000_000
TRIES = 10
LAST = Path("checkpoints", "last.ckpt")


@contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, free: int) -> Path:
    """Leave so many bytes free."""
    path = folder / "filler"
    there = os.statvfs(folder)
    path.write_bytes(bytes(max(0, there.f_bavail * there.f_bsize - free)))
    return path


def on_a_full_disk(arguments: list[str], whole: Path, place: Path, luck: random.Random) -> tuple[bool, str]:
    """One run; whether all that counts was so, and a line about it."""
    log = place / "log.txt"
    log.unlink(missing_ok=True)
    with disk(place / "disk") as mounted:
        size = (whole / LAST).stat().st_size
        filler = fill(mounted, int(size * luck.uniform(1.5, 8)))
        folder = mounted / "run"
        code, _ = run([*arguments, f"hydra.run.dir={folder}"], log)
        found = numbered(folder / "checkpoints")
        intact = (folder / LAST).is_file() and not any(map(flaw, [*found, folder / LAST]))
        left = [path.name for path in (folder / "checkpoints").glob(".*")]
        lines = [line for line in log.read_text().splitlines() if line.startswith("gan_lightning") or "Error" in line]
        filler.unlink()
        again, _ = run([f"resume={folder}"], log)
        same = again == 0 and digest(folder / LAST) == digest(whole / LAST)
    good = code == 2 and intact and not left and len(lines) == 1 and same
    return good, f"exit code {code}, {len(found)} whole, left {left}, resumed {'equal' if same else 'NOT'}: {lines}"


def with_a_full_tmpdir(arguments: list[str], whole: Path, place: Path) -> tuple[bool, str]:
    """One run; the same."""
    with disk(place / "tmp") as mounted:
        fill(mounted, 0)
        os.environ["TMPDIR"], before = str(mounted), os.environ.get("TMPDIR")
        tempfile.tempdir = None
        folder = place / "elsewhere"
        code, _ = run([*arguments, f"hydra.run.dir={folder}"], place / "log.txt")
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before
        tempfile.tempdir = None
    intact = not any(map(flaw, numbered(folder / "checkpoints")))
    same = code == 0 and digest(folder / LAST) == digest(whole / LAST)
    subprocess.run(["rm", "-r", str(folder)], check=True)
    return same and intact, f"exit code {code}, {'equal' if same else 'NOT'}"


def main() -> int:
    """Print a line a run, and how many were as they should be; 1 if one was not."""
    luck = random.Random(0)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        arguments = tiny("wgan_gp", place)
        arguments = [*(word for word in arguments if ".width" not in word), "logger=none"]
        arguments.remove("~logger.tensorboard")
        whole = place / "whole"
        run([*arguments, f"hydra.run.dir={whole}"], place / "whole.txt")
        full = [on_a_full_disk(arguments, whole, place, luck) for _ in range(TRIES)]
        other = [with_a_full_tmpdir(arguments, whole, place) for _ in range(TRIES)]
    for _, told in [*full, *other]:
        print(told)
    good = [sum(fine for fine, _ in tried) for tried in (full, other)]
    print(f"full disk: {good[0]} of {TRIES}; TMPDIR on another file system, full: {good[1]} of {TRIES}")
    return int(sum(good) < 2 * TRIES)


if __name__ == "__main__":
    sys.exit(main())
