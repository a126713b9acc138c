"""Training through the command, on a few digits that anyone can tell apart."""

import hashlib
import re
import struct
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from gan_lightning import app
from gan_lightning.classifiers import training
from gan_lightning.classifiers.catalogue import CATALOGUE
from gan_lightning.classifiers.network import Classifier
from gan_lightning.classifiers.storage import read
from gan_lightning.classifiers.training import accuracy
from gan_lightning.data.base import Samples
from gan_lightning.data.mnist import MNIST


def digits(n: int) -> tuple[Tensor, Tensor]:
    """Class k is an image of grey level 25 k: (n, 28, 28) and (n,), both uint8."""
    labels = torch.arange(n) % 10
    return (25 * labels)[:, None, None].expand(n, 28, 28).to(torch.uint8), labels.to(torch.uint8)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with IDX files that are taken for the official ones."""
    files = {}
    for prefix, n in (("train", 80), ("t10k", 50)):
        images, labels = digits(n)
        files[f"{prefix}-images-idx3-ubyte"] = struct.pack(">IIII", 0x803, n, 28, 28) + bytes(images.flatten().tolist())
        files[f"{prefix}-labels-idx1-ubyte"] = struct.pack(">II", 0x801, n) + bytes(labels.tolist())
    monkeypatch.setattr(MNIST, "SHA256", {name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
    (tmp_path / "digits").mkdir()
    for name, content in files.items():
        (tmp_path / "digits" / name).write_bytes(content)
    return tmp_path / "digits"


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["gan_lightning", "classifier", *arguments])
    return app.main()


def test_the_command_writes_what_it_says_and_the_same_again_by_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path
) -> None:
    digests = []
    for name, seed in (("one", "0"), ("two", "0"), ("three", "1")):
        path = tmp_path / f"{name}.safetensors"
        arguments = ("--root", str(root), "--epochs", "2", "--seed", seed, "--out", str(path))
        assert call(monkeypatch, "mnist", *arguments) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert len(re.findall(r"^epoch [12] of 2: loss \d\.\d{4}, \d+ s$", out, re.MULTILINE)) == 2
        digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
        assert digests[-1] in out
        images, labels = digits(50)
        measured = accuracy(read(path), Samples(images[:, None], labels.long()))
        assert f"mnist: {measured:.2%} of the test set" in out
    assert digests[0] == digests[1] != digests[2]


def test_the_network_is_given_the_training_sets_mean_and_deviation(
    monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "one.safetensors"
    assert call(monkeypatch, "mnist", "--root", str(root), "--epochs", "1", "--out", str(path)) == 0
    classifier = read(path)
    assert classifier.mean.flatten().tolist() == [112.5]  # of 0, 25, ..., 225
    assert classifier.std.item() == pytest.approx(25 * 8.25**0.5, abs=0.05)  # half precision is exact to 1/16 there


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_it_is_trained_in_what_the_machine_is_quickest_in(
    precision: str, monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path
) -> None:
    asked, lowered = [], []
    monkeypatch.setattr(training, "quickest_precision", lambda *of: asked.append(of) or precision)
    scaled = Classifier._scale

    def noted(classifier: Classifier, images: Tensor) -> Tensor:
        lowered.append(torch.is_autocast_enabled(images.device.type) and classifier.training)
        return scaled(classifier, images)

    monkeypatch.setattr(Classifier, "_scale", noted)
    assert call(monkeypatch, "mnist", "--root", str(root), "--epochs", "1", "--out", str(tmp_path / "one")) == 0
    assert asked == [("auto", (1, 28, 28), 643_386)]
    assert any(lowered) == (precision == "bf16-mixed")


def test_accuracy_counts_what_the_largest_logit_gets_right() -> None:
    torch.manual_seed(0)
    classifier = Classifier(channels=1, size=16, width=8, features=8, num_classes=4).eval()
    images = torch.randint(256, (30, 1, 16, 16), dtype=torch.uint8)
    predicted = classifier(images).logits.argmax(dim=1)
    labels = torch.where(torch.arange(30) < 12, predicted, (predicted + 1) % 4)
    assert accuracy(classifier, Samples(images, labels), batch_size=7) == 12 / 30


def test_missing_images_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("gan_lightning.data.mnist.fetch", lambda *arguments: None)  # as if it had found nothing
    assert call(monkeypatch, "mnist", "--root", str(tmp_path)) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and str(tmp_path) in err and "--root FOLDER" in err


@pytest.fixture
def photographs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with train/ and test/, a folder a class, three and one plain pictures in each."""
    monkeypatch.setenv("GAN_LIGHTNING_CACHE", str(tmp_path / "cache"))
    for part, n in (("train", 3), ("test", 1)):
        for label, name in enumerate(CATALOGUE["cifar10_jpeg"].classes):
            folder = tmp_path / "photographs" / part / name
            folder.mkdir(parents=True)
            for index in range(n):
                Image.new("RGB", (32, 32), (25 * label, 255 - 25 * label, 10 * index)).save(folder / f"{index}.png")
    return tmp_path / "photographs"


def test_a_classifier_is_trained_on_folders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photographs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "one.safetensors"
    assert call(monkeypatch, "cifar10_jpeg", "--root", str(photographs), "--epochs", "1", "--out", str(path)) == 0
    assert re.search(r"^cifar10_jpeg: \d+\.00% of the test set", capsys.readouterr().out, re.MULTILINE)
    classifier = read(path)
    assert (classifier.channels, classifier.size, classifier.num_classes) == (3, 32, 10)


@pytest.mark.parametrize("part", ["train", "test"])
def test_folders_of_other_classes_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photographs: Path, part: str
) -> None:
    (photographs / part / "cat").rename(photographs / part / "lion")
    assert call(monkeypatch, "cifar10_jpeg", "--root", str(photographs)) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert str(photographs / part) in last and "lion" in last and "cat" in last


@pytest.mark.parametrize("arguments", [(), ("--root", "nowhere")])
def test_folders_must_be_named_and_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert call(monkeypatch, "cifar10_jpeg", *arguments) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "--root FOLDER" in err
