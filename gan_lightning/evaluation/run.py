"""Evaluate a run or a folder of pictures: the figures, and a line of `metrics.jsonl` for each."""

from pathlib import Path

import torch
from omegaconf import DictConfig

from gan_lightning.build import build
from gan_lightning.data.base import ImageData, MemoryData
from gan_lightning.errors import UsageError
from gan_lightning.evaluation.pictures import read_pictures
from gan_lightning.evaluation.subject import Pictures, Run, Subject
from gan_lightning.metrics.evaluator import Evaluator
from gan_lightning.metrics.records import Record, write
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.resume import read


def evaluate(subject: Subject, config: DictConfig, repeats: int, out: Path | None) -> tuple[list[Record], Path]:
    """The figures, and the file that they were appended to: `out`, or `metrics.jsonl` in the subject's `results`.

    Raises:
        UsageError: data, checkpoint or pictures are missing, damaged or don't fit each other.
    """
    path = out or subject.results / "metrics.jsonl"
    if path.is_dir():
        raise UsageError(f"--out {path} is a folder: name a file in it")
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    data: MemoryData = build(config.data)
    data.prepare_data()
    data.setup("fit")
    evaluator = Evaluator({name: build(node) for name, node in config.metrics.items()}, data)
    if isinstance(subject, Run):
        module, step = load(subject, config, data)
        records = evaluator.evaluate(module, step, None, repeats)
        suffix = f"_{step:08d}"
    else:
        records = _of_pictures(subject, evaluator, data)
        suffix = ""
    if not records:
        raise UsageError("nothing was measured: none of the metrics gives a figure of these samples")
    write(path, records)
    evaluator.draw_pictures(path.parent, suffix)
    return records, path


def load(run: Run, config: DictConfig, data: MemoryData) -> tuple[AdversarialModule, int]:
    """The game of a checkpoint, on the accelerator if there is one, and its generator updates."""
    checkpoint = read(run.checkpoint)
    module: AdversarialModule = build(config.model, shape=data.shape)
    try:
        module.load_state_dict(checkpoint["state_dict"])
    except RuntimeError as error:
        raise UsageError(f"{run.checkpoint} does not fit {run.config}: {str(error).splitlines()[1].strip()}") from error
    return module.to(_device()).eval(), int(checkpoint["global_step"])


def _of_pictures(subject: Pictures, evaluator: Evaluator, data: MemoryData) -> list[Record]:
    if not isinstance(data, ImageData):
        raise UsageError("pictures are compared with images: add data=mnist, or another set of images")
    samples = read_pictures(subject.folder, data)
    return evaluator.evaluate_samples(samples.values, samples.labels, _device())


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
