"""ONNX, for any runtime of it: the graph and its weights in one file, any batch size."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.export.formats import Format, Sampler

_TRACED = 2  # samples in the batch that the graph is recorded with; it holds for any number


@final
class Onnx(Format):
    """`latents` (N, latent_dim) in, `samples` (N, *shape) out, float32."""

    file = "generator.onnx"
    packages = ("onnx", "onnxruntime", "onnxscript")
    tolerance = 1e-4
    usage = """\
import numpy, onnxruntime
session = onnxruntime.InferenceSession("generator.onnx")
latents = numpy.random.default_rng(0).standard_normal((16, {latent_dim}), dtype=numpy.float32)
samples = session.run(["samples"], {{"latents": latents}})[0]
"""

    def write(self, generator: nn.Module, path: Path, about: Mapping[str, str]) -> None:
        """Record the graph and save it, `about` as its metadata."""
        latents = torch.zeros(_TRACED, int(generator.latent_dim))  # type: ignore[arg-type]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own, of its libraries
            program = torch.onnx.export(
                generator,
                (latents,),
                dynamo=True,
                input_names=["latents"],
                output_names=["samples"],
                dynamic_shapes=({0: torch.export.Dim("n")},),
                verbose=False,
            )
        assert program is not None
        program.model.metadata_props.update(about)
        program.save(path)

    def read(self, path: Path) -> Sampler:
        """By onnxruntime on the CPU."""
        from onnxruntime import InferenceSession

        session = InferenceSession(path, providers=["CPUExecutionProvider"])

        def sample(latents: Tensor) -> Tensor:
            (samples,) = session.run(["samples"], {"latents": latents.numpy()})
            return torch.from_numpy(samples)

        return sample
