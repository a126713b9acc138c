"""Write a run's generator in a format, compare it with the original, and describe it in a model card."""

import copy
import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from omegaconf import OmegaConf
from torch import Tensor, nn

from gan_lightning import __version__, noise
from gan_lightning.data.base import MemoryData
from gan_lightning.errors import UsageError
from gan_lightning.export.card import Facts, card
from gan_lightning.export.formats import Format, Sampler
from gan_lightning.export.onnx import Onnx
from gan_lightning.export.program import Program
from gan_lightning.export.weights import NETWORK, SHAPE, Safetensors
from gan_lightning.metrics.records import read
from gan_lightning.models.generative import Weights
from gan_lightning.priors import Prior
from gan_lightning.runs.opened import Opened
from gan_lightning.runs.run import CONFIG, Run

FORMATS: dict[str, Format] = {"onnx": Onnx(), "safetensors": Safetensors(), "torch": Program()}
"""By the name on the command line."""
CARD = "README.md"

_BATCHES = (1, 63)  # samples that the file's are compared on: a graph must hold for any number
_LATENTS = 0x65787074  # "expt": a stream that no training shares


class Exported(NamedTuple):
    """What was written."""

    file: Path
    difference: float
    """From the original, the largest over all numbers of the samples compared, in the networks' units."""
    compared: int
    """Samples."""


def export(run: Run, opened: Opened, weights: Weights, form: Format, licence: str, folder: Path) -> Exported:
    """Write the generator and its card into a folder that exists.

    Raises:
        UsageError: the file's samples are not the original's.
    """
    generator = copy.deepcopy(opened.module.network(weights)).cpu().float().eval()
    about = _about(run, opened, weights, generator)
    path = folder / form.file
    form.write(generator, path, about)
    prior = opened.module.prior
    difference = max(_difference(form.read(path), generator, prior, n) for n in _BATCHES)
    if not difference <= form.tolerance:  # a NaN is no agreement
        raise UsageError(
            f"the exported samples differ from the original's by {difference:.2g}, more than {form.tolerance:g}: "
            "nothing was kept; another --format may do"
        )
    facts = Facts(
        title=f"{about['variant']} on {about['data']}",
        about={name: value for name, value in about.items() if name not in (NETWORK, SHAPE)},
        prior=prior,
        shape=opened.data.shape,
        units=_units(opened.data),
        records=_figures(run.folder / "metrics.jsonl", opened.step, weights),
        difference=difference,
        compared=sum(_BATCHES),
        licence=licence,
    )
    (folder / CARD).write_text(card(facts, form))
    return Exported(path, difference, sum(_BATCHES))


def _about(run: Run, opened: Opened, weights: Weights, generator: nn.Module) -> dict[str, str]:
    """What a reader, or a program, needs to know of a generator."""
    model = opened.config.model
    family: Any = OmegaConf.to_container(model.generator, resolve=True)
    network = opened.module.generator_node(family)
    penalties = (type(penalty).__name__ for penalty in opened.module.penalties.values())
    return {
        "variant": run.variant,
        "data": opened.data.title,
        "generator": "averaged over training (ema)" if weights == "ema" else "as trained last (raw)",
        "iterations": str(opened.step),
        "loss": " + ".join([opened.module.objective, *penalties]),
        "n_critic": str(model.n_critic),
        "seed": str(model.seed),
        "parameters": f"{sum(parameter.numel() for parameter in generator.parameters()):,}",
        "config": f"sha256 {hashlib.sha256((run.folder / CONFIG).read_bytes()).hexdigest()}",
        "made with": f"gan_lightning {__version__}, torch {torch.__version__}",
        NETWORK: json.dumps(network),
        SHAPE: json.dumps(opened.data.shape),
    }


def _units(data: MemoryData) -> str:
    if len(data.shape) == 3:
        return "pixels from -1 (black) to 1 (white)"
    factor = float(data.restore(torch.ones(1, *data.shape)).max())
    return "coordinates" if factor == 1 else f"coordinates, in the data's units when multiplied by {factor:.7g}"


def _figures(path: Path, step: int, weights: Weights) -> list[dict[str, Any]]:
    """The records of a generator at an iteration, the latest of each figure."""
    of_it = [record for record in read(path) if (record["step"], record["weights"]) == (step, weights)]
    of_it = [record for record in of_it if not record["name"].startswith("label_share_")]  # their KL says it shorter
    return list({record["name"]: record for record in of_it}.values())


@torch.no_grad()
def _difference(sampler: Sampler, generator: nn.Module, prior: Prior, n: int) -> float:
    latents = prior.draw(n, noise.generator(0, _LATENTS, n))
    expected: Tensor = generator(latents)
    return float((sampler(latents) - expected).abs().max())
