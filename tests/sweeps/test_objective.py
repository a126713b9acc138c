"""Which figure decides, and which way."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from omegaconf import DictConfig

from gan_lightning.build import build
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.stems import better, stems_of
from gan_lightning.sweeps.objective import Objective, check_objective, choose, likely, stem


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ema/share2500", "share"),
        ("ema/w2_1k", "w2"),
        ("raw/fd_classifier10k_train", "fd_classifier"),
        ("fid50k_train", "fid"),
        ("ema/label_share_3_2500", "label_share_3"),
        ("ema/share", "share"),
    ],
)
def test_a_stem_is_a_name_without_its_protocol(name: str, expected: str) -> None:
    assert stem(name) == expected


@pytest.mark.parametrize("name", ["ema/share2500", "raw/kl2500", "ema/w2_1k", "ema/share"])
def test_a_figure_that_is_measured_may_be_the_objective(composed: Callable[..., DictConfig], name: str) -> None:
    check_objective(composed("model=wgan_gp", knobs=[f"objective={name}"]))


@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("ema/shar2500", "did you mean ema/share2500?"),
        ("ema/share500", "did you mean ema/share2500?"),
        ("fid", "there is ema/modes2500"),
    ],
)
def test_an_unknown_objective_is_refused(composed: Callable[..., DictConfig], name: str, fragment: str) -> None:
    with pytest.raises(UsageError, match=re.escape(fragment)):
        check_objective(composed("model=wgan_gp", knobs=[f"objective={name}"]))


def test_without_metrics_there_is_no_objective(composed: Callable[..., DictConfig]) -> None:
    with pytest.raises(UsageError, match="there is none, set metrics"):
        check_objective(composed("metrics=[]", knobs=["objective=ema/share2500"]))


def test_without_a_moving_average_there_is_the_raw_generator_only(composed: Callable[..., DictConfig]) -> None:
    config = composed("model=wgan_gp", knobs=["model.ema=0"])
    assert likely(config) == Objective("raw/share2500", "max")
    with pytest.raises(UsageError, match="raw/share2500"):
        check_objective(composed("model=wgan_gp", knobs=["model.ema=0", "objective=ema/share2500"]))


def test_the_usual_objective_of_images_is_a_frechet_distance(composed: Callable[..., DictConfig]) -> None:
    config = composed("data=mnist", "metrics=[classifier_score,fd_classifier]")
    assert likely(config) == Objective("ema/fd_classifier10k_train", "min")


def test_what_is_asked_for_is_found_with_or_without_its_protocol() -> None:
    measured = dict.fromkeys(["ema/kl2500", "ema/share2500", "raw/share2500"])
    assert choose(measured, "ema/share", None) == Objective("ema/share2500", "max")
    assert choose(measured, "raw/share2500", "min") == Objective("raw/share2500", "min")
    assert choose(measured, "ema/fid", None) is None
    assert choose(measured, None, None) == Objective("ema/share2500", "max")
    assert choose({}, None, None) is None


@pytest.mark.parametrize(("name", "way"), [("share", "max"), ("fid", "min"), ("precision_classifier", "max")])
def test_which_way_is_better_is_known(name: str, way: str) -> None:
    assert better(name) == way
    assert better("of_my_own") is None


@pytest.mark.parametrize("name", ["modes", "wasserstein", "jensen_shannon"])
def test_the_stems_are_those_that_are_measured(
    composed: Callable[..., DictConfig], points: Callable[..., Any], name: str
) -> None:
    node = composed(f"metrics=[{name}]").metrics[name]
    figures = build(node)(Draw(torch.randn(20, 2), points()))
    assert {figure.stem for figure in figures} <= set(stems_of(name, node))
    assert figures
