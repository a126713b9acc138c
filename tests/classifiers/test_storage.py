import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gan_lightning.classifiers.network import Classifier
from gan_lightning.classifiers.storage import check_writable, read, write
from gan_lightning.errors import UsageError


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    made = Classifier(channels=3, size=16, width=8, features=12, num_classes=5)
    made(torch.randint(256, (8, 3, 16, 16), dtype=torch.uint8))  # BatchNorm's statistics move
    return made.eval()


def test_a_classifier_comes_back_rounded_to_half_precision(tmp_path: Path, classifier: Classifier) -> None:
    path = tmp_path / "folder" / "one.safetensors"
    digest = write(classifier, path)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [file.name for file in path.parent.iterdir()] == ["one.safetensors"]
    back = read(path, digest)
    assert back.settings == classifier.settings
    assert not back.training and not any(parameter.requires_grad for parameter in back.parameters())
    assert {value.dtype for value in back.state_dict().values()} <= {torch.float32, torch.int64}
    for name, value in classifier.state_dict().items():
        if value.is_floating_point():
            assert torch.equal(back.state_dict()[name], value.half().float()), name


def test_what_was_read_is_written_as_the_same_bytes(tmp_path: Path, classifier: Classifier) -> None:
    first = write(classifier, tmp_path / "one.safetensors")
    assert write(read(tmp_path / "one.safetensors"), tmp_path / "two.safetensors") == first
    assert {value.dtype for value in load_file(tmp_path / "two.safetensors").values()} == {torch.float16}


def refusal(path: Path, sha256: str | None = None) -> str:
    with pytest.raises(UsageError) as error:
        read(path, sha256)
    assert "\n" not in str(error.value) and str(path) in str(error.value)
    return str(error.value)


def test_a_damaged_file_is_refused_with_both_digests(tmp_path: Path, classifier: Classifier) -> None:
    path = tmp_path / "one.safetensors"
    digest = write(classifier, path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    message = refusal(path, digest)
    assert digest[:12] in message and hashlib.sha256(content).hexdigest()[:12] in message


def test_what_is_no_classifier_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.safetensors"
    assert "can't be read" in refusal(path)
    path.write_bytes(b"nothing of the kind")
    assert "holds no classifier" in refusal(path)
    save_file({"weight": torch.zeros(3)}, path)
    assert "holds no classifier" in refusal(path)
    save_file({"weight": torch.zeros(3)}, path, {"classifier": '{"width": 8}'})
    assert "holds no classifier" in refusal(path)


def test_a_place_that_cannot_be_written_to_is_refused_before_and_after(tmp_path: Path, classifier: Classifier) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "one.safetensors", tmp_path):
        with pytest.raises(UsageError, match="--out"):
            check_writable(path)
        with pytest.raises(UsageError, match="--out"):
            write(classifier, path)


def test_checking_a_place_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "one.safetensors").write_text("old")
    check_writable(tmp_path / "one.safetensors")
    check_writable(tmp_path / "folder" / "two.safetensors")
    assert [path.name for path in tmp_path.rglob("*.*")] == ["one.safetensors"]
    assert (tmp_path / "one.safetensors").read_text() == "old"
