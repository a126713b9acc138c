"""AC-GAN: what the classes add to both losses."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.errors import UsageError
from gan_lightning.models.acgan import ACGAN

Make = Callable[..., Any]
BATCH = Batch(torch.randn(4, 2), torch.tensor([2, 0, 1, 2]))
SAID = torch.tensor([[0.3, 2.0, 0.0, 0.0], [0.1, 0.0, 1.0, 0.0], [0.2, 0.0, 3.0, 0.0], [0.4, 0.0, 0.0, 4.0]])


def test_the_terms_are_weighted_cross_entropies_of_what_stands_behind_the_logit(labelled_game: Make) -> None:
    game = labelled_game(ACGAN, conditioning="concat", class_weight=2.0, learns_from_fakes=True)
    critique = Critique(lambda samples: SAID if samples is BATCH.real else -SAID, BATCH.real, torch.zeros(4, 2))
    terms = game.discriminator_terms(critique, BATCH, torch.zeros(4, 7))
    real, fake = (2 * float(cross_entropy(side[:, 1:], BATCH.labels)) for side in (SAID, -SAID))
    assert {name: float(term) for name, term in terms.items()} == pytest.approx(
        {"class/real": real, "class/fake": fake}
    )
    game.learns_from_fakes = False
    assert list(game.discriminator_terms(critique, BATCH, torch.zeros(4, 7))) == ["class/real"]
    assert list(game.generator_terms(critique, BATCH, torch.zeros(4, 7))) == ["class/fake"]
    torch.testing.assert_close(critique.real_logits, SAID[:, 0])  # the loss sees the logits alone


def test_losses_are_the_adversarial_ones_and_the_terms(labelled_game: Make) -> None:
    own = {"conditioning": "concat", "learns_from_fakes": True}
    plain, weighted = (labelled_game(ACGAN, class_weight=weight, **own) for weight in (0.0, 1.0))
    torch.manual_seed(1)
    without = plain.discriminator_loss(BATCH)
    torch.manual_seed(1)
    latents = weighted.latents_beside(BATCH)
    critique = Critique(weighted.critic(BATCH), *weighted.sides(BATCH, latents))
    extra = sum(weighted.discriminator_terms(critique, BATCH, latents).values())
    for game in (plain, weighted):  # BatchNorm's statistics moved once more in one of them
        game.load_state_dict(plain.state_dict())
    torch.manual_seed(1)
    torch.testing.assert_close(weighted.discriminator_loss(BATCH), without + extra)


def test_both_players_learn_every_weight_and_samples_have_a_category(labelled_game: Make) -> None:
    game = labelled_game(ACGAN, conditioning="cbn", class_weight=1.0, learns_from_fakes=False)
    for player, loss in (("discriminator", game.discriminator_loss), ("generator", game.generator_loss)):
        loss(BATCH).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in game.parameters_of[player])
    said = game.look(BATCH.real)
    assert said.shape == (4, 4) and torch.equal(game.judge(BATCH.real), said[:, 0])
    assert torch.equal(game.categories(BATCH.real), said[:, 1:].argmax(1))


def test_nothing_is_projected_on_a_discriminator_that_names_the_class(labelled_game: Make) -> None:
    with pytest.raises(UsageError, match="set network.conditioning=concat or cbn, or use model=cgan"):
        labelled_game(ACGAN, conditioning="projection", class_weight=1.0, learns_from_fakes=False)
