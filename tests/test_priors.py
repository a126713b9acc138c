"""What latents are made of, and what can be asked for."""

import pytest
import torch

from gan_lightning.codes import Codes
from gan_lightning.errors import UsageError
from gan_lightning.inference.latents import draw_latents, latent_blocks
from gan_lightning.priors import Labelled, Normal, layout

LABELLED, CODES = Labelled(3, 4), Codes(2, 3, 2)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_noise_comes_first_and_the_class_one_hot_behind_it() -> None:
    latents = LABELLED.draw(1000, seeded())
    assert latents.shape == (1000, LABELLED.dim) == (1000, 7)
    assert torch.equal(latents[:, :3], torch.randn((1000, 3), generator=seeded()))
    assert torch.equal(latents[:, 3:].sum(1), torch.ones(1000)) and latents[:, 3:].unique().tolist() == [0, 1]
    assert torch.equal(LABELLED.labels(latents), latents[:, 3:].argmax(1))
    assert (LABELLED.labels(latents).bincount() > 200).all()  # 250 each, four standard deviations


def test_codes_are_a_category_and_numbers_between_minus_one_and_one() -> None:
    noise, category, codes = CODES.split(CODES.draw(1000, seeded()))
    assert noise.shape == (1000, 2) and category.unique().tolist() == [0, 1, 2] and codes.shape == (1000, 2)
    assert -1 <= codes.min() < -0.98 and 0.98 < codes.max() <= 1 and abs(codes.mean()) < 0.06


@pytest.mark.parametrize("prior", [LABELLED, CODES], ids=["labels", "codes"])
def test_asking_changes_the_class_and_nothing_else(prior: Labelled | Codes) -> None:
    latents = prior.draw(5, seeded())
    asked = prior.ask(latents, torch.tensor([2, 2, 1, 0, 0]))
    assert prior.labels(asked).tolist() == [2, 2, 1, 0, 0]
    others = torch.ones(prior.dim, dtype=torch.bool)
    others[prior.normal_dim : prior.normal_dim + prior.num_classes] = False
    assert torch.equal(asked[:, others], latents[:, others])
    for wrong in (-1, prior.num_classes):
        with pytest.raises(UsageError, match=f"--label {wrong}: this run's classes are 0 to {prior.num_classes - 1}"):
            prior.ask(latents, torch.full((5,), wrong))


def test_nothing_can_be_asked_of_noise() -> None:
    assert Normal(3).labels(torch.zeros(2, 3)) is None
    with pytest.raises(UsageError, match="takes no classes: leave --label out"):
        Normal(3).ask(torch.zeros(2, 3), torch.zeros(2, dtype=torch.long))


def test_labels_of_a_batch_are_asked_for_with_fresh_noise() -> None:
    labels = torch.tensor([3, 0, 1])
    first, again = (LABELLED.beside(labels, torch.float64) for _ in range(2))
    assert first.dtype == torch.float64 and LABELLED.labels(first).tolist() == [3, 0, 1]
    assert not torch.equal(first[:, :3], again[:, :3]) and torch.equal(first[:, 3:], again[:, 3:])


def test_classes_are_shown_a_row_each_with_one_noise_down_every_column() -> None:
    latents, columns = LABELLED.showcase(12, seeded())
    assert columns == 3 and LABELLED.labels(latents).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert torch.equal(latents[0:3, :3], latents[9:12, :3]) and not torch.equal(latents[0, :3], latents[1, :3])


@pytest.mark.parametrize(
    ("n", "classes", "size"), [(64, 10, (10, 7)), (64, 1000, (21, 4)), (1, 10, (1, 1)), (9, 2, (2, 5))]
)
def test_very_many_classes_are_not_all_shown(n: int, classes: int, size: tuple[int, int]) -> None:
    assert layout(n, classes) == size


def test_codes_are_traversed_row_by_row() -> None:
    latents, columns = CODES.showcase(9, seeded())
    assert columns == 3 and len(latents) == 9  # a row of categories, and one for each code
    noise, category, codes = CODES.split(latents)
    assert category.tolist() == [0, 1, 2, 0, 0, 0, 0, 0, 0]
    assert codes[:3].abs().sum() == 0
    assert codes[3:6].tolist() == [[-2, 0], [0, 0], [2, 0]] and codes[6:].tolist() == [[0, -2], [0, 0], [0, 2]]
    assert torch.equal(noise[3], noise[5]) and not torch.equal(noise[0], noise[3])


def test_verbs_ask_for_each_class_in_turn_or_for_one() -> None:
    assert LABELLED.labels(draw_latents(6, LABELLED, 0)).tolist() == [0, 1, 2, 3, 0, 1]
    (block,) = latent_blocks(6, LABELLED, 0, label=2)
    assert LABELLED.labels(block).unique().tolist() == [2]
    assert torch.equal(block[:, :3], draw_latents(64, LABELLED, 0)[:, :3])


def test_truncation_leaves_classes_and_codes_alone() -> None:
    (free,), (bound,) = latent_blocks(64, CODES, 0), latent_blocks(64, CODES, 0, truncation=0.5)
    assert torch.equal(free[:, 2:], bound[:, 2:]) and bound[:, :2].abs().max() <= 0.5 < free[:, :2].abs().max()


@pytest.mark.parametrize("prior", [Normal(5), LABELLED, CODES], ids=["noise", "labels", "codes"])
def test_what_a_card_says_draws_such_latents(prior: Normal | Labelled | Codes) -> None:
    import numpy

    drawn = torch.from_numpy(eval(prior.python, {"numpy": numpy}))
    assert drawn.shape == (16, prior.dim)
    assert torch.equal(drawn[:, prior.normal_dim :].sum(1), torch.full((16,), float(prior.num_classes > 0)).double())
    assert str(prior.normal_dim) in prior.words or prior.words == "standard normal"
