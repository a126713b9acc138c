"""The encoder of any family, and the critic that reconstructs."""

from functools import partial

import pytest
import torch
from torch import nn

from gan_lightning.networks import dcgan, linear, mlp, resnet
from gan_lightning.networks.autoencoder import AutoEncoder
from gan_lightning.networks.encoder import Encoder

FAMILIES = {
    "mlp": ((2,), mlp, {"width": 8, "depth": 2, "activation": "relu"}),
    "dcgan": ((3, 8, 8), dcgan, {"width": 4}),
    "resnet": ((3, 8, 8), resnet, {"width": 4}),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_code_is_linear_in_the_features_of_each_family(family: str):
    shape, module, settings = FAMILIES[family]
    encoder = Encoder(partial(module.Discriminator, norm="none", **settings), 3, shape)
    samples = torch.randn(5, *shape)
    assert isinstance(encoder.head, nn.Linear)
    expected = encoder.network.features(samples) @ encoder.head.weight.T + encoder.head.bias
    assert torch.allclose(encoder(samples), expected, atol=1e-6)


@pytest.mark.parametrize("eta", [1, 2])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_logit_is_minus_the_mean_error_and_the_code_stands_behind_it(family: str, eta: int):
    shape, module, settings = FAMILIES[family]
    decoder = partial(module.Generator, latent_dim=7, norm="none", **settings)
    critic = AutoEncoder(partial(module.Discriminator, norm="none", **settings), decoder, 3, eta, shape)
    samples = torch.randn(5, *shape)
    said = critic(samples)
    code = critic.encoder(samples)
    errors = (samples - critic.decoder(code)).flatten(1)
    assert said.shape == (5, 4)
    assert torch.equal(said[:, 1:], code)
    assert torch.allclose(-said[:, 0], errors.abs().mean(1) if eta == 1 else errors.square().mean(1))
    assert (said[:, 0] < 0).all()


def test_the_decoder_has_the_critics_norm_and_not_the_generators():
    settings = {"width": 8, "depth": 1, "activation": "relu"}
    decoder = partial(mlp.Generator, latent_dim=7, norm="batch", **settings)
    critic = AutoEncoder(partial(mlp.Discriminator, norm="layer", **settings), decoder, 3, 2, (2,))
    kinds = [type(module) for module in critic.decoder.modules()]
    assert nn.LayerNorm in kinds and nn.BatchNorm1d not in kinds


def test_a_linear_critic_reconstructs_by_an_affine_map():
    critic = AutoEncoder(
        partial(linear.Discriminator, norm="none"), partial(linear.Generator, latent_dim=2), 1, 2, (2,)
    )
    with torch.no_grad():
        for weight in critic.decoder.parameters():
            weight.zero_()
    samples = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert critic(samples)[:, 0].tolist() == [-12.5, 0.0]
