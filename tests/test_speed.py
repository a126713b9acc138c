"""Levers on an iteration: what each does, and where it stands back."""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.critique import Critique
from gan_lightning.im2col import Products
from gan_lightning.models.base import AdversarialModule
from gan_lightning.penalties import R1
from gan_lightning.speed import Speed, follow_layout, quickest_precision

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
CPU, GPU = torch.device("cpu"), torch.device("cuda")
PLAIN = Speed(one_pass=False, channels_last=False, im2col=False, share_fakes=False, compile=False)
JOINED = Speed(one_pass=True, channels_last=False, im2col=False, share_fakes=False, compile=False)
SHARED = Speed(one_pass=False, channels_last=False, im2col=False, share_fakes=True, compile=False)


@pytest.mark.parametrize(
    ("layers", "joins"),
    [
        ([nn.Linear(2, 3), nn.LayerNorm(3)], True),
        ([nn.Conv2d(1, 4, 3), nn.InstanceNorm2d(4, affine=True), nn.GroupNorm(2, 4)], True),
        ([nn.Linear(2, 3), nn.BatchNorm1d(3)], False),
        ([nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4))], False),
        ([nn.Sequential(spectral_norm(nn.Linear(2, 3)))], False),
    ],
)
def test_sides_go_together_where_a_sample_is_judged_by_itself(layers: list[nn.Module], joins: bool):
    assert JOINED.joins(nn.Sequential(*layers)) == joins
    assert not PLAIN.joins(nn.Sequential(*layers))


@pytest.mark.parametrize(
    ("asked", "device", "lower", "last"),
    [
        (True, GPU, False, True),
        (False, CPU, True, False),
        ("auto", CPU, False, True),
        ("auto", GPU, False, False),
        ("auto", GPU, True, True),
    ],
)
def test_images_lie_as_is_asked_for_or_as_the_device_is_quickest(asked: Any, device: Any, lower: bool, last: bool):
    layout = Speed(one_pass=True, channels_last=asked, im2col=False, share_fakes=False, compile=False).layout(
        device, lower
    )
    assert layout == (torch.channels_last if last else torch.contiguous_format)


@pytest.mark.parametrize(
    ("asked", "device", "compiles", "instructions", "wanted"),
    [
        ("auto", CPU, False, "AVX2", Products.ALL),
        ("auto", CPU, False, "DEFAULT", Products.NONE),
        ("auto", CPU, False, "AVX512", Products.NARROW),
        (True, CPU, False, "AVX512", Products.ALL),
        (False, CPU, False, "AVX2", Products.NONE),
        (True, GPU, False, "AVX2", Products.NONE),
        (True, CPU, True, "AVX2", Products.NONE),
    ],
)
def test_convolutions_are_products_as_is_asked_for_or_as_the_machine_is_quickest(
    asked: Any,
    device: torch.device,
    compiles: bool,
    instructions: str,
    wanted: Products,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: instructions)
    speed = Speed(one_pass=True, channels_last="auto", im2col=asked, share_fakes=False, compile=compiles)
    assert speed.products(device) == wanted
    plane_by_plane = replace(speed, channels_last=False).products(device)
    assert plane_by_plane == (wanted if asked is True else Products.NONE)


@pytest.mark.parametrize("avx512_bf16", [True, False])
def test_bfloat16_is_for_images_where_the_machine_has_it(avx512_bf16: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": avx512_bf16})
    assert quickest_precision("cpu", (3, 32, 32), 10**6) == ("bf16-mixed" if avx512_bf16 else "32-true")
    assert quickest_precision("cpu", (2,), 10**6) == quickest_precision("cpu", (3, 32, 32), 10**5) == "32-true"


@pytest.mark.parametrize("avx512_bf16", [True, False])
def test_an_older_torch_is_asked_its_own_way(avx512_bf16: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16, raising=False)
    assert quickest_precision("cpu", (3, 32, 32), 10**6) == ("bf16-mixed" if avx512_bf16 else "32-true")


def test_on_a_gpu_it_is_the_gpu_that_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)
    assert quickest_precision("auto", (3, 32, 32), 10**6) == "32-true"
    assert quickest_precision("cpu", (3, 32, 32), 10**6) == "bf16-mixed"


# ---- one pass --------------------------------------------------------------------------------------------------------


