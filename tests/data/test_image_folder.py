import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from gan_lightning.data import image_folder
from gan_lightning.data.image_folder import ImageFolder
from gan_lightning.data.pictures import read_square
from gan_lightning.errors import UsageError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def save(path: Path, colour: Any = RED, size: tuple[int, int] = (8, 8), mode: str = "RGB", **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    return tmp_path / "pictures"


def source(root: Path, size: int = 4, channels: int = 3) -> ImageFolder:
    return ImageFolder(
        str(root),
        size=size,
        channels=channels,
        cache=str(root.parent / "cache"),
        test_root=None,
        flip=False,
        batch_size=2,
        minibatches=1,
        seed=0,
    )


def caches(root: Path) -> list[Path]:
    """The decoded files, or what there is of an unfinished one."""
    found = sorted((root.parent / "cache").iterdir())
    return [path for path in found if path.suffix == ".npy"] or found


def refusal(root: Path) -> str:
    with pytest.raises(UsageError) as error:
        source(root).load()
    assert "\n" not in str(error.value)
    return str(error.value)


# Which pictures, which classes


def test_shape_is_known_without_the_folder(tmp_path: Path) -> None:
    assert source(tmp_path / "nowhere", size=16, channels=1).shape == (1, 16, 16)


def test_pictures_directly_in_the_folder_have_no_classes(root: Path) -> None:
    save(root / "b.png", GREEN)
    save(root / "a.png", RED)
    data = source(root)
    values, labels = data.load()
    assert values.dtype == torch.uint8 and values.shape == (2, 3, 4, 4)
    assert values[:, :, 0, 0].tolist() == [[255, 0, 0], [0, 255, 0]]
    assert labels is None and data.num_classes == 0


def test_subfolders_are_the_classes_in_alphabetical_order(root: Path) -> None:
    save(root / "dog" / "1.png", GREEN)
    save(root / "cat" / "deep" / "er" / "2.png", RED)
    save(root / "cat" / "1.png", BLUE)
    (root / "empty").mkdir()
    data = source(root)
    assert data.num_classes == 2
    values, labels = data.load()
    assert values[:, :, 0, 0].tolist() == [[0, 0, 255], [255, 0, 0], [0, 255, 0]]
    assert labels is not None and labels.dtype == torch.int64 and labels.tolist() == [0, 0, 1]


def test_endings_count_in_any_case_and_other_files_do_not(root: Path) -> None:
    names = ["a.jpg", "b.JPEG", "c.Png", "d.webp", "e.bmp", "f.GIF", "g.tiff", "h.tif"]
    for name in names:
        save(root / name)
    (root / "labels.csv").write_text("not a picture")
    (root / "README").write_text("not a picture")
    assert len(source(root).load().values) == len(names)


def test_hidden_files_and_folders_are_left_out(root: Path) -> None:
    save(root / "a.png")
    save(root / ".thumbnails" / "a.png")
    (root / "._a.png").write_bytes(b"resource fork")
    data = source(root)
    assert len(data.load().values) == 1 and data.num_classes == 0


def test_links_are_followed_and_a_circle_of_links_ends(root: Path) -> None:
    save(root.parent / "elsewhere" / "a.png")
    (root / "linked").symlink_to(root.parent / "elsewhere")
    (root / "linked" / "back").symlink_to(root)
    assert len(source(root).load().values) == 1


def test_pictures_both_beside_and_in_subfolders_are_refused(root: Path) -> None:
    save(root / "a.png")
    save(root / "cat" / "b.png")
    assert refusal(root) == (
        f"{root} holds pictures itself (a.png) and in subfolders (cat/b.png): "
        "move all of them into subfolders, one a class, or all into one folder"
    )


def test_a_folder_without_pictures_is_refused(root: Path) -> None:
    (root / "notes.txt").write_text("nothing")
    assert refusal(root) == (
        f"{root} holds no pictures (.bmp .gif .jpeg .jpg .png .tif .tiff .webp): "
        "set data.root=FOLDER, a folder with pictures"
    )


def test_a_missing_folder_is_refused(root: Path) -> None:
    assert refusal(root / "typo") == f"{root}/typo is not a folder: set data.root=FOLDER, a folder with pictures"


def test_a_link_to_nothing_is_named(root: Path) -> None:
    (root / "a.png").symlink_to(root / "gone.png")
    assert refusal(root) == f"{root}/a.png cannot be read (No such file or directory): mend or remove it"


def test_other_numbers_of_channels_are_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="data.channels=4: it is 1 for grey or 3 for colour"):
        source(root, channels=4)


