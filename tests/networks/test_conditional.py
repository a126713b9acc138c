"""A condition in either player of every family."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from gan_lightning.build import build
from gan_lightning.errors import UsageError
from gan_lightning.networks import dcgan, mlp, resnet
from gan_lightning.networks.conditional import (
    DISCRIMINATORS,
    GENERATORS,
    ConcatDiscriminator,
    ConcatGenerator,
    NormGenerator,
    ProjectionDiscriminator,
    conditional_node,
)
from gan_lightning.networks.heads import HeadedDiscriminator

K, Z = 3, 5
LAYERS: dict[str, Any] = {"width": 8, "depth": 2, "activation": "relu"}
MLP: dict[str, Any] = {"latent_dim": Z, "norm": "batch", **LAYERS}
FAMILIES = {
    "mlp": (
        (2,),
        partial(mlp.Generator, latent_dim=Z, norm="batch", **LAYERS),
        partial(mlp.Discriminator, norm="none", **LAYERS),
    ),
    "mlp-images": ((1, 8, 8), partial(mlp.Generator, **MLP), partial(mlp.Discriminator, norm="layer", **LAYERS)),
    "dcgan": (
        (3, 16, 16),
        partial(dcgan.Generator, latent_dim=Z, width=8, norm="batch"),
        partial(dcgan.Discriminator, width=8, norm="none"),
    ),
    "resnet": (
        (1, 16, 16),
        partial(resnet.Generator, latent_dim=Z, width=8, norm="batch"),
        partial(resnet.Discriminator, width=8, norm="spectral"),
    ),
}
families = pytest.mark.parametrize(("shape", "generator", "discriminator"), FAMILIES.values(), ids=FAMILIES)
conditionings = pytest.mark.parametrize("conditioning", list(GENERATORS))


def classes(*labels: int) -> torch.Tensor:
    return torch.eye(K)[list(labels)]


@families
@conditionings
def test_a_class_changes_the_sample_and_nothing_of_the_others(conditioning, shape, generator, discriminator):
    made = GENERATORS[conditioning](generator, K, shape=shape)
    with torch.no_grad():  # conditional norms start alike for all classes
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    made.eval()
    noise = torch.randn(1, Z).expand(3, -1)
    samples = made(torch.cat([noise, classes(0, 1, 0)], 1))
    assert samples.shape == (3, *shape) and made.latent_dim == Z + K
    assert (samples[0] - samples[1]).abs().max() > 1e-3
    torch.testing.assert_close(samples[0], samples[2])


@families
@conditionings
def test_the_first_layer_is_affine_and_features_see_the_class_where_it_enters(
    conditioning, shape, generator, discriminator
):
    made = GENERATORS[conditioning](generator, K, shape=shape).eval()
    some, others = torch.randn(2, 4, Z + K)
    middle = made.first((some + others) / 2)
    torch.testing.assert_close(middle, (made.first(some) + made.first(others)) / 2, rtol=1e-4, atol=1e-5)
    assert made.features(some).shape[0] == 4 and made.features(some).dim() == 2


@families
@conditionings
def test_a_logit_depends_on_the_class_and_a_penalty_reaches_every_parameter(
    conditioning, shape, generator, discriminator
):
    made = DISCRIMINATORS[conditioning](discriminator, K, shape=shape)
    samples = torch.randn(2, *shape).requires_grad_()
    same = samples[:1].expand(2, *shape)
    logits = made.eval()(same, classes(0, 1))
    assert logits.shape == (2,) and abs(logits[0] - logits[1]) > 1e-5
    (gradient,) = torch.autograd.grad(made.train()(samples, classes(0, 1)).sum(), samples, create_graph=True)
    (made(samples, classes(0, 1)).square().mean() + gradient.square().mean()).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in made.parameters())


def test_projection_is_the_logit_plus_the_inner_product_of_embedding_and_features():
    make = FAMILIES["dcgan"][2]
    made = ProjectionDiscriminator(make, K, (3, 16, 16)).eval()
    samples = torch.randn(2, 3, 16, 16)
    vectors = made.embedding.weight.T[[2, 0]]
    expected = made.network(samples) + (vectors * made.network.features(samples)).sum(1)
    torch.testing.assert_close(made(samples, classes(2, 0)), expected)
    middle = made(samples, classes(2, 0) * 0.5 + classes(1, 1) * 0.5)  # linear in the condition
    torch.testing.assert_close(middle, (made(samples, classes(2, 0)) + made(samples, classes(1, 1))) / 2)


def test_concatenation_puts_a_plane_of_the_class_beside_the_channels():
    made = ConcatDiscriminator(FAMILIES["dcgan"][2], K, (3, 16, 16)).eval()
    samples = torch.randn(2, 3, 16, 16)
    planes = made.embedding.weight.T[[1, 2]].view(2, 1, 16, 16)
    torch.testing.assert_close(made(samples, classes(1, 2)), made.network(torch.cat([samples, planes], 1)))
    generator = ConcatGenerator(FAMILIES["dcgan"][1], K, (3, 16, 16)).eval()
    noise = torch.randn(2, Z)
    beside = torch.cat([noise, generator.embedding.weight.T[[1, 2]]], 1)
    torch.testing.assert_close(generator(torch.cat([noise, classes(1, 2)], 1)), generator.network(beside))


@families
def test_conditional_norms_start_as_the_plain_ones_without_gain_and_shift(shape, generator, discriminator):
    made = NormGenerator(generator, K, shape)
    plain = generator(shape=shape)
    norms = [m for m in plain.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        nn.init.ones_(norm.weight)
        nn.init.zeros_(norm.bias)
    ours = {n: p for n, p in made.network.named_parameters() if "gain" not in n and "shift" not in n}
    theirs = {
        n: p
        for n, p in plain.named_parameters()
        if p.dim() > 1 or not any(p is q for m in norms for q in m.parameters())
    }
    assert len(ours) == len(theirs) and len(norms) == sum("gain" in n for n, _ in made.network.named_parameters())
    for mine, yours in zip(ours.values(), theirs.values(), strict=True):
        yours.data.copy_(mine.data)
    noise = torch.randn(6, Z)
    torch.testing.assert_close(made(torch.cat([noise, classes(0, 1, 2, 0, 1, 2)], 1)), plain(noise))


def test_norms_that_are_not_there_cannot_be_conditioned():
    make = partial(mlp.Generator, latent_dim=Z, norm="none", **LAYERS)
    with pytest.raises(UsageError, match="needs BatchNorm in the generator: set network.generator.norm=batch"):
        NormGenerator(make, K, (2,))


@conditionings
def test_a_node_builds_the_generator_again(conditioning):
    family = {
        "_target_": "gan_lightning.networks.mlp.Generator",
        "_partial_": True,
        "latent_dim": Z,
        "norm": "batch",
        **LAYERS,
    }
    made = build(conditional_node(conditioning, family, K))(shape=(2,))
    assert type(made) is GENERATORS[conditioning] and made.latent_dim == Z + K


@families
@pytest.mark.parametrize("hidden", [0, 6])
def test_a_head_reads_the_features_behind_the_logit(hidden, shape, generator, discriminator):
    made = HeadedDiscriminator(discriminator, 4, hidden, shape).eval()
    samples = torch.randn(3, *shape)
    said = made(samples)
    assert said.shape == (3, 5)
    torch.testing.assert_close(said[:, 0], made.network(samples))
    torch.testing.assert_close(said[:, 1:], made.head(made.network.features(samples)))
