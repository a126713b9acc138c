"""The sources with two domains."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning import noise
from gan_lightning.data.base import Samples
from gan_lightning.data.mnist import MNIST
from gan_lightning.data.sources import check_domains, check_source, shape_of
from gan_lightning.data.unpaired_folders import UnpairedFolders
from gan_lightning.data.unpaired_gaussians import UnpairedGaussians
from gan_lightning.data.unpaired_mnist import UnpairedMNIST
from gan_lightning.errors import UsageError

LOADING = {"batch_size": 2, "minibatches": 1, "seed": 0}
RING = {"kind": "ring", "modes": None, "radius": None, "sigma": None}
GRID = {"kind": "grid", "modes": None, "radius": None, "sigma": None}


@pytest.fixture
def digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten training digits and three test digits, each a grey level of its own with one white pixel."""

    def samples(n: int, first: int) -> Samples:
        images = torch.arange(first, first + n, dtype=torch.uint8).view(n, 1, 1, 1).repeat(1, 1, 8, 8)
        images[:, :, 0, 1] = 255
        return Samples(images, torch.arange(n) % 10)

    monkeypatch.setattr(MNIST, "load", lambda self: samples(10, 10))
    monkeypatch.setattr(MNIST, "test_samples", lambda self: samples(3, 50))


def unpaired_mnist(map: str = "colour", **own: Any) -> UnpairedMNIST:
    return UnpairedMNIST(**{"map": map, "root": "", "download": False, "size": 8, "flip": False} | LOADING | own)


@pytest.mark.parametrize(("map", "channels"), [("colour", 3), ("invert", 1), ("rotate", 1)])
def test_no_digit_is_in_both_domains_of_unpaired_mnist(digits: None, map: str, channels: int) -> None:
    data = unpaired_mnist(map)
    assert data.shape == (channels, 8, 8) and data.num_classes == 10
    source, target = data.source_samples, data.train_samples
    assert source.values.shape == target.values.shape == (5, channels, 8, 8)
    assert source.values[:, 0, 1, 1].tolist() == [10, 11, 12, 13, 14]
    assert data.map.back(target.values)[:, 0, 4, 4].tolist() == [15, 16, 17, 18, 19]
    assert source.labels is not None and source.labels.tolist() == [0, 1, 2, 3, 4]
    assert target.labels is not None and target.labels.tolist() == [5, 6, 7, 8, 9]


def test_the_true_translation_and_the_digit_of_a_held_out_source_are_known(digits: None) -> None:
    data = unpaired_mnist("invert")
    source = data.held_out_source(7, noise.generator(3))
    assert sorted(source[:3, 0, 1, 1].tolist()) == [50, 51, 52]  # each once before any comes again
    assert torch.equal(data.held_out_source(2, noise.generator(3)), source[:2])
    assert torch.equal(data.true_translation(source), 255 - source)
    assert data.labels_of(source).tolist() == (source[:, 0, 1, 1].int() - 50).tolist()
    assert torch.equal(data.test_samples().values, 255 - data.source_test().values)


def test_what_a_checkpoint_says_tells_maps_apart(digits: None) -> None:
    assert unpaired_mnist("invert").describe() == {
        **{"data": "UnpairedMNIST (invert)", "shape": "1 x 8 x 8", "batch_size": 2, "samples": 5, "source_samples": 5}
    }


def gaussians(**own: Any) -> UnpairedGaussians:
    return UnpairedGaussians(**{"source": RING, "target": GRID, "num_samples": 1000} | LOADING | own)


def test_points_of_both_domains_have_unit_root_mean_square_together() -> None:
    data = gaussians(num_samples=20_000)
    both = torch.cat([data.train_samples.values, data.source_samples.values])
    assert data.scale(both).square().mean().sqrt().item() == pytest.approx(1, abs=0.02)
    torch.testing.assert_close(data.restore(data.scale(both)), both)
    assert data.source_samples.values.abs().max() < 1.1 and data.train_samples.values.abs().max() > 4


