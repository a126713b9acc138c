"""The energy's game, and the term that keeps codes apart."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.errors import UsageError
from gan_lightning.losses import Hinge, LeastSquares, Margin, Minimax, Relativistic, Wasserstein
from gan_lightning.models.ebgan import EBGAN, pull_away
from gan_lightning.penalties import R1


@pytest.fixture
def ebgan(small_game: Callable[..., Any]) -> Callable[..., Any]:
    """A factory of small ones."""
    settings = {"loss": Margin(1.0), "code_dim": 2, "eta": 2, "pull_away": 0.1}
    return lambda **others: small_game(EBGAN, **(settings | others))


def test_codes_that_are_parallel_pay_one_and_codes_at_right_angles_nothing():
    assert pull_away(torch.tensor([[1.0, 2.0], [-3.0, -6.0], [0.5, 1.0]])).item() == pytest.approx(1)
    assert pull_away(torch.eye(4) * 3).item() == pytest.approx(0, abs=1e-7)
    assert pull_away(torch.ones(1, 3)).item() == 0


def test_the_pull_away_term_is_the_mean_over_pairs_of_different_samples():
    """Angles of 45, 90 and 45 degrees: squared cosines 1/2, 0 and 1/2, each twice among six."""
    assert pull_away(torch.tensor([[2.0, 0.0], [1.0, 1.0], [0.0, 5.0]])).item() == pytest.approx(1 / 3)


def test_the_generator_pays_it_for_its_fakes_codes(ebgan: Any):
    game = ebgan(pull_away=0.3)
    latents = game.latents(4)
    critique = Critique(game.discriminator, torch.zeros(4, 2), game.fake(latents))
    terms = game.generator_terms(critique, Batch(torch.zeros(4, 2), None), latents)
    expected = 0.3 * pull_away(game.discriminator.encoder(game.fake(latents)))
    assert {name: term.item() for name, term in terms.items()} == pytest.approx({"pull_away": expected.item()})


def test_without_a_weight_there_is_no_term(ebgan: Any):
    critique = Critique(lambda samples: samples, torch.zeros(4, 3), torch.zeros(4, 3))
    assert ebgan(pull_away=0.0).generator_terms(critique, Batch(torch.zeros(4, 2), None), torch.zeros(4, 2)) == {}


@pytest.mark.parametrize("loss", [Minimax(), Relativistic(), LeastSquares(0.0, 1.0, 1.0)])
def test_a_loss_that_an_energy_cannot_please_is_refused(loss: Any, ebgan: Any):
    with pytest.raises(UsageError, match=f"the loss {type(loss).__name__} has no meaning for it: set loss=margin"):
        ebgan(loss=loss)


def test_others_pass_and_an_energy_that_may_rise_for_ever_draws_a_warning(ebgan: Any):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ebgan()
        ebgan(loss=Hinge())
        ebgan(loss=Wasserstein(), penalties={"r1": R1(1.0, every=1)})
    with pytest.warns(UserWarning, match="nothing bounds this Wasserstein critic"):
        ebgan(loss=Wasserstein())