# What a picture becomes


def test_the_centre_is_kept_and_the_shorter_side_fits(root: Path) -> None:
    picture = Image.new("RGB", (24, 8), BLUE)
    picture.paste(GREEN, (8, 0, 16, 8))
    picture.save(root / "a.png")
    assert torch.equal(source(root).load().values[0, :, 1, 1], torch.tensor(GREEN, dtype=torch.uint8))
    assert read_square(root / "a.png", 8, 3).tolist() == [[[0] * 8] * 8, [[255] * 8] * 8, [[0] * 8] * 8]


def test_a_picture_of_the_wanted_size_keeps_its_pixels(root: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(root / "a.png")
    assert np.array_equal(read_square(root / "a.png", 8, 3), pixels.transpose(2, 0, 1))


def test_shrinking_is_antialiased(root: Path) -> None:
    stripes = np.zeros((64, 64), dtype=np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(root / "a.png")
    square = read_square(root / "a.png", 8, 1)
    assert square.min() >= 120 and square.max() <= 135  # grey; the nearest pixel would be black or white


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tiff"])
def test_the_cameras_orientation_is_applied(root: Path, ending: str) -> None:
    picture = Image.new("L", (64, 64), 0)
    picture.paste(255, (0, 0, 64, 32))  # white above black, as stored
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    picture.convert("RGB").save(root / f"a.{ending}", exif=exif)
    square = read_square(root / f"a.{ending}", 8, 1)[0]
    assert square[:, 0].max() < 20 and square[:, -1].min() > 235  # white at the right


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, WHITE),
        ("L", 77, (77, 77, 77)),
        ("LA", (77, 0), WHITE),
        ("RGBA", (*RED, 255), RED),
        ("RGBA", (0, 0, 255, 51), (204, 204, 255)),  # a fifth of blue over white
        ("I;16", 65535, WHITE),
        ("I;16", 32896, (128, 128, 128)),  # 128 x 257
        ("I;16", 200, (1, 1, 1)),  # 200 / 257 rounds to 1
    ],
)
def test_every_mode_becomes_colour(root: Path, mode: str, colour: Any, expected: tuple[int, int, int]) -> None:
    path = save(root / "a.png", colour, mode=mode)
    assert read_square(path, 4, 3).reshape(3, -1).T.tolist() == [list(expected)] * 16


def test_a_transparent_palette_entry_is_white(root: Path) -> None:
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([*BLUE, *RED])
    picture.paste(0, (0, 0, 4, 8))
    picture.save(root / "a.png", transparency=0)
    picture.save(root / "b.png", transparency=b"\x00\xff")
    for name in ("a.png", "b.png"):
        square = read_square(root / name, 8, 3)
        assert square[:, 0, 0].tolist() == [255, 255, 255] and square[:, 0, 7].tolist() == [255, 0, 0]


def test_cmyk_becomes_colour(root: Path) -> None:
    path = save(root / "a.jpg", (0, 255, 255, 0), size=(16, 16), mode="CMYK", quality=100)
    assert np.abs(read_square(path, 4, 3)[:, 0, 0].astype(int) - RED).max() <= 3


def test_the_first_frame_of_an_animation_is_taken(root: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (GREEN, RED)]
    frames[0].save(root / "a.gif", save_all=True, append_images=frames[1:])
    assert read_square(root / "a.gif", 4, 3)[:, 0, 0].tolist() == [0, 255, 0]


def test_one_channel_is_the_luma(root: Path) -> None:
    save(root / "a.png", GREEN)
    data = source(root, channels=1)
    assert data.shape == (1, 4, 4)
    assert data.load().values.unique().tolist() == [150]  # 0.587 x 255 = 149.7


def test_a_large_jpeg_is_about_what_its_lossless_twin_is(root: Path) -> None:
    ramp = np.linspace(0, 255, 512).astype(np.uint8)[None].repeat(512, 0)
    Image.fromarray(ramp).convert("RGB").save(root / "a.jpg", quality=95)
    Image.fromarray(ramp).save(root / "b.png")
    lossy, lossless = (read_square(root / name, 16, 3).astype(int) for name in ("a.jpg", "b.png"))
    assert np.abs(lossy - lossless).max() <= 2


