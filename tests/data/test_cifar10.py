import hashlib
import io
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchvision import datasets

from gan_lightning.data.cifar10 import CIFAR10
from gan_lightning.errors import UsageError

TRAIN = [f"data_batch_{number}" for number in range(1, 6)]


class Python2Pickler(pickle._Pickler):  # the one in Python, whose opcodes can be chosen
    """Writes bytes as Python 2 wrote its strings, which is what the official files hold."""

    def save_string(self: Any, value: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    dispatch = pickle._Pickler.dispatch | {bytes: save_string}


def genuine(batch: dict[bytes, Any]) -> bytes:
    """`batch` in protocol 2 with the opcodes and the module names of the official files."""
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(batch)
    return file.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def batch_of(first: int, labels: list[int]) -> dict[bytes, Any]:
    """Image n is first + n everywhere, but 201, 202, 203 in the upper left corner of red, green and blue."""
    data = np.arange(first, first + len(labels), dtype=np.uint8)[:, None].repeat(3072, axis=1)
    data[:, [0, 1024, 2048]] = [201, 202, 203]
    names = [b"a_s_%06d.png" % number for number in range(len(labels))]
    return {b"batch_label": b"training batch 1 of 5", b"labels": labels, b"data": data, b"filenames": names}


def place(monkeypatch: pytest.MonkeyPatch, root: Path, changed: dict[str, bytes] | None = None) -> None:
    """Write six small batches and make them the official ones."""
    files = {name: genuine(batch_of(10 * number, [number, 9])) for number, name in enumerate([*TRAIN, "test_batch"])}
    files |= changed or {}
    folder = root / "cifar-10-batches-py"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    monkeypatch.setattr(CIFAR10, "MD5", {name: hashlib.md5(content).hexdigest() for name, content in files.items()})


def source(root: Path, size: int = 32, download: bool = False) -> CIFAR10:
    return CIFAR10(str(root), download=download, size=size, flip=False, batch_size=2, minibatches=1, seed=0)


def refusal(root: Path) -> str:
    with pytest.raises(UsageError) as error:
        source(root).load()
    assert str(error.value).startswith(f"{root}/cifar-10-batches-py/data_batch_1 is damaged (")
    assert str(error.value).endswith("): put the official file there, or delete it and set data.download=true")
    return str(error.value)


def test_shape_and_classes_are_known_without_files(tmp_path: Path) -> None:
    assert source(tmp_path, size=64).shape == (3, 64, 64)
    assert source(tmp_path).num_classes == 10


def test_the_training_set_is_the_five_batches_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, tmp_path)
    values, labels = source(tmp_path).load()
    assert values.shape == (10, 3, 32, 32) and values.dtype == torch.uint8
    assert values[:, 0, 5, 7].tolist() == [0, 1, 10, 11, 20, 21, 30, 31, 40, 41]
    assert labels is not None and labels.dtype == torch.int64
    assert labels.tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]


def test_rows_are_red_then_green_then_blue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, tmp_path)
    assert source(tmp_path).load().values[3, :, 0, 0].tolist() == [201, 202, 203]


def test_test_samples_are_the_test_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, tmp_path)
    values, labels = source(tmp_path).test_samples()
    assert values[:, 2, 31, 31].tolist() == [50, 51]
    assert labels is not None and labels.tolist() == [5, 9]


def test_other_sizes_are_resized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, tmp_path)
    values = source(tmp_path, size=16).load().values
    assert values.shape == (10, 3, 16, 16) and values.dtype == torch.uint8
    assert values[:, 0, 15, 15].tolist() == [0, 1, 10, 11, 20, 21, 30, 31, 40, 41]


def test_the_checksums_are_torchvisions() -> None:
    assert list(CIFAR10.MD5) == [*TRAIN, "test_batch"]
    assert CIFAR10.MD5["test_batch"] == datasets.CIFAR10.test_list[0][1]


def test_a_missing_set_is_one_line_with_the_path_and_three_ways_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        source(tmp_path).load()
    assert str(error.value) == (
        f"CIFAR10 was not found under {tmp_path} (looked for {tmp_path}/cifar-10-batches-py/data_batch_1): put the "
        "files of cifar-10-python.tar.gz there, set data.root=FOLDER, or data.download=true"
    )


def test_a_failed_download_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(self: datasets.CIFAR10) -> None:
        raise OSError("<urlopen error [Errno -3] Temporary failure in name resolution>")

    monkeypatch.setattr(datasets.CIFAR10, "download", offline)
    with pytest.raises(UsageError) as error:
        source(tmp_path, download=True).load()
    assert str(error.value) == (
        "CIFAR10 could not be downloaded (<urlopen error [Errno -3] Temporary failure in name resolution>): put the "
        f"files of cifar-10-python.tar.gz into {tmp_path}/cifar-10-batches-py, or set data.root=FOLDER"
    )


def test_one_changed_byte_is_refused_before_unpickling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, tmp_path)
    (tmp_path / "cifar-10-batches-py" / "data_batch_1").write_bytes(b"no pickle at all")
    assert "(MD5 differs from the official file's)" in refusal(tmp_path)


class Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def test_a_pickle_that_would_run_a_command_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = genuine(batch_of(0, [1]) | {b"filenames": Hostile(tmp_path / "ran")})
    place(monkeypatch, tmp_path, {"data_batch_1": content})
    assert f"(not a batch of CIFAR-10: asks for {os.system.__module__}.system)" in refusal(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_arrays_of_objects_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = genuine(batch_of(0, [1]) | {b"data": np.array([None, 1], dtype=object)})
    place(monkeypatch, tmp_path, {"data_batch_1": content})
    assert "holds an array of 'O8', not of bytes" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x80\x02", genuine({}), genuine({b"data": 1, b"labels": 2})])
def test_a_pickle_of_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    place(monkeypatch, tmp_path, {"data_batch_1": content})
    assert "(not a batch of CIFAR-10: " in refusal(tmp_path)


def test_images_and_labels_of_different_number_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, tmp_path, {"data_batch_1": genuine(batch_of(0, [1, 2]) | {b"labels": [1, 2, 3]})})
    assert "(pixels of shape (2, 3072) for 3 labels)" in refusal(tmp_path)


@pytest.mark.parametrize("label", [10, -1])
def test_a_label_out_of_range_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: int) -> None:
    place(monkeypatch, tmp_path, {"data_batch_1": genuine(batch_of(0, [1, label]))})
    assert f"(label {label} out of range 0..9)" in refusal(tmp_path)
