"""A program of `torch.export`: needs torch to run, and nothing of this package."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch
from torch import nn

from gan_lightning.export.formats import Format, Sampler

_TRACED = 2  # samples in the batch that the graph is recorded with; it holds for any number


def record(generator: nn.Module) -> torch.export.ExportedProgram:
    """The graph of a generator in eval mode, from latents (n, latent_dim) for any n."""
    latents = torch.zeros(_TRACED, int(generator.latent_dim))  # type: ignore[arg-type]
    return torch.export.export(generator, (latents,), dynamic_shapes=({0: torch.export.Dim("n")},))


@final
class Program(Format):
    """`torch.export.load(FILE).module()` is a function of latents (N, latent_dim)."""

    file = "generator.pt2"
    tolerance = 1e-6
    usage = """\
import numpy, torch
generator = torch.export.load("generator.pt2").module()
samples = generator(torch.from_numpy({latents}.astype("float32")))
"""

    def write(self, generator: nn.Module, path: Path, about: Mapping[str, str]) -> None:
        """Record the graph and save it, `about` in a file within."""
        program = record(generator)
        lines = "".join(f"{name}: {value}\n" for name, value in about.items())
        content = io.BytesIO()  # torch's own writer aborts the process where the disk is full
        torch.export.save(program, content, extra_files={"about.txt": lines})
        path.write_bytes(content.getvalue())

    def read(self, path: Path) -> Sampler:
        """By torch alone."""
        module = torch.export.load(path).module()
        return torch.no_grad()(module)
