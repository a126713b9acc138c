"""What discriminators that name something make of held-out images."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.recognition import Recognition


def measured(images: Any, name: Any, n: int = 100) -> dict[str, tuple[float, int]]:
    test = (
        torch.arange(6, dtype=torch.uint8).view(6, 1, 1, 1).expand(6, 1, 2, 2)
    )  # image k is grey level k, class k % 2
    draw = Draw(torch.zeros(3, 1, 2, 2), images(test, test), SimpleNamespace(categories=name))  # type: ignore[arg-type]
    return {figure.stem: (figure.value, figure.n) for figure in Recognition(n)(draw)}


def levels(samples: Tensor) -> Tensor:
    """The grey levels of images in [-1, 1]."""
    return ((samples[:, 0, 0, 0] + 1) * 127.5).round().long()


def test_who_knows_the_classes_is_right_and_codes_need_no_matching(tiny_images: Any) -> None:
    assert measured(tiny_images, lambda samples: levels(samples) % 2) == {
        "recognition_accuracy": (1.0, 6),
        "recognition_purity": (1.0, 6),
        "recognition_matched": (1.0, 6),
    }
    swapped = measured(tiny_images, lambda samples: 1 - levels(samples) % 2)
    assert [value for value, _ in swapped.values()] == [0, 1, 1]
    mixed = measured(tiny_images, lambda samples: levels(samples) // 3)  # 0 1 0 | 1 0 1
    assert [value for value, _ in mixed.values()] == [pytest.approx(4 / 6)] * 3


def test_only_the_first_are_asked_about(tiny_images: Any) -> None:
    assert measured(tiny_images, lambda samples: levels(samples) % 2, n=4)["recognition_accuracy"] == (1.0, 4)


def test_who_names_nothing_has_no_figures(tiny_images: Any) -> None:
    assert measured(tiny_images, lambda samples: None) == {}
    assert Recognition(4)(Draw(torch.zeros(3, 1, 2, 2), tiny_images(None, None))) == []


def test_data_must_have_labels_and_held_out_images(tiny_images: Any, points: Any) -> None:
    images = torch.zeros(4, 1, 2, 2, dtype=torch.uint8)
    Recognition(4).check(tiny_images(images, images))
    with pytest.raises(UsageError, match="needs held-out images with labels"):
        Recognition(4).check(tiny_images(images, None))
    with pytest.raises(UsageError, match="measures images"):
        Recognition(4).check(points())
