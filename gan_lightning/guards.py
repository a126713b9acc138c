"""Combinations that can't be right are refused, and those that rarely are draw a warning, each with its mend.

`check_config` reads the composed config before torch is imported, so that a mistake answers at once. The other checks
are made by the modules themselves, on what they were really given, so that the Python interface is guarded too.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from gan_lightning.data.sources import PAIRS
from gan_lightning.errors import UsageError, UsageWarning
from gan_lightning.networks.limits import IN_NORMS, NO_BATCH_NORM

if TYPE_CHECKING:
    from torch import nn

    from gan_lightning.losses import Loss
    from gan_lightning.penalties import Penalty

GRAPHS = "cuda_graphs"
"""What `speed.compile` is where a GPU plays all kernels of a step at one call."""
ASKS_SLOPE = {"gan_lightning.penalties.Gradient", "gan_lightning.penalties.Dragan"}
"""Penalties that ask each sample for a slope of its own."""
READS_PROBABILITY = {
    f"gan_lightning.losses.{name}" for name in ("NonSaturating", "Minimax", "Relativistic", "RelativisticAverage")
}
"""Losses that take the critic's output for a log-odds."""
MARGIN = "gan_lightning.losses.Margin"
FREE = {
    "gan_lightning.losses.Wasserstein": ("Wasserstein critic", "wgan"),
    MARGIN: ("critic under a margin, which is no energy", "ebgan"),
}
"""Losses that drive a free critic to infinity: what it is called then, and the model that holds it."""

BATCH_NORM = (
    "BatchNorm in the discriminator makes a sample's gradient depend on its neighbours, so a penalty on each sample's "
    "slope is not the paper's: set network.discriminator.norm=layer (or instance, group, none), or penalty=[]"
)
CLIP_WITH_PENALTY = (
    "weight clipping together with a gradient penalty bounds the critic twice: "
    "set penalty=[] with model=wgan, or use model=wgan_gp for the penalty"
)
CLIP_WITH_LOG_LOSS = (
    "model=wgan is a Wasserstein critic without sigmoid and logarithm: "
    "set loss=wasserstein (or hinge), or use model=gan for this loss"
)
AN_ENERGY = (
    "this model's critic says minus an energy, which is never above 0, so the loss {loss} has no meaning for it: "
    "set loss=margin (or hinge, wasserstein with a penalty)"
)
OWN_OBJECTIVES = (
    "model.loss is null, as for a model with objectives of its own, and so there is no place for the loss {loss}: "
    "leave loss=... out"
)
NO_PENALTIES = "this model has nothing that a penalty could be put on: leave penalty=[{penalties}] out"
COMPARES_FEATURES = "gan_lightning.kernel_loss.SquaredMMD"
"""The loss that reads all of a critic's outputs."""
FEATURES_UNREAD = (
    "model=mmdgan has a critic of many outputs, which loss=mmd alone reads: set loss=mmd, or model=gan for this loss"
)
TRANSLATORS = {f"gan_lightning.networks.{family}.Generator" for family in ("translator", "point_translator")}
"""Generators from samples to samples."""
NO_TRANSLATOR = (
    "model=cyclegan translates samples, and this generator makes them of noise: set network=translator for images, "
    "network=point_translator for points"
)
NO_NOISE = "this generator translates samples, which model=cyclegan trains: set network=dcgan, resnet or mlp"
SIGMOID = "the discriminator ends with a sigmoid, but every loss takes logits: remove its last layer"


def check_config(config: Any) -> None:
    """Refuse what a composed config (nested mappings) shows to be impossible. Raises UsageError."""
    penalties = {penalty.get("_target_") for penalty in config.get("penalty", {}).values()}
    check_packs(config.get("data", {}).get("batch_size", 0), config["model"].get("pack", 1))
    if config["network"]["discriminator"].get("norm") == "batch" and penalties & ASKS_SLOPE:
        raise UsageError(BATCH_NORM)
    if config["model"].get("features") is not None and config["loss"]["_target_"] != COMPARES_FEATURES:
        raise UsageError(FEATURES_UNREAD)
    if config["model"].get("conditioning") in IN_NORMS and config["network"]["generator"].get("norm") != "batch":
        raise UsageError(NO_BATCH_NORM)
    if config["model"].get("clip") is not None:
        if penalties:
            raise UsageError(CLIP_WITH_PENALTY)
        if config["loss"]["_target_"] in READS_PROBABILITY:
            raise UsageError(CLIP_WITH_LOG_LOSS)


def check_wiring(config: Any) -> None:
    """Refuse a loss or penalties that the composed config's model has no place for. Raises UsageError."""
    model = config["model"]
    if model.get("loss") is None and config.get("loss") is not None:
        raise UsageError(OWN_OBJECTIVES.format(loss=config["loss"]["_target_"].split(".")[-1]))
    if model.get("penalties") is None and config.get("penalty"):
        raise UsageError(NO_PENALTIES.format(penalties=",".join(config["penalty"])))


def check_loss(loss: Loss | None, own_objectives: bool) -> None:
    """Check that a variant has a loss, or objectives of its own, and not both. Raises UsageError."""
    if loss is not None and own_objectives:
        raise UsageError(OWN_OBJECTIVES.format(loss=type(loss).__name__))
    if loss is None and not own_objectives:
        raise UsageError("this model plays for a loss, and model.loss is null: leave model.loss alone, set loss=hinge")


def check_partners(penalties: Collection[str], n_critic: int) -> None:
    """Check what goes with players that share one objective and step together. Raises UsageError."""
    if penalties:
        raise UsageError(NO_PENALTIES.format(penalties=",".join(penalties)))
    if n_critic != 1:
        raise UsageError(f"model.n_critic is {n_critic}, but this model's players step together: set it to 1")


