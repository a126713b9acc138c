"""What is refused, what is warned of, and that each message says what to change."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning import guards, losses, penalties
from gan_lightning.critique import Critique
from gan_lightning.errors import UsageError
from gan_lightning.losses import (
    Hinge,
    LeastSquares,
    Loss,
    Margin,
    Minimax,
    NonSaturating,
    Relativistic,
    RelativisticAverage,
    Wasserstein,
)
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.gan import GAN
from gan_lightning.models.mmdgan import MMDGAN
from gan_lightning.models.wgan import WGAN
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.penalties import R1, R2, Dragan, Gradient, Penalty

LOGARITHMIC = [NonSaturating(), Minimax(), Relativistic(), RelativisticAverage()]
OTHERS = [LeastSquares(a=0.0, b=1.0, c=1.0), Wasserstein(), Hinge(), Margin(margin=1.0)]
GP = Gradient(weight=10.0, target=1.0, one_sided=False, every=1)
DRAGAN = Dragan(weight=10.0, target=1.0, noise=0.5, every=1)
SLOPES = [GP, DRAGAN]
SQUARES = [R1(weight=5.0, every=1), R2(weight=5.0, every=1)]


def title(part: object) -> str:
    return type(part).__name__


def target(part: object) -> str:
    return f"{type(part).__module__}.{type(part).__name__}"


def concrete(module: Any, base: type) -> set[str]:
    return {
        f"{module.__name__}.{name}"
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, base) and not inspect.isabstract(value)
    }


KNOBS: dict[type, dict[str, Any]] = {WGAN: {"clip": 0.01}, MMDGAN: {"features": 16}}
"""By which configs of a kind are known."""


def config(model: type = GAN, loss: Loss | None = None, chosen: list[Penalty] | None = None, norm: str = "none") -> Any:
    """What `check_config` reads of a composed config."""
    return {
        "model": {"_target_": f"{model.__module__}.{model.__name__}"} | KNOBS.get(model, {}),
        "loss": {"_target_": target(loss or Wasserstein())},
        "penalty": {title(penalty).lower(): {"_target_": target(penalty)} for penalty in chosen or []},
        "network": {"discriminator": {"norm": norm}},
    }


# ---- the sets of names -----------------------------------------------------------------------------------------------


def test_the_losses_that_read_probabilities_are_those_that_score_a_logit_of_zero_as_a_half():
    instances = [*LOGARITHMIC, *OTHERS]
    assert {target(loss) for loss in instances} == concrete(losses, Loss)
    half = {target(loss) for loss in instances if loss.score(torch.zeros(1)).item() == 0.5}
    assert half == guards.READS_PROBABILITY


def test_the_penalties_that_ask_for_a_slope_are_those_that_a_flat_critic_pays():
    instances = [*SLOPES, *SQUARES]
    assert {target(penalty) for penalty in instances} == concrete(penalties, Penalty)
    flat = Critique(lambda samples: 0 * samples.sum(1), torch.randn(4, 2), torch.randn(4, 2))
    assert {target(penalty) for penalty in instances if penalty(flat).item() > 0} == guards.ASKS_SLOPE


# ---- the composed config ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("penalty", SLOPES, ids=title)
def test_a_config_with_batch_norm_under_a_penalty_on_slopes_is_refused(penalty: Penalty):
    with pytest.raises(UsageError, match=r"set network\.discriminator\.norm=layer .*or penalty=\[\]"):
        guards.check_config(config(chosen=[R1(1.0, every=1), penalty], norm="batch"))


@pytest.mark.parametrize("penalty", [*SLOPES, *SQUARES], ids=title)
def test_a_config_of_wgan_with_a_penalty_is_refused(penalty: Penalty):
    with pytest.raises(UsageError, match=r"set penalty=\[\] with model=wgan, or use model=wgan_gp"):
        guards.check_config(config(WGAN, chosen=[penalty]))


@pytest.mark.parametrize("loss", LOGARITHMIC, ids=title)
def test_a_config_of_wgan_with_a_logarithmic_loss_is_refused(loss: Loss):
    with pytest.raises(UsageError, match=r"set loss=wasserstein \(or hinge\), or use model=gan"):
        guards.check_config(config(WGAN, loss))


@pytest.mark.parametrize(
    "fine",
    [
        *[config(WGAN, loss) for loss in OTHERS],
        *[config(GAN, loss, [GP, DRAGAN, *SQUARES]) for loss in [*LOGARITHMIC, *OTHERS]],
        *[config(WGANGP, loss, [GP]) for loss in [*LOGARITHMIC, *OTHERS]],
        *[config(GAN, NonSaturating(), [penalty], "batch") for penalty in SQUARES],
        *[config(GAN, NonSaturating(), [GP], norm) for norm in ("layer", "instance", "group", "spectral", "none")],
        config(GAN, NonSaturating(), norm="batch"),
        config() | {"network": {"discriminator": {}}},
    ],
)
def test_any_other_config_passes(fine: Any):
    guards.check_config(fine)


def test_a_config_whose_batch_packs_cannot_part_is_refused_with_the_nearest_size():
    packed = config() | {"data": {"batch_size": 1024}}
    packed["model"]["pack"] = 4
    guards.check_config(packed)
    packed["model"]["pack"] = 3
    with pytest.raises(UsageError, match=r"model\.pack=3 can't part data\.batch_size=1024: set it to 1023"):
        guards.check_config(packed)


@pytest.mark.parametrize("loss", [*LOGARITHMIC, *OTHERS], ids=title)
def test_a_config_of_mmdgan_with_a_loss_that_reads_one_output_is_refused(loss: Loss):
    with pytest.raises(UsageError, match="which loss=mmd alone reads: set loss=mmd"):
        guards.check_config(config(MMDGAN, loss))


# ---- the objects -----------------------------------------------------------------------------------------------------


def network(*last: nn.Module, norm: nn.Module | None = None) -> nn.Module:
    return nn.Sequential(nn.Linear(2, 4), norm or nn.Identity(), nn.ReLU(), nn.Linear(4, 1), *last)


BATCH_NORMS: list[Callable[[], nn.Module]] = [
    lambda: nn.BatchNorm1d(4),
    lambda: nn.BatchNorm2d(4),
    lambda: nn.SyncBatchNorm(4),
    lambda: nn.Sequential(nn.Identity(), nn.Sequential(nn.BatchNorm1d(4))),
]


def test_a_sigmoid_at_the_end_is_refused():
    with pytest.raises(UsageError, match="ends with a sigmoid, but every loss takes logits: remove its last layer"):
        guards.check_networks(network(nn.Sigmoid()), [])


def test_a_sigmoid_in_the_middle_passes():
    guards.check_networks(network(norm=nn.Sigmoid()), [GP])


@pytest.mark.parametrize("norm", BATCH_NORMS)
@pytest.mark.parametrize("penalty", SLOPES, ids=title)
def test_batch_norm_under_a_penalty_on_slopes_is_refused(penalty: Penalty, norm: Callable[[], nn.Module]):
    with pytest.raises(UsageError, match=r"set network\.discriminator\.norm=layer .*or penalty=\[\]"):
        guards.check_networks(network(norm=norm()), [R1(1.0, every=1), penalty])


@pytest.mark.parametrize("norm", BATCH_NORMS)
@pytest.mark.parametrize("penalty", SQUARES, ids=title)
def test_batch_norm_under_r1_or_r2_draws_a_warning(penalty: Penalty, norm: Callable[[], nn.Module]):
    with pytest.warns(UserWarning, match=r"network\.discriminator\.norm=none"):
        guards.check_networks(network(norm=norm()), [penalty])


def test_batch_norm_without_a_penalty_and_penalties_with_other_norms_pass_in_silence():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        guards.check_networks(network(norm=nn.BatchNorm1d(4)), [])
        for norm in (nn.LayerNorm(4), nn.GroupNorm(2, 4), nn.InstanceNorm2d(4), nn.Identity()):
            guards.check_networks(network(norm=norm), [GP, DRAGAN, *SQUARES])


def test_clipping_is_refused_beside_a_penalty_and_a_logarithmic_loss():
    with pytest.raises(UsageError, match=r"set penalty=\[\] with model=wgan"):
        guards.check_clipping(Wasserstein(), {"r1": R1(1.0, every=1)})
    for loss in LOGARITHMIC:
        with pytest.raises(UsageError, match=r"set loss=wasserstein"):
            guards.check_clipping(loss, {})
    for loss in OTHERS:
        guards.check_clipping(loss, {})


def test_a_wasserstein_critic_under_a_logarithmic_loss_draws_a_warning():
    for loss in LOGARITHMIC:
        with pytest.warns(UserWarning, match=r"loss=wasserstein is the paper's, model=gan penalty=\[gradient\]"):
            guards.warn_of_log_loss(loss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for loss in OTHERS:
            guards.warn_of_log_loss(loss)


def test_a_wasserstein_critic_that_nothing_bounds_draws_a_warning():
    mend = r"set penalty=\[gradient\], network\.discriminator\.norm=spectral, or model=wgan"
    with pytest.warns(UserWarning, match=mend):
        guards.warn_of_free_critic(Wasserstein(), {}, network())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        guards.warn_of_free_critic(Wasserstein(), {"gradient": GP}, network())
        guards.warn_of_free_critic(Wasserstein(), {}, network(spectral_norm(nn.Linear(1, 1))))
        guards.warn_of_free_critic(Hinge(), {}, network())


def test_a_margin_on_what_is_no_energy_draws_a_warning():
    with pytest.warns(UserWarning, match="nothing bounds this critic under a margin, .* or model=ebgan"):
        guards.warn_of_free_critic(Margin(1.0), {}, network())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        guards.warn_of_free_critic(Margin(1.0), {"r1": SQUARES[0]}, network())


def test_a_variant_has_a_loss_or_objectives_of_its_own():
    guards.check_loss(Hinge(), own_objectives=False)
    guards.check_loss(None, own_objectives=True)
    with pytest.raises(UsageError, match="no place for the loss Hinge: leave loss=... out"):
        guards.check_loss(Hinge(), own_objectives=True)
    with pytest.raises(UsageError, match="plays for a loss, and model.loss is null: leave model.loss alone"):
        guards.check_loss(None, own_objectives=False)


# ---- the modules -----------------------------------------------------------------------------------------------------

Factory = Callable[..., AdversarialModule]


def test_modules_guard_what_they_are_really_given(small_game: Factory):
    with pytest.raises(UsageError, match="BatchNorm in the discriminator"):
        small_game(GAN, penalties={"gradient": GP}, discriminator_norm="batch")
    with pytest.raises(UsageError, match="weight clipping together with a gradient penalty"):
        small_game(WGAN, Wasserstein(), {"gradient": GP}, clip=0.01)
    with pytest.raises(UsageError, match="model=wgan is a Wasserstein critic"):
        small_game(WGAN, NonSaturating(), clip=0.01)
    with pytest.warns(UserWarning, match="BatchNorm in the discriminator under a gradient penalty"):
        small_game(GAN, penalties={"r1": R1(1.0, every=1)}, discriminator_norm="batch")
    with pytest.warns(UserWarning, match="a logarithmic loss in a Wasserstein critic"):
        small_game(WGANGP, NonSaturating(), {"gradient": GP})
    with pytest.warns(UserWarning, match="nothing bounds this Wasserstein critic"):
        small_game(WGANGP, Wasserstein())


def test_what_the_papers_do_draws_no_warning(small_game: Factory):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small_game(GAN, NonSaturating(), {"r1": R1(1.0, every=1)})
        small_game(GAN, NonSaturating(), generator_norm="batch", discriminator_norm="batch")
        small_game(WGAN, Wasserstein(), clip=0.01)
        small_game(WGANGP, Wasserstein(), {"gradient": GP})
        small_game(WGANGP, Wasserstein(), discriminator_norm="spectral")


@pytest.mark.parametrize(
    "message",
    [guards.BATCH_NORM, guards.CLIP_WITH_PENALTY, guards.CLIP_WITH_LOG_LOSS, guards.SIGMOID, guards.FEATURES_UNREAD],
)
def test_every_refusal_is_one_line_that_says_what_to_do(message: str):
    assert "\n" not in message
    assert ": set " in message or ": remove " in message
