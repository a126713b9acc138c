"""CycleGAN's networks."""

import pytest
import torch
from torch import nn

from gan_lightning.critique import Critique
from gan_lightning.errors import UsageError
from gan_lightning.networks.limits import NORMS
from gan_lightning.networks.translator import Discriminator, Generator
from gan_lightning.penalties import Gradient


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_translator_of_256_px_has_the_papers_layers():
    ends = (7 * 7 * 3) * 64 + (7 * 7 * 64 + 1) * 3
    downs = 9 * 64 * 128 + 9 * 128 * 256
    blocks = 9 * 2 * (9 * 256 * 256)
    gains = 2 * (64 + 128 + 256 + 9 * 2 * 256 + 128 + 64)  # InstanceNorm's gain and shift, where the paper has neither
    assert count(Generator((3, 256, 256), 64, 9, "instance")) == ends + 2 * downs + blocks + gains


def test_the_critic_of_256_px_is_the_70_px_patchgan():
    convolutions = (16 * 3 + 1) * 64 + 16 * (64 * 128 + 128 * 256 + 256 * 512) + (16 * 512 + 1)
    critic = Discriminator((3, 256, 256), 64, 3, "instance")
    assert count(critic) == convolutions + 2 * (128 + 256 + 512)
    assert critic(torch.zeros(2, 3, 256, 256)).shape == (2, 1, 30, 30)


@pytest.mark.parametrize("side", [8, 28, 32, 36])
def test_a_translation_has_the_pictures_shape_and_range(side: int):
    translator = Generator((3, side, side), 4, 2, "instance")
    images = 1e3 * torch.randn(2, 3, side, side)
    translated = translator(images)
    assert translated.shape == images.shape and translated.abs().max() <= 1
    assert torch.equal(translator(images.flatten(1)), translated)
    assert translator.latent_dim == 3 * side * side


@pytest.mark.parametrize(("layers", "patch"), [(1, 16), (2, 34), (3, 70)])
def test_a_logit_sees_a_patch_of_that_many_pixels(layers: int, patch: int):
    side = 2 * patch
    critic = Discriminator((1, side, side), 4, layers, "none")
    image = torch.randn(1, 1, side, side, requires_grad=True)
    logits = critic(image)
    middle = logits.shape[-1] // 2
    (gradient,) = torch.autograd.grad(logits[0, 0, middle, middle], image)
    seen = gradient[0, 0].nonzero()
    assert (seen.amax(0) - seen.amin(0) + 1).tolist() == [patch, patch]


@pytest.mark.parametrize("norm", [norm for norm in NORMS if norm != "batch"])
def test_the_logits_of_an_image_depend_on_it_alone(norm: str):
    critic = Discriminator((3, 16, 16), 16, 1, norm).eval()
    image, others = torch.randn(1, 3, 16, 16), torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(critic(torch.cat([image, others]))[:1], critic(image))


@pytest.mark.parametrize("norm", NORMS)
def test_a_penalty_reaches_every_weight_of_the_critic(norm: str):
    critic = Discriminator((3, 16, 16), 16, 2, norm)
    critique = Critique(critic, torch.randn(4, 3, 16, 16), torch.randn(4, 3, 16, 16))
    Gradient(10.0, 1.0, False, every=1)(critique).backward()
    weights = {name: parameter for name, parameter in critic.named_parameters() if parameter.dim() > 1}
    assert len(weights) == 4
    for name, weight in weights.items():
        assert weight.grad is not None and weight.grad.isfinite().all() and weight.grad.any(), name


def test_weights_start_as_the_papers():
    for network in (Generator((3, 16, 16), 32, 2, "instance"), Discriminator((3, 32, 32), 64, 2, "instance")):
        for name, parameter in network.named_parameters():
            if parameter.dim() > 1 and parameter.numel() > 10_000:
                assert parameter.std().item() == pytest.approx(0.02, rel=0.05), name
            if name.endswith("bias"):
                assert not parameter.any(), name


def test_what_cannot_be_built_is_refused():
    with pytest.raises(UsageError, match=r"^network=translator translates images, .* use network=point_translator$"):
        Generator((2,), 4, 1, "none")
    with pytest.raises(UsageError, match=r"can't translate images of 30 x 30 px, .*, 28 px or 32 px say$"):
        Generator((1, 30, 30), 4, 1, "none")
    with pytest.raises(UsageError, match=r"can't translate images of 4 x 4 px, .*, 8 px or 12 px say$"):
        Generator((1, 4, 4), 4, 1, "none")
    with pytest.raises(UsageError, match=r"^network\.generator\.blocks is 0: set it to 1 or more$"):
        Generator((1, 8, 8), 4, 0, "none")
    with pytest.raises(UsageError, match=r"^network\.discriminator\.layers=4 halves images of 28 x 28 px .* to 3$"):
        Discriminator((1, 28, 28), 4, 4, "none")
    with pytest.raises(UsageError, match=r"judge: resize the data to 8 px or more, and set it to 1$"):
        Discriminator((1, 4, 4), 4, 1, "none")
    with pytest.raises(UsageError, match=r"^network=translator judges images"):
        Discriminator((2,), 4, 1, "none")
