"""What holds for every family: the config owns the knobs, and each norm works in both players."""

import copy
import inspect
import math
from functools import partial
from pathlib import Path

import pytest
import torch
from hydra.utils import get_class
from omegaconf import OmegaConf
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from gan_lightning.networks import dcgan, infogan, linear, mlp, point_translator, resnet, translator
from gan_lightning.networks.limits import NORMS

CONFIGS = sorted((Path(__file__).parents[2] / "conf" / "network").glob("*.yaml"))
POINTS, IMAGES = (2,), (3, 16, 16)
VECTOR_NORMS = [norm for norm in NORMS if norm != "instance"]
NARROW_NORMS = [norm for norm in VECTOR_NORMS if norm != "group"]
LATENT_DIM = 5

GENERATORS = {
    **{
        f"mlp-{norm}": (POINTS, partial(mlp.Generator, POINTS, LATENT_DIM, 16, 2, "elu", norm)) for norm in VECTOR_NORMS
    },
    "linear": (POINTS, partial(linear.Generator, POINTS, LATENT_DIM)),
    **{f"dcgan-{norm}": (IMAGES, partial(dcgan.Generator, IMAGES, LATENT_DIM, 16, norm)) for norm in NORMS},
    **{
        f"infogan-{norm}": (IMAGES, partial(infogan.Generator, IMAGES, LATENT_DIM, 16, 16, norm))
        for norm in VECTOR_NORMS
    },
    **{f"resnet-{norm}": (IMAGES, partial(resnet.Generator, IMAGES, LATENT_DIM, 16, norm)) for norm in NORMS},
    **{f"translator-{norm}": (IMAGES, partial(translator.Generator, IMAGES, 16, 1, norm)) for norm in NORMS},
    **{
        f"point_translator-{norm}": (POINTS, partial(point_translator.Generator, POINTS, 16, 2, "elu", norm))
        for norm in VECTOR_NORMS
    },
}
TRANSLATORS = ("translator", "point_translator")
"""Families whose latents are samples."""
DISCRIMINATORS = {
    **{f"mlp-{norm}": (POINTS, partial(mlp.Discriminator, POINTS, 16, 2, "elu", norm)) for norm in VECTOR_NORMS},
    **{f"linear-{norm}": (POINTS, partial(linear.Discriminator, POINTS, norm)) for norm in NARROW_NORMS},
    **{f"dcgan-{norm}": (IMAGES, partial(dcgan.Discriminator, IMAGES, 16, norm)) for norm in NORMS},
    **{f"infogan-{norm}": (IMAGES, partial(infogan.Discriminator, IMAGES, 16, 16, norm)) for norm in VECTOR_NORMS},
    **{f"resnet-{norm}": (IMAGES, partial(resnet.Discriminator, IMAGES, 16, norm)) for norm in NORMS},
}
generators = pytest.mark.parametrize(("shape", "build"), GENERATORS.values(), ids=GENERATORS)
discriminators = pytest.mark.parametrize(("shape", "build"), DISCRIMINATORS.values(), ids=DISCRIMINATORS)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_the_config_alone_sets_every_knob(path: Path, player: str):
    config = OmegaConf.select(OmegaConf.load(path), player)
    assert config["_partial_"] is True
    parameters = inspect.signature(get_class(config["_target_"])).parameters
    from_the_data = {"shape", "num_classes"}
    assert set(config) - {"_target_", "_partial_"} == set(parameters) - from_the_data
    assert all(parameters[knob].default is inspect.Parameter.empty for knob in set(parameters) - from_the_data)


@generators
def test_a_generator_maps_latents_to_samples_of_the_shape(shape, build, request):
    generator = build()
    translates = request.node.callspec.id.startswith(TRANSLATORS)
    assert generator.latent_dim == (math.prod(shape) if translates else LATENT_DIM)
    assert generator(torch.randn(3, generator.latent_dim)).shape == (3, *shape)


