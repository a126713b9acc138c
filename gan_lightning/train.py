"""From a composed config to a finished run: build -> fit -> figures."""

import logging
import time
import warnings
from pathlib import Path

import torch
from lightning import LightningModule, Trainer, seed_everything
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig

from gan_lightning.build import build
from gan_lightning.data.base import MemoryData
from gan_lightning.errors import UsageError
from gan_lightning.memory import keep_freed_memory
from gan_lightning.models.resume import check_file


def train(config: DictConfig) -> tuple[Trainer, float]:
    """Train what `config` describes; returns the trainer, whose `callback_metrics` are the figures, and the seconds.

    Raises:
        UsageError: the data are missing or damaged, or the parts don't fit each other; nothing was trained.
    """
    quieten()
    keep_freed_memory()
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    seed_everything(config.seed, verbose=False)
    data: MemoryData = build(config.data)
    data.prepare_data()
    data.setup("fit")
    model: LightningModule = build(config.model, shape=data.shape)
    trainer: Trainer = build(
        config.trainer,
        callbacks=[build(node) for node in config.callbacks.values()],
        logger=[build(node) for node in config.logger.values()],
        enable_progress_bar="progress" in config.callbacks,
        default_root_dir=Path(config.folder),
    )
    if config.ckpt_path is not None:
        check_file(Path(config.ckpt_path))
    start = time.perf_counter()
    try:
        trainer.fit(model, data, ckpt_path=config.ckpt_path)
    except MisconfigurationException as error:  # what Lightning finds out only when it starts
        raise UsageError(str(error)) from error
    return trainer, time.perf_counter() - start


def quieten() -> None:
    """Silence what libraries say of themselves at every start."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=r".*isinstance\(treespec, LeafSpec\)")
    warnings.filterwarnings("ignore", message=".*smaller than the logging interval.*")
    warnings.filterwarnings("ignore", message=".*GPU available but not used.*")