def test_domains_of_one_kind_share_no_point() -> None:
    data = gaussians(target=RING)
    points = torch.cat([data.train_samples.values, data.source_samples.values, data.held_out(50, 1)])
    points = torch.cat([points, data.held_out_source(50, noise.generator(1)), data.held_out_source(50, None)])
    assert len(points.unique(dim=0)) == 2150
    assert data.title == "ring (modes 8, radius 1, sigma 0.01) to ring (modes 8, radius 1, sigma 0.01)"
    assert data.true_translation(points) is None


@pytest.fixture
def folders(tmp_path: Path) -> Callable[..., UnpairedFolders]:
    """A factory of sources over three wide and five high pictures, of 9 x 7 and 6 x 10 px."""
    for name, n, size in (("zebras", 3, (7, 9)), ("horses", 5, (10, 6)), ("held", 2, (8, 8))):
        (tmp_path / name).mkdir()
        for number, pixels in enumerate(np.random.default_rng(n).integers(0, 256, (n, *size, 3), np.uint8)):
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")

    def make(source: str = "horses", target: str = "zebras", held: str | None = None, **own: Any) -> UnpairedFolders:
        roots = {
            "source_root": str(tmp_path / source),
            "target_root": str(tmp_path / target),
            "source_test_root": held and str(tmp_path / held),
            "target_test_root": None,
        }
        settings = {"size": 8, "channels": 3, "cache": str(tmp_path / "cache"), "flip": False} | LOADING | own
        return UnpairedFolders(**roots, **settings)

    return make


def test_two_folders_of_any_sizes_and_counts(folders: Callable[..., UnpairedFolders]) -> None:
    data = folders()
    data.setup("fit")
    assert data.epoch_samples == 3
    assert data.train_samples.values.shape == (3, 3, 8, 8) and data.source_samples.values.shape == (5, 3, 8, 8)
    assert (data.num_classes, data.has_test, data.title) == (0, False, "UnpairedFolders (horses to zebras)")
    assert data.held_out_source(5, noise.generator(0)).unique(dim=0).shape == (5, 3, 8, 8)
    held = folders(held="held").held_out_source(4, noise.generator(0))
    assert held.unique(dim=0).shape == (2, 3, 8, 8)


def test_a_folder_that_is_none_is_refused_by_its_own_key(
    folders: Callable[..., UnpairedFolders], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for own, key in (({"source": "empty"}, "source_root"), ({"target": "nowhere"}, "target_root")):
        with pytest.raises(UsageError, match=f"set data.{key}=FOLDER, a folder with pictures$"):
            folders(**own).setup("fit")
    with pytest.raises(UsageError, match="set data.source_test_root=FOLDER"):
        folders(held="empty").held_out_source(1, None)


def test_bad_sources_are_refused_before_they_are_built(composed: Callable[..., Any], picture_folder: Path) -> None:
    node = partial(composed, "data=unpaired_folders", f"data.source_root={picture_folder}")
    with pytest.raises(UsageError, match="/nowhere is not a folder: set data.target_root=FOLDER"):
        check_source(node("data.target_root=/nowhere").data)
    with pytest.raises(
        UsageError, match="data.source_root and data.target_root are both .*: give each domain a folder"
    ):
        check_source(node(f"data.target_root={picture_folder}").data)
    with pytest.raises(UsageError, match="data.kind=grid needs a square number of modes"):
        check_source(composed("data=unpaired_gaussians", knobs=["data.target.kind=grid", "data.target.modes=5"]).data)
    with pytest.raises(UsageError, match="MNIST was not found under /nowhere"):
        check_source(composed("data=unpaired_mnist", knobs=["data.root=/nowhere", "data.download=false"]).data)


@pytest.mark.parametrize(("map", "channels"), [("colour", 3), ("invert", 1)])
def test_the_shape_is_known_of_the_config(composed: Callable[..., Any], map: str, channels: int) -> None:
    assert shape_of(composed("data=unpaired_mnist", knobs=[f"data.map={map}"]).data) == (channels, 28, 28)


@pytest.mark.parametrize("data", ["unpaired_gaussians", "unpaired_mnist"])
def test_two_domains_are_for_a_model_that_asks_for_them(composed: Callable[..., Any], data: str) -> None:
    node = composed(f"data={data}").data
    check_domains(["pairs"], node)
    with pytest.raises(UsageError, match="these data are two domains, .*: choose model=cyclegan"):
        check_domains([], node)
