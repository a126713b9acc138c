"""safetensors: the weights, and in the file's head how to build the network that they are of; nothing executable."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import nn

from gan_lightning.build import build
from gan_lightning.errors import UsageError
from gan_lightning.export.formats import Format, Sampler

NETWORK, SHAPE = "network", "shape"
"""Keys of what the file's head says of the network: its node of the config, and a sample's shape, both as JSON."""


@final
class Safetensors(Format):
    """Weights alone, for this package or for any program that knows the network."""

    file = "generator.safetensors"
    tolerance = 0.0
    usage = """\
import numpy, torch
from gan_lightning.export.weights import load_generator
generator = load_generator("generator.safetensors")
samples = generator(torch.from_numpy({latents}.astype("float32")))
"""

    def write(self, generator: nn.Module, path: Path, about: Mapping[str, str]) -> None:
        """Save the weights, with `about` in the file's head, from which the network is built again."""
        state = {name: tensor.contiguous() for name, tensor in generator.state_dict().items()}
        path.write_bytes(save(state, metadata=dict(about)))  # `save_file` hides what the disk says

    def read(self, path: Path) -> Sampler:
        """By `load_generator`."""
        return torch.no_grad()(load_generator(path))


def load_generator(path: str | Path) -> nn.Module:
    """A generator from an exported safetensors file, on the CPU in eval mode; it has `latent_dim`.

    Raises:
        UsageError: the file is damaged, or another, or describes a network that may not be built.
    """
    try:
        with safe_open(path, "pt") as file:
            head = file.metadata() or {}
        network, shape = json.loads(head[NETWORK]), tuple(json.loads(head[SHAPE]))
        state = load_file(path)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise UsageError(f"{path} is no generator that gan_lightning exported: {error}") from error
    generator: nn.Module = build(network)(shape=shape)
    generator.load_state_dict(state)
    return generator.eval()
