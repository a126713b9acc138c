"""What turns images into features."""

from abc import ABC, abstractmethod
from functools import cached_property

import torch
from torch import Tensor, nn

from gan_lightning.metrics.measure import Features

_BATCH = 250  # images at once


class Extractor(ABC):
    """A fixed network that gives each image features and logits. No part of any LightningModule or checkpoint."""

    name: str
    """As records show it."""
    sha256: str
    """Of its weights."""

    @abstractmethod
    def load(self) -> nn.Module:
        """The network in eval mode: uint8 (N, C, H, W) to features (N, D) and logits (N, K)."""

    @cached_property
    def network(self) -> nn.Module:
        """The network, read on first use."""
        return self.load()

    @torch.no_grad()
    def __call__(self, images: Tensor, labels: Tensor | None, device: torch.device) -> Features:
        """Features of uint8 images (n, C, H, W), computed on `device`, kept on the CPU."""
        network = self.network.to(device)
        found = [network(batch.to(device)) for batch in images.split(_BATCH)]
        values, logits = (torch.cat([part[index].float().cpu() for part in found]) for index in (0, 1))
        return Features(values, logits, labels)
