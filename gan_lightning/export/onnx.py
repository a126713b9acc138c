"""ONNX, for any runtime of it: the graph and its weights in one file, any batch size."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.export.formats import Format, Sampler
from gan_lightning.export.program import record


@final
class Onnx(Format):
    """`latents` (N, latent_dim) in, `samples` (N, *shape) out, float32."""

    file = "generator.onnx"
    packages = ("onnx", "onnxruntime", "onnxscript")
    tolerance = 1e-4
    usage = """\
import numpy, onnxruntime
session = onnxruntime.InferenceSession("generator.onnx")
latents = {latents}.astype("float32")
samples = session.run(["samples"], {{"latents": latents}})[0]
"""

    def write(self, generator: nn.Module, path: Path, about: Mapping[str, str]) -> None:
        """Record the graph and save it, `about` as its metadata."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own, of its libraries
            graph, latents, samples = record(generator), ["latents"], ["samples"]
            program = torch.onnx.export(graph, dynamo=True, input_names=latents, output_names=samples, verbose=False)
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
