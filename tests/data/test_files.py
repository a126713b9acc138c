"""Where the files of published sets are looked for."""

from dataclasses import replace
from pathlib import Path

import pytest
from torchvision import datasets

from gan_lightning.data import files
from gan_lightning.data.cifar10 import CIFAR10
from gan_lightning.data.files import FileSet
from gan_lightning.data.mnist import MNIST, FashionMNIST
from gan_lightning.errors import UsageError

SETS = [files.MNIST, files.FASHION_MNIST, files.CIFAR10]


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_files_are_those_whose_checksums_are_known():
    assert {*files.MNIST.train, *files.MNIST.test} == set(MNIST.SHA256)
    assert {*files.FASHION_MNIST.train, *files.FASHION_MNIST.test} == set(FashionMNIST.SHA256)
    assert {*files.CIFAR10.train, *files.CIFAR10.test} == set(CIFAR10.MD5)


def test_the_layout_is_torchvisions():
    for fileset, published in ((files.MNIST, datasets.MNIST), (files.FASHION_MNIST, datasets.FashionMNIST)):
        unmade = published.__new__(published)  # its folder is known without its files
        unmade.root = "root"
        assert unmade.raw_folder == f"root/{fileset.folder}"
        assert fileset.name == published.__name__
    assert files.CIFAR10.folder == datasets.CIFAR10.base_folder
    assert files.CIFAR10.what == f"the files of {datasets.CIFAR10.filename}"
    assert list(files.CIFAR10.train) == [name for name, _ in datasets.CIFAR10.train_list]
    assert list(files.CIFAR10.test) == [name for name, _ in datasets.CIFAR10.test_list]


@pytest.mark.parametrize("fileset", SETS, ids=lambda fileset: fileset.name)
def test_a_missing_file_is_one_line_with_its_path_and_three_ways_out(fileset: FileSet, tmp_path: Path):
    fileset = replace(fileset, system=())
    file = fileset.train[0]
    with pytest.raises(UsageError) as raised:
        fileset.locate(tmp_path, file)
    assert str(raised.value) == (
        f"{fileset.name} was not found under {tmp_path} (looked for {tmp_path}/{fileset.folder}/{file}): "
        f"put {fileset.what} there, set data.root=FOLDER, or data.download=true"
    )


@pytest.mark.parametrize("fileset", SETS, ids=lambda fileset: fileset.name)
def test_a_set_is_complete_when_all_its_files_are_there(fileset: FileSet, tmp_path: Path):
    fileset = replace(fileset, system=())
    for file in fileset.train:
        assert not fileset.complete(tmp_path, fileset.train)
        path = put(tmp_path / fileset.folder / file)
        assert fileset.locate(tmp_path, file) == path
    assert fileset.complete(tmp_path, fileset.train)


def test_torchvisions_layout_comes_before_the_root_and_the_root_before_the_system(tmp_path: Path):
    fileset = FileSet("X", "X/raw", ("a",), (), "a", loose=True, system=(str(tmp_path / "system"),))
    candidates = [tmp_path / "system" / "a", tmp_path / "a.gz", tmp_path / "a", tmp_path / "X/raw/a.gz"]
    for path in [*candidates, tmp_path / "X/raw/a"]:  # each comes before those that are there already
        put(path)
        assert fileset.locate(tmp_path, "a") == path


def test_only_a_loose_set_is_found_in_the_root_or_compressed(tmp_path: Path):
    fileset = FileSet("X", "X", ("a",), (), "a")
    for path in (tmp_path / "a", tmp_path / "X" / "a.gz"):
        put(path)
    assert fileset.find(tmp_path, "a") is None
