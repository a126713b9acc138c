"""One run from its config to its figures, with its status on disk: what a single run and a sweep's job share."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from gan_lightning.metrics.records import read
from gan_lightning.runs.lock import alone
from gan_lightning.runs.rewind import rewind
from gan_lightning.runs.status import Status, recorded


def execute(config: DictConfig, status: Status) -> str:
    """Prepare, train and evaluate; returns what is to be said of it.

    Raises:
        UsageError: the data or the checkpoint are missing, or the parts don't fit each other; a mistake leaves nothing.
    """
    from gan_lightning.report import report, save_config
    from gan_lightning.train import fit, prepare  # takes seconds: torch and Lightning

    folder = Path(config.folder)
    parts = prepare(config)
    save_config(config, folder)  # only now: a mistake leaves nothing
    with alone(folder), recorded(folder, status) as verdict:
        if parts.ckpt_path is not None and parts.ckpt_path.absolute().parent == (folder / "checkpoints").absolute():
            rewind(folder, parts.start)
        seconds = fit(parts)
        verdict.diverged = divergence(parts.model, folder)
    return report(folder, parts.trainer.global_step, seconds)


_LARGEST = 1e4
"""No weight of a network that has learnt anything is beyond this: initial ones are below 1, updates below the rate."""


def divergence(module: Any, folder: Path) -> str | None:
    """Why a trained game has diverged: weights or last figures that aren't finite, or absurd weights; None if not."""
    for name, weight in module.named_parameters():
        if not bool(weight.isfinite().all()):
            return f"the weights are not finite, {name} first"
        if (largest := float(weight.detach().abs().max())) > _LARGEST:
            return f"the weights have grown without bound, {name} to {largest:.2g}"
    records = read(folder / "metrics.jsonl")
    for record in records:
        if record["value"] is None and record["step"] == records[-1]["step"]:
            return f"{record['weights']}/{record['name']} is not finite"
    return None
