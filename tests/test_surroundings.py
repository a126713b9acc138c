"""What `info` reports."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from gan_lightning import surroundings
from gan_lightning.metrics.published import FILE


def test_versions_are_the_installed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "PACKAGES", ("torch", "no-such-package"))
    found = surroundings.versions()
    assert (found["torch"], found["no-such-package"]) == (version("torch"), "not installed")


def test_a_set_is_found_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    missing = surroundings.data(tmp_path)["cifar10"]
    assert missing.startswith("not there: put the files of cifar-10-python.tar.gz into") and str(folder) in missing
    for file in (*surroundings.SETS["cifar10"].train, *surroundings.SETS["cifar10"].test):
        (folder / file).touch()
    assert surroundings.data(tmp_path)["cifar10"] == f"in {folder}"


def test_inception_is_found_where_torch_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    assert surroundings.networks()["inception"] == f"not there: put {FILE} into {folder}"
    folder.mkdir(parents=True)
    (folder / FILE).touch()
    assert surroundings.networks() == {
        "mnist": "99.70% of its test set, in the package",
        "fashion_mnist": "94.37% of its test set, in the package",
        "cifar10_jpeg": "88.94% of its test set, in the package",
        "inception": f"in {folder}",
    }


def test_devices_name_the_cpu() -> None:
    assert surroundings.devices()["cpu"].startswith(f"{os.cpu_count()} cores")