class Counted(nn.Module):
    """A critic that remembers the sizes of what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1)
        self.asked: list[int] = []

    def forward(self, samples: Tensor) -> Tensor:
        self.asked.append(len(samples))
        return self.layer(samples).squeeze(1)


@pytest.mark.parametrize("fake_first", [True, False])
def test_both_sides_are_one_pass_and_what_they_would_be_alone(fake_first: bool):
    critic, real, fake = Counted(), torch.randn(5, 2), torch.randn(5, 2)
    together = Critique(critic, real, fake, together=True)
    sides = [together.real_logits, together.fake_logits] if not fake_first else [together.fake_logits]
    assert critic.asked == [10] and len(sides) > 0
    torch.testing.assert_close(together.real_logits, critic(real))
    torch.testing.assert_close(together.fake_logits, critic(fake))


def test_a_gradient_at_one_side_parts_them_and_costs_no_pass():
    critic = Counted()
    critique = Critique(critic, torch.randn(5, 2), torch.randn(5, 2), together=True)
    assert R1(1.0, every=1)(critique).item() == pytest.approx(critic.layer.weight.square().sum().item())
    assert [critique.real_logits.shape, critique.fake_logits.shape] == [(5,), (5,)] and critic.asked == [5, 5]


def test_a_gradient_behind_the_common_pass_takes_one_of_its_own():
    critic = Counted()
    critique = Critique(critic, torch.randn(5, 2), torch.randn(5, 2), together=True)
    _ = critique.fake_logits, critique.real_gradient, critique.real_logits
    assert critic.asked == [10, 5]


@pytest.mark.parametrize("speed", [PLAIN, JOINED])
def test_fakes_of_all_steps_are_one_pass_and_what_they_would_be_alone(speed: Speed, small_game: Game, fit: Fit):
    game, made, judged = small_game(n_critic=3, speed=speed), [], []
    game.generator.register_forward_hook(lambda module, inputs, output: made.append(output.detach()))
    game.discriminator.register_forward_hook(lambda module, inputs, output: judged.append(inputs[0].detach()))
    fit(game, steps=1)
    n = len(made[-1])
    assert [len(fakes) for fakes in made] == ([3 * n, n] if speed.one_pass else [n, n, n, n])
    shown = [samples[n:] for samples in judged[:3]] if speed.one_pass else judged[1:6:2]
    assert torch.equal(torch.cat(shown), torch.cat(made[:-1]))


def test_a_generator_with_batch_norm_makes_fakes_step_by_step(small_game: Game, fit: Fit):
    game, made = small_game(n_critic=3, speed=JOINED, generator_norm="batch"), []
    game.generator.register_forward_hook(lambda module, inputs, output: made.append(len(output)))
    fit(game, steps=1)
    assert len(made) == 4 and len(set(made)) == 1


# ---- shared fakes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [PLAIN, SHARED])
@pytest.mark.parametrize("n_critic", [1, 3])
def test_the_generator_runs_once_less_where_it_answers_for_shown_fakes(
    n_critic: int, speed: Speed, small_game: Game, fit: Fit
):
    game, seen = small_game(n_critic=n_critic, speed=speed), []
    game.generator.register_forward_hook(lambda module, inputs, output: seen.append(output.detach()))
    before = {name: weight.clone() for name, weight in game.generator.named_parameters()}
    fit(game, steps=1)
    assert len(seen) == (n_critic if speed.share_fakes else n_critic + 1)
    assert all(not torch.equal(weight, before[name]) for name, weight in game.generator.named_parameters())


def test_the_generator_gets_the_gradient_of_the_fakes_that_the_discriminator_has_seen(small_game: Game, fit: Fit):
    """With a discriminator that stands still, it is the gradient of the loss at those very latents."""
    still = partial(torch.optim.SGD, lr=0.0)
    game = small_game(speed=SHARED, optimizer=still, ema=0.0)
    seen: list[Tensor] = []
    game.generator.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    fit(game, steps=1)
    found = [parameter.grad.clone() for parameter in game.generator.parameters() if parameter.grad is not None]
    loss = game.loss.generator(Critique(game.discriminator, torch.zeros(4, 2), game.generator(seen[0])))
    expected = torch.autograd.grad(loss, list(game.generator.parameters()))
    torch.testing.assert_close(found, list(expected))


# ---- the optimizers' memory ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fused", [True, False])
def test_a_step_behind_a_checkpoint_of_another_layout_is_the_same_step(fused: bool):
    weights = [nn.Parameter(torch.randn(4, 3, 3, 3))]
    weights.append(nn.Parameter(weights[0].detach().clone(memory_format=torch.channels_last)))
    adams = [torch.optim.Adam([weight], lr=0.1, fused=fused) for weight in weights]
    gradients = [torch.randn(4, 3, 3, 3) for _ in range(2)]
    weights[0].grad = gradients[0].clone()
    adams[0].step()
    adams[1].load_state_dict(copy.deepcopy(adams[0].state_dict()))
    weights[1].data.copy_(weights[0].data)
    follow_layout(adams)
    for weight, adam in zip(weights, adams, strict=True):
        weight.grad = torch.empty_like(weight).copy_(gradients[1])
        adam.step()
    torch.testing.assert_close(*weights)
