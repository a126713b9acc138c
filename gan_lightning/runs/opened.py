"""A run's game, ready to be asked for samples: built from its config, with the weights of one of its checkpoints."""

from dataclasses import dataclass
from typing import cast

import torch
from omegaconf import DictConfig
from torch import Tensor

from gan_lightning.build import build
from gan_lightning.data.base import MemoryData
from gan_lightning.errors import UsageError
from gan_lightning.models.assemble import assemble
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.generative import Weights
from gan_lightning.networks.generator import Generator
from gan_lightning.places import check_places
from gan_lightning.runs.checkpoint import NUM_CLASSES, read
from gan_lightning.runs.run import Run
from gan_lightning.values import check_values

_CHUNK = 500  # samples that are floats at once


@dataclass(frozen=True)
class Opened:
    """A run's game at one of its checkpoints."""

    config: DictConfig
    data: MemoryData
    """The source: its shape and units are known, its samples are read only where they are asked for."""
    module: AdversarialModule
    """In eval mode, on the accelerator if there is one."""
    step: int
    """Generator updates that the checkpoint has seen."""

    def weights(self, asked: str | None) -> Weights:
        """The generator of that name, or the averaged one where one is kept. Raises UsageError if there is none."""
        known = self.module.weights
        for name in known:
            if asked in (name, None):
                return name
        raise UsageError(f"--weights {asked}: this run has {' and '.join(known)}")

    def generator(self, weights: Weights) -> Generator:
        """The generator of that name, in eval mode: gradients reach its latents."""
        return cast(Generator, self.module.network(weights))

    def draw(self, latents: Tensor, weights: Weights) -> Tensor:
        """Latents (N, latent_dim) to samples in the data's own units, on the CPU: uint8 images or points."""
        device, dtype = self.module.device, self.module.dtype
        parts = [self.module.sample(part.to(device, dtype), weights) for part in latents.split(_CHUNK)]
        return torch.cat([self.data.restore(part).cpu() for part in parts])


def open_run(run: Run, config: DictConfig | None = None) -> Opened:
    """Build a run's game and give it the weights of the run's checkpoint; nothing is read of the data.

    Args:
        run: what to open.
        config: instead of the run's own.

    Raises:
        UsageError: config or checkpoint are damaged, of another version, or don't fit each other.
    """
    config = run.config if config is None else config
    check_values(config)
    check_places(config)
    if config.get("threads") is not None:
        torch.set_num_threads(config.threads)
    data: MemoryData = build(config.data)
    module, step = open_module(config, data, run)
    return Opened(config, data, module, step)


def sampling_device() -> torch.device:
    """The accelerator, if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def open_module(config: DictConfig, data: MemoryData, run: Run) -> tuple[AdversarialModule, int]:
    """The game of a run's checkpoint, in eval mode where samples are drawn, and the generator updates it has seen.

    Args:
        config: the run's.
        data: the source that it describes; the checkpoint knows the number of its classes.
        run: whose checkpoint it is.

    Raises:
        UsageError: the checkpoint is damaged, or of other networks.
    """
    checkpoint = read(run.checkpoint)
    module = assemble(config.model, data, checkpoint.get(NUM_CLASSES, 0))
    try:
        module.load_state_dict(checkpoint["state_dict"])
    except (KeyError, RuntimeError) as error:
        reason = (str(error).splitlines() + [""])[1].strip()
        raise UsageError(f"{run.checkpoint} does not fit {run.folder / 'config.yaml'}: {reason}") from error
    return module.to(sampling_device()).eval(), int(checkpoint["global_step"])
