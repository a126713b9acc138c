"""Numbers that aren't finite, put into every variant: the run stops in time, names the first, and saved none."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor, nn

from gan_lightning.data.loader import Batch
from gan_lightning.errors import Diverged
from gan_lightning.soundness import unsound_state
from gan_lightning.train import fit, prepare

AT, LOOK, SAVED = 13, 15, 12  # guard.every=5, a checkpoint at every fourth iteration
OBJECTIVES = {"vae": ("likelihood", "forward"), "began": ("", "discriminator_objective")}
"""Where a variant without a loss computes its objective."""
TERMS = {"vae": "reconstruction"}


class Inject(Callback):
    """Does something to a module and its batch before iteration `AT` alone."""

    def __init__(self, act: Callable[[Any, Batch], None]) -> None:
        self.act = act

    def on_train_batch_start(self, trainer: Trainer, module: Any, batch: Batch, batch_idx: int) -> None:
        if trainer.global_step + 1 == AT:
            self.act(module, batch)


def into_loss(variant: str) -> Callable[[Any, Batch], None]:
    part, method = OBJECTIVES.get(variant, ("loss", "discriminator"))

    def act(module: Any, batch: Batch) -> None:
        owner = getattr(module, part) if part else module
        compute = getattr(owner, method)
        setattr(owner, method, lambda *given: compute(*given) * math.nan)

    return act


def into_gradient(player: str, value: float) -> Callable[[Any, Batch], None]:
    def act(module: Any, batch: Batch) -> None:
        weight: nn.Parameter = module.parameters_of[player][-1]

        def spoil(gradient: Tensor) -> Tensor:
            return gradient.index_fill(0, torch.tensor(0), value)

        weight.register_hook(spoil)

    return act


def into_input(module: Any, batch: Batch) -> None:
    batch.real[-1] = math.nan


def into_rate(rate: float) -> Callable[[Any, Batch], None]:
    def act(module: Any, batch: Batch) -> None:
        for optimizer in module.trainer.optimizers:
            optimizer.param_groups[0]["lr"] = rate

    return act


PLACES: dict[str, tuple[Callable[[str], Callable[[Any, Batch], None]], str]] = {
    "loss": (into_loss, "iteration 13: {term} is not finite (nan); "),
    "discriminator's gradient": (
        lambda _: into_gradient("discriminator", math.nan),
        "iteration 13: gradient/discriminator is not finite; ",
    ),
    "generator's gradient": (
        lambda _: into_gradient("generator", -math.inf),
        "iteration 13: gradient/generator is not finite; ",
    ),
    "input": (lambda _: into_input, "iteration 13: real samples are not finite (nan); "),
    "rate of 1e30": (lambda _: into_rate(1e30), ""),
    "infinite rate": (lambda _: into_rate(math.inf), ""),
}
HARMLESS = {("wgan", "rate of 1e30")}
"""Clipping takes the critic to a corner of its bounds, where it has no slope: the generator stays as it is."""


@pytest.mark.parametrize("place", PLACES)
def test_a_run_stops_in_time_and_names_the_first_bad_number_and_every_checkpoint_is_finite(
    variant: str, place: str, tiny_config: Any, tmp_path: Path
):
    make, named = PLACES[place]
    parts = prepare(tiny_config(variant, tmp_path, save=4))
    parts.trainer.callbacks.insert(0, Inject(make(variant)))
    checkpoints = tmp_path / "checkpoints"
    if (variant, place) in HARMLESS:
        fit(parts)
        assert unsound_state(torch.load(checkpoints / "last.ckpt", weights_only=True), "checkpoint") is None
        return
    with pytest.raises(Diverged) as caught:
        fit(parts)
    message = str(caught.value)
    assert message.startswith(named.format(term=TERMS.get(variant, "loss/discriminator")))
    assert re.match(r"iteration 1[345]: [\w/ ]+ (is not finite|are not finite|have grown without bound)", message)
    assert f"; the last finite checkpoint is {checkpoints}/{SAVED:08d}.ckpt, " in message
    assert parts.trainer.global_step <= LOOK
    assert sorted(path.name for path in checkpoints.glob("0*.ckpt")) == [f"{step:08d}.ckpt" for step in (4, 8, 12)]
    for path in checkpoints.glob("0*.ckpt"):
        assert unsound_state(torch.load(path, weights_only=True), "checkpoint") is None


@pytest.mark.parametrize("place", ["loss", "generator's gradient", "infinite rate"])
def test_a_bad_state_is_not_saved_though_nobody_was_to_look_yet(place: str, tiny_config: Any, tmp_path: Path):
    parts = prepare(tiny_config("gan", tmp_path, save=3, knobs=[]))
    guard = parts.trainer.callbacks[0]
    guard.every = 1000
    parts.trainer.callbacks.insert(0, Inject(PLACES[place][0]("gan")))
    with pytest.raises(Diverged, match="^iteration 1[3-5]: .*00000012.ckpt, "):
        fit(parts)
    assert parts.trainer.global_step == 15
    assert not (tmp_path / "checkpoints" / "00000015.ckpt").exists()
    assert (tmp_path / "checkpoints" / "last.ckpt").resolve().name == "00000012.ckpt"
