import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gan_lightning.classifiers import catalogue
from gan_lightning.classifiers.catalogue import CATALOGUE, WEIGHTS, find
from gan_lightning.classifiers.recipes import RECIPES
from gan_lightning.classifiers.shipped import load
from gan_lightning.errors import UsageError

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_file_is_small_and_the_one_that_the_catalogue_knows(name: str) -> None:
    content = CATALOGUE[name].file.read_bytes()
    assert hashlib.sha256(content).hexdigest() == CATALOGUE[name].sha256
    assert 100_000 < len(content) < 1_500_000


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_classifier_is_what_the_catalogue_says(name: str) -> None:
    entry, classifier = CATALOGUE[name], load(name)
    assert (classifier.channels, classifier.size) == (entry.channels, entry.size)
    assert not classifier.training
    assert {(p.dtype, p.requires_grad) for p in classifier.parameters()} == {(torch.float32, False)}
    assert sum(parameter.numel() for parameter in classifier.parameters()) < 750_000
    images = torch.randint(256, (4, entry.channels, entry.size, entry.size), dtype=torch.uint8)
    features, logits = classifier(images)
    assert features.shape == (4, 128) and logits.shape == (4, len(entry.classes))
    assert features.isfinite().all() and features.std(dim=0).max() > 0


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_plain_image_is_not_surely_of_any_class(name: str) -> None:
    entry = CATALOGUE[name]
    grey = torch.full((1, entry.channels, entry.size, entry.size), 127, dtype=torch.uint8)
    assert load(name)(grey).logits.softmax(dim=1).max() < 0.99


def test_every_classifier_has_a_recipe_and_a_file_and_the_other_way_round() -> None:
    assert list(RECIPES) == list(CATALOGUE)
    assert sorted(path.name for path in WEIGHTS.iterdir()) == sorted(entry.file.name for entry in CATALOGUE.values())


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(UsageError) as error:
        load("mnst")
    assert "mnst" in str(error.value) and all(name in str(error.value) for name in CATALOGUE)


def test_a_damaged_file_of_the_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(find("mnist").file.read_bytes())
    content[-1] ^= 1
    (tmp_path / "mnist.safetensors").write_bytes(content)
    monkeypatch.setattr(catalogue, "WEIGHTS", tmp_path)
    with pytest.raises(UsageError, match=f"mnist.safetensors is damaged: .*{CATALOGUE['mnist'].sha256[:12]}"):
        load("mnist")


def test_the_catalogue_does_not_import_torch() -> None:
    code = "import sys, gan_lightning.classifiers.catalogue; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, timeout=60).returncode == 0
