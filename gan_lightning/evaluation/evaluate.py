"""Evaluate a run or a folder of pictures: the figures, and a line of `metrics.jsonl` for each."""

from pathlib import Path

import torch
from omegaconf import DictConfig

from gan_lightning.build import build
from gan_lightning.data.base import MemoryData
from gan_lightning.errors import UsageError
from gan_lightning.evaluation.subject import Subject
from gan_lightning.folders import check_writable
from gan_lightning.metrics.evaluator import Evaluator
from gan_lightning.metrics.records import Record, write
from gan_lightning.places import check_places


def evaluate(subject: Subject, config: DictConfig, repeats: int, out: Path | None) -> tuple[list[Record], Path]:
    """The figures, and the file that they were appended to: `out`, or `metrics.jsonl` in the subject's `results`.

    Raises:
        UsageError: data, checkpoint or pictures are missing, damaged or don't fit each other.
    """
    path = out or subject.results / "metrics.jsonl"
    if path.is_dir():
        raise UsageError(f"--out {path} is a folder: name a file in it")
    check_writable(path.parent, "name another file with --out")
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    check_places(config)
    data: MemoryData = build(config.data)
    data.prepare_data()
    data.setup("fit")
    evaluator = Evaluator({name: build(node) for name, node in config.metrics.items()}, data)
    records, suffix = subject.measure(config, data, evaluator, repeats)
    if not records:
        raise UsageError("nothing was measured: none of the metrics gives a figure of these samples")
    try:
        write(path, records)
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}): name another file with --out") from error
    evaluator.draw_pictures(path.parent, suffix)
    return records, path
