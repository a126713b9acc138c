"""A critic that is an autoencoder: what it reconstructs badly it holds for fake."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.networks.encoder import Encoder
from gan_lightning.networks.family import Family


@final
class AutoEncoder(nn.Module):
    """Samples (N, *shape) to (N, 1 + code_dim): the logit, which is minus the energy, then the code.

    The energy is the error of the reconstruction, the mean of |x - Dec(Enc(x))|^eta over the entries of a sample.

    Args:
        encoder: a family's discriminator; the code is linear in its features.
        decoder: a family's generator; its norm, where it has one, is the encoder's.
        code_dim: entries of the code.
        eta: the exponent, at least 1.
        shape: of a sample.
    """

    def __init__(self, encoder: Family, decoder: Family, code_dim: int, eta: float, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder = Encoder(encoder, code_dim, shape)
        norm = {name: encoder.keywords[name] for name in decoder.keywords.keys() & {"norm"}}
        self.decoder = decoder(shape=shape, latent_dim=code_dim, **norm)
        self.eta = eta

    def forward(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N, 1 + code_dim)."""
        code = self.encoder(samples)
        energy = (samples - self.decoder(code)).abs().pow(self.eta).flatten(1).mean(1)
        return torch.cat([-energy[:, None], code], 1)
