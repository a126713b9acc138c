"""What a data node tells without its class is what the class says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_lightning.build import build
from gan_lightning.data.sources import (
    _SOURCES,
    check_domains,
    check_enough,
    check_labels,
    check_source,
    shape_of,
)
from gan_lightning.errors import UsageError

CONF = Path(__file__).parents[2] / "conf" / "data"
SHIPPED = sorted(path.stem for path in CONF.glob("*.yaml"))
Composed = Callable[..., Any]


def root_of(data: str, folder: Path) -> list[str]:
    two = [f"data.source_root={folder}", f"data.target_root={folder.parent}"]
    return {"image_folder": [f"data.root={folder}"], "unpaired_folders": two}.get(data, [])


@pytest.mark.parametrize("data", SHIPPED)
def test_the_shape_of_every_shipped_source_is_known_without_it(data: str, composed: Composed, picture_folder: Path):
    node = composed(f"data={data}", *root_of(data, picture_folder)).data
    assert shape_of(node) == build(node).shape


@pytest.mark.parametrize(
    ("data", "knobs", "shape"),
    [
        ("mnist", ["data.size=32"], (1, 32, 32)),
        ("cifar10", ["data.size=48"], (3, 48, 48)),
        ("image_folder", ["data.size=28", "data.channels=1"], (1, 28, 28)),
        ("linear_gaussian", ["data.matrix=[[1.0,0.0,0.0],[0.0,1.0,0.0],[0.0,0.0,1.0]]", "data.offset=[0,0,0]"], (3,)),
    ],
)
def test_the_shape_follows_the_knobs(
    data: str, knobs: list[str], shape: tuple[int, ...], composed: Composed, picture_folder: Path
):
    node = composed(f"data={data}", *root_of(data, picture_folder), knobs=knobs).data
    assert shape_of(node) == shape == build(node).shape


def test_every_shipped_source_is_known(composed: Composed):
    assert {composed(f"data={data}").data._target_ for data in SHIPPED} == set(_SOURCES)


def test_a_source_from_elsewhere_has_no_known_shape_and_passes():
    node = {"_target_": "elsewhere.Data", "root": "/nowhere"}
    assert shape_of(node) is None
    check_source(node)


@pytest.mark.parametrize(("data", "name"), [("mnist", "MNIST"), ("cifar10", "CIFAR10")])
def test_a_published_set_must_be_there_unless_it_may_be_downloaded(
    data: str, name: str, composed: Composed, tmp_path: Path
):
    node = composed(f"data={data}", knobs=[f"data.root={tmp_path}", "data.download=false"]).data
    with pytest.raises(UsageError, match=f"^{name} was not found under {tmp_path} "):
        check_source(node)
    with pytest.raises(UsageError) as raised:
        build(node).load()
    with pytest.raises(UsageError) as early:
        check_source(node)
    assert str(early.value) == str(raised.value)
    node.download = True
    check_source(node)


def test_pictures_must_be_there(composed: Composed, tmp_path: Path, picture_folder: Path):
    node = composed("data=image_folder", f"data.root={tmp_path / 'nowhere'}").data
    for root, fragment in ((tmp_path / "nowhere", "is not a folder"), (tmp_path, "holds no pictures")):
        node.root = str(root)
        with pytest.raises(UsageError, match=fragment):
            check_source(node)
    node.root = str(picture_folder)
    check_source(node)


def test_an_iteration_takes_no_more_samples_than_there_are():
    check_enough(12, 12)
    with pytest.raises(UsageError, match=r"^the data has 11 samples, but one iteration takes 12 .*: lower data\."):
        check_enough(11, 12)


def test_a_drawn_set_is_large_enough_for_all_discriminator_steps(composed: Composed):
    check_source(composed(knobs=["data.num_samples=3072", "model.n_critic=3"]).data)
    with pytest.raises(UsageError, match="has 3071 samples, but one iteration takes 3072"):
        check_source(composed(knobs=["data.num_samples=3071", "model.n_critic=3"]).data)


@pytest.mark.parametrize("data", SHIPPED)
def test_what_a_source_offers_is_what_its_class_has(data: str, composed: Composed, tmp_path: Path):
    for folder in ("with/a", "with/b", "without"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.png").touch()
    for root in ("with", "without"):
        node = composed(f"data={data}", *root_of(data, tmp_path / root)).data
        labelled = _SOURCES[node["_target_"]].labelled(node)
        assert labelled == (build(node).num_classes > 1)


def test_a_model_that_needs_labels_is_refused_data_without(composed: Composed):
    with pytest.raises(UsageError, match="^this model needs labelled data: choose data=mnist"):
        check_labels(["labels"], composed("data=gaussians").data)
    check_labels([], composed("data=gaussians").data)
    check_labels(["labels"], composed("data=mnist").data)


def test_a_model_of_two_domains_is_refused_one_and_the_other_way_round(composed: Composed):
    one, two = composed("data=gaussians").data, composed("data=unpaired_gaussians").data
    with pytest.raises(UsageError, match="^this model needs two domains: choose data=unpaired_mnist"):
        check_domains(["pairs"], one)
    with pytest.raises(UsageError, match="^these data are two domains, .*: choose model=cyclegan"):
        check_domains(["labels"], two)
    check_domains(["labels"], one)
    check_domains(["pairs"], two)