def test_files_that_are_no_pictures_are_counted_and_the_first_is_named(root: Path) -> None:
    save(root / "a.png")
    (root / "b.png").write_text("<html>404</html>")
    (root / "c.jpg").write_bytes(b"")
    assert refusal(root) == (
        f"2 of 3 files under {root} cannot be read as pictures, the first is {root}/b.png "
        "(no picture in a known format): mend or remove them"
    )
    assert not (root.parent / "cache").exists()


def test_a_truncated_picture_is_named_with_the_reason(root: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(root / "a.png")
    content = (root / "a.png").read_bytes()
    (root / "a.png").write_bytes(content[: len(content) // 2])
    assert f"the first is {root}/a.png (" in refusal(root)
    assert "truncated" in refusal(root)


def test_other_formats_under_a_pictures_name_are_refused(root: Path) -> None:
    (root / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n")
    assert "no picture in a known format" in refusal(root)


# The cache


def test_the_second_use_decodes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(root / "cat" / "a.png", RED)
    save(root / "dog" / "b.png", GREEN)
    first = source(root).load()
    monkeypatch.setattr(image_folder, "read_square", None)  # calling it would raise
    second = source(root).load()
    assert torch.equal(first.values, second.values)
    assert first.labels is not None and second.labels is not None and torch.equal(first.labels, second.labels)


def test_the_cache_is_a_plain_npy_file(root: Path) -> None:
    save(root / "a.png", RED)
    values = source(root).load().values
    (path,) = caches(root)
    assert path.name.startswith("pictures-3x4x4-") and path.suffix == ".npy"
    assert np.array_equal(np.load(path), values.numpy())


def test_more_pictures_than_a_block_keep_their_order(root: Path) -> None:
    for number in range(50):
        save(root / f"{number:02}.png", number, mode="L")
    assert source(root, channels=1).load().values[:, 0, 0, 0].tolist() == list(range(50))


@pytest.mark.parametrize("change", ["touch", "rename", "add", "remove", "grow"])
def test_a_changed_folder_gets_a_new_cache(root: Path, change: str) -> None:
    first, second = save(root / "a.png"), save(root / "b.png")
    source(root).load()
    if change == "touch":
        os.utime(first, ns=(0, first.stat().st_mtime_ns + 1))
    elif change == "rename":
        first.rename(root / "c.png")
    elif change == "add":
        save(root / "c.png")
    elif change == "remove":
        second.unlink()
    else:
        status = first.stat()
        first.write_bytes(first.read_bytes() + b"\0")
        os.utime(first, ns=(status.st_atime_ns, status.st_mtime_ns))
    source(root).load()
    assert len(caches(root)) == 2


def test_sizes_and_channels_have_caches_of_their_own(root: Path) -> None:
    save(root / "a.png")
    for size, channels in ((4, 3), (8, 3), (4, 1)):
        assert source(root, size, channels).load().values.shape == (1, channels, size, size)
    assert len(caches(root)) == 3


def test_two_folders_with_the_same_names_sizes_and_times_are_kept_apart(tmp_path: Path) -> None:
    for name, colour in (("one", RED), ("two", GREEN)):
        path = save(tmp_path / name / "pictures" / "a.bmp", colour)
        os.utime(path, (0, 0))
    colours = [source(tmp_path / name / "pictures").load().values[0, :, 0, 0].tolist() for name in ("one", "two")]
    assert colours == [[255, 0, 0], [0, 255, 0]]


def test_a_build_that_is_interrupted_goes_on_where_it_stood(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        save(root / f"{number:02}.png", number, mode="L")
    read: list[str] = []

    def slowly(path: Path, size: int, channels: int) -> NDArray[np.uint8]:
        read.append(path.name)
        if path.name == "40.png" and len(read) < 60:
            raise KeyboardInterrupt
        return read_square(path, size, channels)

    monkeypatch.setattr(image_folder, "read_square", slowly)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with pytest.raises(KeyboardInterrupt):
        source(root, channels=1).load()
    assert [path.suffix for path in caches(root)] == [".part", ".crc32"]
    read[:] = [""] * 60
    assert source(root, channels=1).load().values[:, 0, 0, 0].tolist() == list(range(50))
    assert sorted(read[60:]) == [f"{number:02}.png" for number in range(32, 50)]  # two blocks of 16 were there
    assert len(caches(root)) == 1


def test_a_damaged_cache_is_named(root: Path) -> None:
    save(root / "a.png")
    source(root).load()
    (path,) = caches(root)
    path.write_bytes(path.read_bytes()[:-1])
    message = refusal(root)
    assert message.startswith(f"the cache {path} is damaged (")
    assert message.endswith("): delete it, it will be made anew")


def test_a_cache_folder_that_cannot_be_made_is_named(root: Path) -> None:
    save(root / "a.png")
    (root.parent / "cache").write_text("in the way")
    message = refusal(root)
    assert message.startswith(f"the cache {root.parent}/cache/pictures-3x4x4-")
    assert message.endswith("cannot be written (File exists): set data.cache=FOLDER, with space for it")


def test_on_a_cpu_the_set_stays_in_the_mapped_file(root: Path) -> None:
    save(root / "a.png")
    data = source(root)
    values = data.load().values
    assert data.resident(values, torch.device("cpu")).data_ptr() == values.data_ptr()


def test_what_stays_in_the_mapped_file_is_fetched_ahead_and_what_was_moved_is_not(root: Path) -> None:
    save(root / "a.png")
    data = source(root)
    values = data.load().values
    assert data.ahead(values) is not None
    assert data.ahead(values.clone()) is None


@pytest.mark.parametrize(("free", "moved"), [(3 * 48, True), (3 * 48 - 1, False)])
def test_a_set_of_more_than_a_third_of_the_devices_memory_stays_in_the_mapped_file(
    root: Path, monkeypatch: pytest.MonkeyPatch, free: int, moved: bool
) -> None:
    save(root / "a.png")  # 3 x 4 x 4 = 48 bytes
    data = source(root)
    values = data.load().values
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, free))
    monkeypatch.setattr(torch.Tensor, "to", lambda self, device: torch.empty(0))
    assert (data.resident(values, torch.device("cuda")) is values) is not moved


def test_labels_are_where_the_samples_are_gathered(root: Path) -> None:
    for name in ("cat/a.png", "dog/b.png"):
        save(root / name)
    data = source(root)
    strategy = SimpleNamespace(root_device=torch.device("meta"))  # any device that the set is not moved to
    data.trainer = SimpleNamespace(strategy=strategy, global_rank=0, world_size=1)  # type: ignore[assignment]
    (batch,) = data.train_dataloader()
    assert batch.real.device.type == "cpu"
    assert batch.labels is not None and sorted(batch.labels.tolist()) == [0, 1]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_and_elsewhere_only_of_what_takes_long(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save(root / "a.png")
    source(root).load()
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(image_folder, "_SELDOM", 1e-9)
    source(root, size=8).load()
    assert f"decoding {root}: 100%" in capsys.readouterr().err
    with redirect_stderr(Terminal()) as terminal:
        source(root, size=16).load()
    assert f"decoding {root}: 100%" in terminal.getvalue() and terminal.getvalue().endswith("\n")


def test_an_unreadable_picture_leaves_nothing_of_the_bar_on_a_terminal(root: Path) -> None:
    (root / "a.png").write_bytes(b"no picture")
    with redirect_stderr(Terminal()) as terminal, pytest.raises(UsageError, match="1 of 1 files"):
        source(root).load()
    assert re.fullmatch(r"(\rdecoding [^\r\n]*)+\r +\r", terminal.getvalue())


@pytest.mark.parametrize("deep", ["", "cat/"])
def test_what_is_no_regular_file_is_no_picture_and_nobody_waits_for_it(root: Path, deep: str) -> None:
    save(root / deep / "a.png")
    os.mkfifo(root / deep / "f.png")
    (root / deep / "null.png").symlink_to("/dev/null")
    assert refusal(root) == f"{root}/{deep}f.png is no picture, for it is no regular file: remove it"
    (root / deep / "f.png").unlink()
    assert refusal(root) == f"{root}/{deep}null.png is no picture, for it is no regular file: remove it"


@pytest.mark.slow
def test_a_signal_does_not_wait_for_a_picture_that_is_being_read(root: Path) -> None:
    for name in ("a", "b"):
        save(root / f"{name}.png")
    program = f"""
import os, signal, threading
from gan_lightning.data import image_folder
from gan_lightning.interruption import Listener
def stuck(*picture):
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait()
image_folder.read_square = stuck
with Listener():
    image_folder.ImageFolder({str(root)!r}, 4, 3, {str(root.parent / "cache")!r}, None, False, 2, 1, 0).load()
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 143