@generators
def test_the_first_layer_is_affine_and_features_are_what_follows_it(shape, build):
    generator = build().eval()
    latents, others = torch.randn(2, 3, generator.latent_dim)
    middle = generator.first((latents + others) / 2)
    torch.testing.assert_close(middle, (generator.first(latents) + generator.first(others)) / 2, rtol=1e-4, atol=1e-6)
    stages = generator.first(latents), generator.features(latents)
    assert all(stage.dim() == 2 and len(stage) == 3 and stage.std() > 0 for stage in stages)
    torch.testing.assert_close(generator.features(latents[:1]), stages[1][:1])  # of each latent alone


@discriminators
def test_a_discriminator_maps_samples_to_one_logit_each(shape, build):
    discriminator = build()
    assert discriminator(torch.randn(3, *shape)).shape == (3,)
    assert discriminator.eval()(torch.randn(1, *shape)).shape == (1,)  # a batch of one keeps its dimension


@discriminators
def test_a_gradient_penalty_reaches_every_parameter_of_a_discriminator(shape, build):
    assert_takes_second_order_gradients(build(), torch.randn(4, *shape))


@generators
def test_a_penalty_on_the_gradient_reaches_every_parameter_of_a_generator(shape, build):
    generator = build()
    assert_takes_second_order_gradients(generator, torch.randn(4, generator.latent_dim))


@pytest.mark.parametrize(
    "build",
    [build for name, (_, build) in (GENERATORS | DISCRIMINATORS).items() if name.endswith("spectral")],
)
def test_spectral_norm_is_on_every_layer_first_and_last_included(build):
    layers = [m for m in build().modules() if isinstance(m, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]
    assert len(layers) >= 3
    assert all(is_parametrized(layer, "weight") for layer in layers)


@discriminators
def test_a_logit_depends_on_the_rest_of_the_batch_under_batch_norm_only(shape, build, request):
    discriminator = build()
    with torch.no_grad():  # away from the small weights of the start, and spectral norm's estimate held still
        for parameter in discriminator.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
    if request.node.callspec.id.endswith("spectral"):
        discriminator.eval()
    sample, others = torch.randn(1, *shape), torch.randn(2, 7, *shape)
    one, other = (discriminator(torch.cat([sample, rest]))[0].item() for rest in others)
    if request.node.callspec.id.endswith("batch"):
        assert abs(one - other) > 1e-3
    else:
        assert one == pytest.approx(other, rel=1e-4, abs=1e-5)


@generators
def test_a_copy_of_a_generator_makes_the_same_samples_and_shares_nothing(shape, build):
    generator = build()
    ema = copy.deepcopy(generator)
    latents = torch.randn(3, generator.latent_dim)
    before = generator.eval()(latents)
    torch.testing.assert_close(ema.eval()(latents), before, rtol=0, atol=0)
    with torch.no_grad():
        for parameter in ema.parameters():
            parameter.add_(torch.randn_like(parameter))
    torch.testing.assert_close(generator(latents), before, rtol=0, atol=0)
    assert not torch.allclose(ema(latents), before)


def assert_takes_second_order_gradients(network: nn.Module, inputs: torch.Tensor) -> None:
    inputs.requires_grad_()
    outputs = network(inputs)
    (gradient,) = torch.autograd.grad(outputs.sum(), inputs, create_graph=True)
    penalty = gradient.flatten(1).square().sum(1).mean()
    weights = [parameter for parameter in network.parameters() if parameter.dim() > 1]
    for second_order in torch.autograd.grad(penalty, weights, retain_graph=True):
        assert second_order.isfinite().all() and second_order.any()
    (outputs.square().mean() + penalty).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name


@discriminators
def test_the_last_layer_is_affine_in_the_features(shape, build):
    discriminator = build().eval()
    samples = torch.randn(3, *shape)
    features = discriminator.features(samples)
    assert features.shape == (3, discriminator.feature_dim)
    torch.testing.assert_close(discriminator.score(features), discriminator(samples))
    ends = discriminator.score(features[:1]), discriminator.score(features[1:2])
    middle = discriminator.score((features[:1] + features[1:2]) / 2)
    torch.testing.assert_close(middle, (ends[0] + ends[1]) / 2, rtol=1e-4, atol=1e-6)