def check_translation(config: Any) -> None:
    """Refuse a generator that translates where there is noise, and the other way round. Raises UsageError."""
    translates, two_domains = config["network"]["generator"]["_target_"] in TRANSLATORS, PAIRS in config["needs"]
    if two_domains and not translates:
        raise UsageError(NO_TRANSLATOR)
    if translates and not two_domains:
        raise UsageError(NO_NOISE)


def check_networks(discriminator: nn.Module, penalties: Collection[Penalty]) -> None:
    """Check a discriminator against what will judge it. Raises UsageError; warns of what rarely works."""
    from torch.nn import Sigmoid
    from torch.nn.modules.batchnorm import _BatchNorm

    modules = list(discriminator.modules())
    if isinstance(modules[-1], Sigmoid):
        raise UsageError(SIGMOID)
    if penalties and any(isinstance(module, _BatchNorm) for module in modules):
        if any(_name(penalty) in ASKS_SLOPE for penalty in penalties):
            raise UsageError(BATCH_NORM)
        warnings.warn(
            "BatchNorm in the discriminator under a gradient penalty: a sample's gradient depends on its neighbours; "
            "network.discriminator.norm=none (or layer, instance, group) is what the papers use",
            UsageWarning,
            stacklevel=2,
        )


def check_labels(num_classes: int) -> None:
    """Raise UsageError where a conditional variant has no classes to ask for."""
    if num_classes < 2:
        raise UsageError(
            f"this model needs labelled data, and these have {num_classes or 'no'} classes: choose data=mnist, "
            "fashion_mnist, cifar10, stacked_mnist, or image_folder with a subfolder for each class"
        )


def check_conditioned_generator(conditioning: str) -> None:
    """Raise UsageError where the discriminator would have to be told the class, and names it instead."""
    if conditioning == "projection":
        raise UsageError(
            "this model's discriminator names the class, so nothing can be projected on it: "
            "set network.conditioning=concat or cbn, or use model=cgan"
        )


def check_packs(batch_size: int, pack: int) -> None:
    """Raise UsageError where a batch can't be parted into packs."""
    if batch_size % pack:
        near = max(1, round(batch_size / pack)) * pack
        raise UsageError(f"packs of model.pack={pack} can't part data.batch_size={batch_size}: set it to {near}")


def check_features(loss: Loss) -> None:
    """Raise UsageError where a critic has many outputs and the loss reads one."""
    if _name(loss) != COMPARES_FEATURES:
        raise UsageError(FEATURES_UNREAD)


def check_encoded(latent_dim: int) -> None:
    """Raise UsageError where an encoder would have a single output."""
    if latent_dim < 2:
        raise UsageError(
            f"model=bigan encodes into two numbers or more, and network.generator.latent_dim={latent_dim}: raise it"
        )


def check_clipping(loss: Loss, penalties: Collection[str]) -> None:
    """Check what goes with weight clipping. Raises UsageError."""
    if penalties:
        raise UsageError(CLIP_WITH_PENALTY)
    if _name(loss) in READS_PROBABILITY:
        raise UsageError(CLIP_WITH_LOG_LOSS)


def check_energy(loss: Loss, penalties: Collection[str], discriminator: nn.Module) -> None:
    """Check what plays on a critic whose logits are minus energies. Raises UsageError; warns as the next does."""
    if _name(loss) in READS_PROBABILITY | {"gan_lightning.losses.LeastSquares"}:
        raise UsageError(AN_ENERGY.format(loss=type(loss).__name__))
    if _name(loss) != MARGIN:
        warn_of_free_critic(loss, penalties, discriminator)


def warn_of_log_loss(loss: Loss) -> None:
    """Warn where a Wasserstein critic's distance estimate is read off a loss that isn't one."""
    if _name(loss) in READS_PROBABILITY:
        warnings.warn(
            "a logarithmic loss in a Wasserstein critic: `wasserstein` in the log no longer estimates a distance; "
            "loss=wasserstein is the paper's, model=gan penalty=[gradient] the same game under its own name",
            UsageWarning,
            stacklevel=2,
        )


def warn_of_free_critic(loss: Loss, penalties: Collection[str], discriminator: nn.Module) -> None:
    """Warn where a loss has no minimum, as nothing bounds a critic that is neither an energy nor held by a penalty."""
    from torch.nn.utils.parametrize import is_parametrized

    bounded = bool(penalties) or any(is_parametrized(module) for module in discriminator.modules())
    if _name(loss) in FREE and not bounded:
        critic, model = FREE[_name(loss)]
        warnings.warn(
            f"nothing bounds this {critic}, so its loss has no minimum: "
            f"set penalty=[gradient], network.discriminator.norm=spectral, or model={model}",
            UsageWarning,
            stacklevel=2,
        )


def warn_of_own_steps(compiles: bool) -> None:
    """Warn where a variant's steps are its own, and so are not compiled."""
    if not compiles:
        warnings.warn(
            "speed.compile=true is left out: this model's steps are its own, and are computed as they are",
            UsageWarning,
            stacklevel=2,
        )


def check_graphs(compiled: bool | str, device: str) -> None:
    """Raise UsageError where kernels are to be played as CUDA's graphs by another kind of device."""
    if compiled == GRAPHS and device != "cuda":
        raise UsageError(f"speed.compile={GRAPHS} takes a CUDA device, this run has {device}: set it to true or false")


def _name(part: object) -> str:
    return f"{type(part).__module__}.{type(part).__qualname__}"
