"""Files of blocks that are gone on with, checked, and written by one process at a time."""

import os
import signal
import time
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gan_lightning.data import cache
from gan_lightning.data.cache import Blocks, ReadAhead, build, open_checked, sums_of
from gan_lightning.errors import UsageError

ROWS, BLOCK = 10, 4
WHOLE = np.arange(ROWS * 6, dtype=np.uint8).reshape(ROWS, 2, 3)


class Maker:
    """Gives the blocks of `WHOLE`, remembers from where on it was asked for them, and stops before row `until`."""

    def __init__(self, until: int = ROWS, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.until, self.error = until, error
        self.asked: list[int] = []
        self.closed = False

    def __call__(self, done: int) -> Blocks:
        self.asked.append(done)
        try:
            for row in range(done, ROWS, BLOCK):
                if row >= self.until:
                    raise self.error("stopped")
                yield WHOLE[row : row + BLOCK]
        finally:
            self.closed = True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "set.npy"


def made(path: Path, maker: Callable[[int], Generator[NDArray[np.uint8], None, None]]) -> None:
    build(path, WHOLE.shape, BLOCK, maker)


def names(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir()) if path.parent.exists() else []


def stopped(path: Path, until: int) -> Path:
    """The unfinished file of a build that was interrupted."""
    maker = Maker(until)
    with pytest.raises(KeyboardInterrupt):
        made(path, maker)
    assert maker.closed
    return path.with_name("set.npy.part")


def test_what_is_built_is_a_plain_file_of_numpys_with_a_checksum_a_block(path: Path) -> None:
    made(path, Maker())
    assert np.array_equal(np.load(path), WHOLE)
    assert len(sums_of(path).read_text().split()) == 3
    assert names(path) == ["set.npy", "set.npy.crc32"]
    assert np.array_equal(open_checked(path, WHOLE.shape, BLOCK).numpy(), WHOLE)


@pytest.mark.parametrize("until", [0, 4, 8])
def test_who_is_stopped_goes_on_behind_the_last_whole_block(path: Path, until: int) -> None:
    stopped(path, until)
    assert names(path) == ["set.npy.part", "set.npy.part.crc32"]
    maker = Maker()
    made(path, maker)
    assert maker.asked == [until]
    assert np.array_equal(open_checked(path, WHOLE.shape, BLOCK).numpy(), WHOLE)
    assert names(path) == ["set.npy", "set.npy.crc32"]


@pytest.mark.parametrize(
    ("harm", "left"),
    [
        (lambda content, sums: (content[:-1], sums), 4),  # the last block is torn
        (lambda content, sums: (content[:-24] + b"\xff" + content[-23:], sums), 4),  # and differs
        (lambda content, sums: (content[:128] + b"\xff" + content[129:], sums), 0),  # the first one does
        (lambda content, sums: (content + b"more", sums), 8),  # a block was begun
        (lambda content, sums: (content, sums[:-1]), 4),  # the last checksum is torn
        (lambda content, sums: (content, ""), 0),
        (lambda content, sums: (b"", sums), 0),
    ],
)
def test_what_a_crash_left_is_believed_as_far_as_its_checksums_go(
    path: Path, harm: Callable[[bytes, str], tuple[bytes, str]], left: int
) -> None:
    part = stopped(path, 8)
    sums = sums_of(part)
    content, lines = harm(part.read_bytes(), sums.read_text().rstrip("\n"))
    part.write_bytes(content)
    sums.write_text(lines)
    maker = Maker()
    made(path, maker)
    assert maker.asked == [left]
    assert np.array_equal(open_checked(path, WHOLE.shape, BLOCK).numpy(), WHOLE)


@pytest.mark.parametrize("error", [UsageError, OSError])
def test_a_mistake_leaves_nothing(path: Path, error: type[Exception]) -> None:
    with pytest.raises(UsageError):
        made(path, Maker(8, error))
    assert not path.parent.exists()


def child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    finally:
        os._exit(0)


def test_a_killed_build_goes_on(path: Path) -> None:
    def slow(done: int) -> Blocks:
        for index, block in enumerate(Maker()(done)):
            if index == 2:
                time.sleep(60)
            yield block

    pid = child(lambda: made(path, slow))
    sums = sums_of(path.with_name("set.npy.part"))
    while not sums.exists() or len(sums.read_text().split()) < 2:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    maker = Maker()
    made(path, maker)
    assert maker.asked == [8]
    assert np.array_equal(open_checked(path, WHOLE.shape, BLOCK).numpy(), WHOLE)


def test_of_several_processes_one_writes_and_the_others_wait(path: Path, tmp_path: Path) -> None:
    def noted(done: int) -> Blocks:
        (tmp_path / str(os.getpid())).touch()
        for block in Maker()(done):
            time.sleep(0.05)
            yield block

    pids = [child(lambda: made(path, noted)) for _ in range(4)]
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
    assert len([pid for pid in pids if (tmp_path / str(pid)).exists()]) == 1
    assert names(path) == ["set.npy", "set.npy.crc32"]
    assert np.array_equal(open_checked(path, WHOLE.shape, BLOCK).numpy(), WHOLE)


def refusal(path: Path, shape: tuple[int, ...] = WHOLE.shape) -> str:
    with pytest.raises(UsageError) as error:
        open_checked(path, shape, BLOCK)
    assert str(error.value).startswith(f"the cache {path} is damaged (")
    assert str(error.value).endswith("): delete it, it will be made anew")
    return str(error.value)


@pytest.mark.parametrize(("offset", "told"), [(0, "samples 0 to 3 differ"), (59, "samples 8 to 9 differ")])
def test_a_changed_byte_is_found_and_its_samples_are_named(path: Path, offset: int, told: str) -> None:
    made(path, Maker())
    content = bytearray(path.read_bytes())
    content[128 + offset] ^= 1
    path.write_bytes(content)
    assert told in refusal(path)


def test_other_harm_is_named_too(path: Path) -> None:
    made(path, Maker())
    assert "uint8 (10, 2, 3)" in refusal(path, (10, 3, 2))
    sums = sums_of(path).read_text()
    sums_of(path).write_text(sums[:18])
    assert "2 checksums of 3 blocks" in refusal(path)
    sums_of(path).unlink()
    assert "No such file" in refusal(path)
    sums_of(path).write_text(sums)
    path.write_bytes(path.read_bytes()[:-1])
    assert refusal(path)
    path.write_bytes(b"")
    assert refusal(path)


def test_checksums_that_are_no_text_are_none(path: Path) -> None:
    sums_of(stopped(path, 8)).write_bytes(b"\xff\xfezz\n")
    maker = Maker()
    made(path, maker)
    assert maker.asked == [0]


def test_of_a_large_file_an_even_share_is_looked_at(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(path, Maker())
    monkeypatch.setattr(cache, "_LOOK", 2 * BLOCK * 6)  # two blocks: the first and the last
    content = bytearray(path.read_bytes())
    content[128 + 30] ^= 1  # in the second of three
    path.write_bytes(content)
    open_checked(path, WHOLE.shape, BLOCK)
    content[-1] ^= 1
    path.write_bytes(content)
    assert "samples 8 to 9 differ" in refusal(path)


def test_rows_are_asked_for_where_they_lie(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(path, Maker())
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda file, begin, length, advice: asked.append((begin, length)))
    ReadAhead(path, open_checked(path, WHOLE.shape, BLOCK))(torch.tensor([9, 2]))
    content = path.read_bytes()
    assert [content[begin : begin + length] for begin, length in asked] == [WHOLE[9].tobytes(), WHOLE[2].tobytes()]
