"""From a composed config to a finished run: prepare -> fit."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning import LightningModule, Trainer, seed_everything
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.profilers import PassThroughProfiler
from omegaconf import DictConfig

from gan_lightning.blame import foreign, restoring, telling_whose
from gan_lightning.build import FOREIGN, build
from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.callbacks.stop import Listen, Stop
from gan_lightning.checkpoint_io import SafeCheckpointIO
from gan_lightning.cuda_check import quick_cuda_check
from gan_lightning.data.base import MemoryData
from gan_lightning.data.sources import check_enough
from gan_lightning.duration import seconds_of
from gan_lightning.ending import only_end
from gan_lightning.errors import GoBack, UsageError
from gan_lightning.guards import check_graphs
from gan_lightning.im2col import Products, use_im2col
from gan_lightning.interruption import Listener
from gan_lightning.memory import enough_memory, keep_freed_memory
from gan_lightning.models.assemble import assemble
from gan_lightning.models.resume import check_game, is_trained
from gan_lightning.models.trained import TrainedModule
from gan_lightning.optimizers import try_optimizers
from gan_lightning.places import check_places
from gan_lightning.quiet import quieten
from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.continued import cut_short
from gan_lightning.speed import AUTO, quickest_precision
from gan_lightning.unprofiled import Unprofiled

_WATCHING = ("callbacks", "logger")


class Parts(NamedTuple):
    """What a run consists of."""

    trainer: Trainer
    model: LightningModule
    data: MemoryData
    ckpt_path: Path | None
    """A checkpoint to go on from."""
    start: int
    """The iterations that it has seen; 0 without one."""
    trained: bool
    """Whether those are all: what follows training is missing."""
    listener: Listener
    """What hears the signals that stop the run."""
    foreign: Mapping[str, object]
    """Callbacks and loggers of other packages, by their places in the config."""


def prepare(config: DictConfig) -> Parts:
    """Load the data and build the parts that `config` describes, which then says what `auto` came to; nothing is
    written into the run's folder.

    Raises:
        UsageError: the data or the checkpoint are missing or damaged, or the parts fit neither each other nor memory.
    """
    with enough_memory():
        return _prepared(config)


def _prepared(config: DictConfig) -> Parts:
    quieten()
    keep_freed_memory()
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    seed_everything(config.seed, verbose=False)
    check_places(config)
    data = _load(config)
    model = assemble(config.model, data, data.num_classes)
    try_optimizers(model.optimizer_factories, model.parameters_of, FOREIGN)
    _settle_precision(config, data, model)
    built = {f"{part}.{name!s}": build(node) for part in _WATCHING for name, node in config[part].items()}
    listener = Listener()
    trainer = _trainer(config, built, listener)
    check_graphs(config.speed.compile, trainer.strategy.root_device.type)
    check_enough(data.epoch_samples, data.batch_size * data.minibatches * _processes(trainer))
    start, trained = _standing(config, trainer, model, data)
    ckpt_path = None if config.ckpt_path is None else Path(config.ckpt_path)
    return Parts(trainer, model, data, ckpt_path, start, trained, listener, foreign(built))


def _load(config: DictConfig) -> MemoryData:
    """The data, which fill at least one iteration."""
    data: MemoryData = build(config.data)
    data.prepare_data()
    check_enough(data.epoch_samples, data.batch_size * data.minibatches)  # before a folder of pictures is decoded
    data.setup("fit")
    return data


def _trainer(config: DictConfig, built: Mapping[str, Any], listener: Listener) -> Trainer:
    """Lightning's, with the callbacks and loggers that were built, by their places in the config."""
    callbacks = [part for place, part in built.items() if place.startswith("callbacks.")]
    loggers = [part for place, part in built.items() if place.startswith("logger.")]
    checkpoints = [callback for callback in callbacks if isinstance(callback, IntervalCheckpoint)]
    trainer: Trainer = build(
        config.trainer,
        callbacks=[Listen(listener), *callbacks, Stop(listener, checkpoints, seconds_of(config.trainer))],
        plugins=[SafeCheckpointIO()],
        logger=loggers,
        enable_progress_bar="progress" in config.callbacks,
        default_root_dir=Path(config.folder),
        max_time=None,  # that is for `Stop`: Lightning would take the run for finished
    )
    if type(trainer.profiler) is PassThroughProfiler:  # type: ignore[attr-defined]
        trainer.profiler = Unprofiled()  # type: ignore[attr-defined]
    return trainer


def _standing(config: DictConfig, trainer: Trainer, model: TrainedModule, data: MemoryData) -> tuple[int, bool]:
    """The iterations that the run's checkpoint has seen, and whether those are all; raises UsageError if it is another
    game's."""
    if config.ckpt_path is None:
        return 0, False
    ckpt_path, processes = Path(config.ckpt_path), _processes(trainer)
    checkpoint = read(ckpt_path)
    check_game(model, data, processes, checkpoint)
    start = checkpoint["global_step"]
    stopped = cut_short(Path(config.folder), ckpt_path)
    trained = is_trained(trainer, data.epoch_length(processes), start, stopped)
    if trained:
        only_end(trainer)
    return start, trained


def _processes(trainer: Trainer) -> int:
    return trainer.num_devices * trainer.num_nodes


def _settle_precision(config: DictConfig, data: MemoryData, model: TrainedModule) -> None:
    """Say in the config what `auto` comes to."""
    if config.trainer.precision == AUTO:
        weights = sum(weight.numel() for player in model.parameters_of.values() for weight in player)
        config.trainer.precision = quickest_precision(config.trainer.accelerator, data.shape, weights)


def fit(parts: Parts) -> float:
    """Train, from an earlier checkpoint again where the guard says so; returns the seconds.

    The figures are the trainer's `callback_metrics`.

    Raises:
        UsageError: what Lightning finds out only when it starts, or a checkpoint that can't be written.
        OSError: anything else can't be written.
        Interrupted: a signal stopped it, or its time is up.
        Diverged: the guard stopped it.
    """
    start = time.perf_counter()
    try:
        with enough_memory(), quick_cuda_check(), parts.listener:
            _train(parts)
    except MisconfigurationException as error:
        raise UsageError(str(error)) from error
    return time.perf_counter() - start


def _train(parts: Parts) -> None:
    """Once, or as often as the guard goes back."""
    checkpoint, done = parts.ckpt_path, False
    while not done:
        try:
            with restoring(checkpoint, parts.trainer._checkpoint_connector), telling_whose(parts.foreign):
                parts.trainer.fit(parts.model, parts.data, ckpt_path=checkpoint)
            done = True
        except GoBack as back:
            checkpoint = back.checkpoint
        finally:
            use_im2col(parts.model, Products.NONE)
