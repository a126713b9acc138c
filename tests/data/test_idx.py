import gzip
import hashlib
import struct
from pathlib import Path

import pytest
import torch

from gan_lightning.data.idx import read_idx
from gan_lightning.errors import UsageError

IMAGES = struct.pack(">IIII", 0x803, 2, 1, 3) + bytes([0, 1, 2, 253, 254, 255])
LABELS = struct.pack(">II", 0x801, 3) + bytes([7, 0, 9])


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "train-images-idx3-ubyte"


def refusal(path: Path, content: bytes, dimensions: int = 3) -> str:
    path.write_bytes(content)
    with pytest.raises(UsageError) as error:
        read_idx(path, dimensions, digest(content))
    message = str(error.value)
    assert message.startswith(f"{path} is damaged (") and "\n" not in message
    assert message.endswith("): put the official file there, or delete it and set data.download=true")
    return message


def test_images_have_the_shape_of_the_header(path: Path) -> None:
    path.write_bytes(IMAGES)
    images = read_idx(path, 3, digest(IMAGES))
    assert images.dtype == torch.uint8
    assert images.tolist() == [[[0, 1, 2]], [[253, 254, 255]]]


def test_labels_are_one_dimensional(path: Path) -> None:
    path.write_bytes(LABELS)
    assert read_idx(path, 1, digest(LABELS)).tolist() == [7, 0, 9]


def test_a_compressed_file_is_verified_by_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(IMAGES))
    assert torch.equal(read_idx(path, 3, digest(IMAGES)).flatten(), torch.tensor([0, 1, 2, 253, 254, 255]))


def test_a_truncated_compressed_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "images.gz", gzip.compress(IMAGES)[:-9])


def test_what_is_not_compressed_is_refused_under_a_compressed_name(tmp_path: Path) -> None:
    assert "Not a gzipped file" in refusal(tmp_path / "images.gz", IMAGES)


def test_a_short_file_is_refused(path: Path) -> None:
    assert "shorter than its header says: 5 bytes of data, not 6" in refusal(path, IMAGES[:-1])


def test_a_long_file_is_refused(path: Path) -> None:
    assert "longer than its header says: 7 bytes of data, not 6" in refusal(path, IMAGES + b"\0")


def test_a_file_without_a_whole_header_is_refused(path: Path) -> None:
    assert "15 bytes are shorter than an IDX header of 16" in refusal(path, IMAGES[:15])


def test_labels_are_not_taken_for_images(path: Path) -> None:
    assert "starts with 00000801, not with the magic number 00000803" in refusal(path, LABELS + bytes(16))


def test_a_header_that_announces_nothing_is_refused(path: Path) -> None:
    assert "empty: its header says 0 x 28 x 28" in refusal(path, struct.pack(">IIII", 0x803, 0, 28, 28))


def test_one_changed_byte_is_refused(path: Path) -> None:
    path.write_bytes(IMAGES[:-1] + b"\0")
    with pytest.raises(UsageError, match="sha256 differs from the official file's"):
        read_idx(path, 3, digest(IMAGES))
