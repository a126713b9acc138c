import gzip
import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from gan_lightning.data import files, mnist, official
from gan_lightning.data.mnist import MNIST, FashionMNIST, IdxImages
from gan_lightning.errors import UsageError

COUNTS = {"train": 6, "t10k": 3}


def images_of(prefix: str) -> Tensor:
    """Every image is grey level 10 n (+ 5 in the test set), with one white pixel in its upper left corner."""
    images = torch.arange(COUNTS[prefix]).mul(10).add(5 * (prefix == "t10k"))[:, None, None].repeat(1, 28, 28)
    images[:, 0, 0] = 255
    return images.to(torch.uint8)


def contents(labels: tuple[int, ...] = (0, 1, 2, 3, 4, 9)) -> dict[str, bytes]:
    files = {}
    for prefix, count in COUNTS.items():
        pixels = bytes(images_of(prefix).flatten().tolist())
        files[f"{prefix}-images-idx3-ubyte"] = struct.pack(">IIII", 0x803, count, 28, 28) + pixels
        files[f"{prefix}-labels-idx1-ubyte"] = struct.pack(">II", 0x801, count) + bytes(labels[:count])
    return files


def place(monkeypatch: pytest.MonkeyPatch, kind: type[IdxImages], folder: Path, files: dict[str, bytes]) -> None:
    """Write the files and make them the official ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    monkeypatch.setattr(kind, "SHA256", {name: hashlib.sha256(content).hexdigest() for name, content in files.items()})


def source(
    root: Path, kind: type[MNIST] | type[FashionMNIST] = MNIST, size: int = 28, download: bool = False
) -> MNIST | FashionMNIST:
    return kind(str(root), download=download, size=size, flip=False, batch_size=2, minibatches=1, seed=0)


@pytest.fixture(autouse=True)
def no_system_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FashionMNIST, "fileset", replace(files.FASHION_MNIST, system=()))


def test_shape_and_classes_are_known_without_files(tmp_path: Path) -> None:
    data = source(tmp_path / "nowhere", size=32)
    assert data.shape == (1, 32, 32)
    assert data.num_classes == 10


def test_the_training_set_is_read_in_torchvisions_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path / "MNIST" / "raw", contents())
    values, labels = source(tmp_path).load()
    assert values.dtype == torch.uint8
    assert torch.equal(values, images_of("train")[:, None])
    assert labels is not None and labels.dtype == torch.int64
    assert labels.tolist() == [0, 1, 2, 3, 4, 9]


def test_test_samples_are_the_test_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path / "MNIST" / "raw", contents())
    values, labels = source(tmp_path).test_samples()
    assert torch.equal(values, images_of("t10k")[:, None])
    assert labels is not None and labels.tolist() == [0, 1, 2]


def test_files_directly_in_the_root_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path, contents())
    assert len(source(tmp_path).load().values) == 6


def test_compressed_files_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path, contents())
    for path in list(tmp_path.iterdir()):
        (tmp_path / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert torch.equal(source(tmp_path).load().values, images_of("train")[:, None])


def test_fashion_is_read_from_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, FashionMNIST, tmp_path / "FashionMNIST" / "raw", contents())
    assert len(source(tmp_path, FashionMNIST).load().values) == 6


def test_fashion_is_read_from_the_systems_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, FashionMNIST, tmp_path / "system", contents())
    monkeypatch.setattr(FashionMNIST, "fileset", replace(files.FASHION_MNIST, system=(str(tmp_path / "system"),)))
    assert len(source(tmp_path / "nowhere", FashionMNIST).load().values) == 6


def test_32_px_are_28_with_two_black_pixels_on_each_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path, contents())
    values = source(tmp_path, size=32).load().values
    expected = torch.zeros(6, 1, 32, 32, dtype=torch.uint8)
    expected[:, 0, 2:30, 2:30] = images_of("train")
    assert torch.equal(values, expected)


@pytest.mark.parametrize("size", [14, 56, 64])
def test_other_sizes_are_resized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    place(monkeypatch, MNIST, tmp_path, contents())
    monkeypatch.setattr(official, "_CHUNK", 4)  # six images in two chunks
    values = source(tmp_path, size=size).load().values
    assert values.shape == (6, 1, size, size) and values.dtype == torch.uint8
    assert values[:, 0, -1, -1].tolist() == [0, 10, 20, 30, 40, 50]  # far from the white pixel nothing changes


def test_halving_is_antialiased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path, contents())
    corner = source(tmp_path, size=14).load().values[0, 0, 0, 0]
    # The triangle of half-width 2 around 1 is 3/4, 3/4, 1/4 at the pixel centres 0.5, 1.5, 2.5: 255 (3/7)^2 = 46.8.
    assert abs(corner.item() - 46.8) <= 1


@pytest.mark.parametrize(("kind", "name"), [(MNIST, "MNIST"), (FashionMNIST, "FashionMNIST")])
def test_a_missing_set_is_one_line_with_the_path_and_three_ways_out(
    tmp_path: Path, kind: type[MNIST] | type[FashionMNIST], name: str
) -> None:
    with pytest.raises(UsageError) as error:
        source(tmp_path, kind).load()
    assert str(error.value) == (
        f"{name} was not found under {tmp_path} (looked for {tmp_path}/{name}/raw/train-images-idx3-ubyte): "
        "put the four IDX files there, set data.root=FOLDER, or data.download=true"
    )


def test_a_single_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path, contents())
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(UsageError, match="looked for .*/MNIST/raw/t10k-labels-idx1-ubyte"):
        source(tmp_path).test_samples()


def test_a_missing_set_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def published(root: str, download: bool) -> None:
        assert download
        place(monkeypatch, MNIST, Path(root) / "MNIST" / "raw", contents())

    published.__name__ = "MNIST"
    monkeypatch.setattr(MNIST, "published", staticmethod(published))
    assert len(source(tmp_path, download=True).load().values) == 6


def test_a_set_that_is_there_is_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path / "MNIST" / "raw", contents())
    monkeypatch.setattr(mnist, "fetch", None)  # calling it would raise
    assert len(source(tmp_path, download=True).load().values) == 6


def test_a_failed_download_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def published(root: str, download: bool) -> None:
        raise RuntimeError("Error downloading train-images:\nTried https://a, got:\n<urlopen error>\n")

    published.__name__ = "MNIST"
    monkeypatch.setattr(MNIST, "published", staticmethod(published))
    with pytest.raises(UsageError) as error:
        source(tmp_path, download=True).load()
    assert str(error.value) == (
        "MNIST could not be downloaded (Error downloading train-images: Tried https://a, got: <urlopen error>): "
        f"put the four IDX files into {tmp_path}/MNIST/raw, or set data.root=FOLDER"
    )


def test_a_label_out_of_range_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, MNIST, tmp_path, contents(labels=(0, 1, 2, 13, 4, 5)))
    with pytest.raises(UsageError, match=r"train-labels-idx1-ubyte is damaged \(label 13 out of range 0\.\.9\): "):
        source(tmp_path).load()


def test_images_and_labels_of_different_number_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = contents()
    files["train-labels-idx1-ubyte"] = struct.pack(">II", 0x801, 5) + bytes(5)
    place(monkeypatch, MNIST, tmp_path, files)
    with pytest.raises(UsageError, match=r"train-labels-idx1-ubyte is damaged \(5 labels for 6 images\)"):
        source(tmp_path).load()


def test_images_of_another_size_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = contents()
    files["train-images-idx3-ubyte"] = struct.pack(">IIII", 0x803, 6, 2, 3) + bytes(36)
    place(monkeypatch, MNIST, tmp_path, files)
    with pytest.raises(UsageError, match="images of 2 x 3 pixels, not 28 x 28"):
        source(tmp_path).load()


def test_the_official_checksums_are_those_of_four_different_files() -> None:
    digests = [*MNIST.SHA256.values(), *FashionMNIST.SHA256.values()]
    assert len(set(digests)) == 8 and {len(digest) for digest in digests} == {64}
