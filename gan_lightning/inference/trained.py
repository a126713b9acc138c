"""A run's generator with what its samples are shown by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from gan_lightning.data.base import PointData, Samples
from gan_lightning.inference.latents import BLOCK, draw_latents, latent_blocks
from gan_lightning.inference.of_images import ImageView
from gan_lightning.inference.of_points import PointView
from gan_lightning.inference.view import View
from gan_lightning.models.generative import Weights
from gan_lightning.networks.generator import Generator
from gan_lightning.priors import Prior
from gan_lightning.quiet import quieten
from gan_lightning.runs.opened import Opened, open_run
from gan_lightning.runs.run import Run

_POINTS = 2000  # in a cloud
_SAMPLES, _OF_EACH, _CLASSES = 64, 10, 100  # in a sheet, or of each class unless they are very many


@dataclass(frozen=True)
class Trained:
    """One of the generators of an opened run."""

    opened: Opened
    weights: Weights
    view: View

    @property
    def generator(self) -> Generator:
        """In eval mode."""
        return self.opened.generator(self.weights)

    @property
    def prior(self) -> Prior:
        """What its latents are drawn from."""
        return self.opened.module.prior

    @property
    def device(self) -> torch.device:
        """Where the generator is."""
        return self.opened.module.device

    def latents(self, n: int, seed: int) -> Tensor:
        """The first n latents of a seed, (n, latent_dim), on the CPU."""
        return draw_latents(n, self.prior, seed)

    @property
    def usual(self) -> int:
        """How many samples a picture has where nobody says."""
        return _OF_EACH * self.prior.num_classes if 0 < self.prior.num_classes <= _CLASSES else _SAMPLES

    def draw(self, latents: Tensor) -> Tensor:
        """Latents (..., latent_dim) to samples (..., *shape) in stored units, on the CPU."""
        return self.opened.draw(latents.flatten(0, -2), self.weights).unflatten(0, latents.shape[:-1])

    def samples(self, n: int, seed: int, truncation: float | None, label: int | None) -> Iterator[Samples]:
        """n samples in stored units, block by block, with the classes that were asked for where there are any.

        Sample i is the same to the bit for every n above i. Raises UsageError for a label that can't be asked for.
        """
        for number, latents in enumerate(latent_blocks(n, self.prior, seed, truncation, label)):
            some = latents[: n - number * BLOCK]
            yield Samples(self.opened.draw(latents, self.weights)[: len(some)], self.prior.labels(some))

    def name(self, verb: str, seed: int, *settings: str) -> str:
        """What a file is called that the verb makes of this generator."""
        return "_".join([verb, f"{self.opened.step:08d}", self.weights, f"seed{seed}", *settings])


def by_class(blocks: Sequence[Samples]) -> tuple[Tensor, int | None]:
    """Samples (n, ...) in the order of a picture, and its columns: a class a row where each has as many as the others.

    Without classes, or with only some of them in the picture as often as others, they stay as they are: None columns.
    """
    values = torch.cat([block.values for block in blocks])
    if blocks[0].labels is None:
        return values, None
    labels = torch.cat([block.labels for block in blocks if block.labels is not None])
    counts = labels.bincount()[labels.unique()]
    if len(counts) < 2 or counts.min() < counts.max():
        return values, None
    return values[labels.argsort(stable=True)], int(counts[0])


def open_trained(run: Run, asked: str | None) -> Trained:
    """The generator of a run that is asked for, the averaged one if None is.

    Raises:
        UsageError: the run is damaged, or has no such generator.
    """
    quieten()
    opened = open_run(run)
    weights = opened.weights(asked)
    return Trained(opened, weights, _view(opened, weights))


def _view(opened: Opened, weights: Weights) -> View:
    if len(opened.data.shape) == 3:
        return ImageView()
    real = cast(PointData, opened.data).held_out(_POINTS, 1)
    latents = draw_latents(_POINTS, opened.module.prior, 0)
    return PointView(real, opened.draw(latents, weights))
