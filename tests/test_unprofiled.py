"""A run without profiler has none of its costs; one with a profiler has it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch.profilers import SimpleProfiler
from omegaconf import DictConfig

from gan_lightning.train import prepare
from gan_lightning.unprofiled import Unprofiled


def test_one_context_serves_all() -> None:
    profiler = Unprofiled()
    with profiler.profile("outer") as outer, profiler.profile("inner"):
        assert outer is None
    assert profiler.profile("one") is profiler.profile("other") and profiler.summary() == ""


@pytest.mark.parametrize(("knobs", "kind"), [([], Unprofiled), (["+trainer.profiler=simple"], SimpleProfiler)])
def test_a_run_has_it_unless_it_asks_for_another(
    knobs: list[str], kind: type, composed: Callable[..., DictConfig], tmp_path: Path
) -> None:
    config = composed("logger=none", "metrics=[]", "callbacks=none", "~callbacks.samples", *knobs, f"folder={tmp_path}")
    trainer: Any = prepare(config).trainer
    assert type(trainer.profiler) is kind
