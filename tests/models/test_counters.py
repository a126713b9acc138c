"""A checkpoint's counters are those of a run that was never stopped, wherever it was saved."""

from typing import Any

import pytest

from gan_lightning.models.counters import settle


def counted(ready: int, started: int, processed: int, completed: int) -> dict[str, int]:
    return {"ready": ready, "started": started, "processed": processed, "completed": completed}


def checkpoint(step: int) -> dict[str, Any]:
    """Counters that are all wrong."""
    loops = {
        "epoch_progress": {"total": counted(9, 9, 9, 9), "current": counted(9, 9, 9, 9)},
        "epoch_loop.batch_progress": {
            **{"total": counted(9, 9, 9, 9), "current": counted(9, 9, 9, 9)},
            "is_last_batch": None,
        },
        "epoch_loop.state_dict": {"_batches_that_stepped": 9, "other": 1},
    }
    return {"global_step": step, "epoch": 9, "loops": {"fit_loop": loops}}


@pytest.mark.parametrize(
    ("step", "epochs", "inside", "last"),
    [(1, 0, 1, False), (4, 0, 4, False), (5, 0, 5, True), (6, 1, 1, False), (10, 1, 5, True), (11, 2, 1, False)],
)
def test_they_are_a_function_of_the_iterations(step: int, epochs: int, inside: int, last: bool) -> None:
    """Of five an epoch: saved at the end of its last iteration, an epoch is begun and not yet done."""
    state = checkpoint(step)
    settle(state, 5)
    loops = state["loops"]["fit_loop"]
    for of in ("total", "current"):
        assert loops["epoch_progress"][of] == counted(epochs + 1, epochs + 1, epochs, epochs)
    batches = loops["epoch_loop.batch_progress"]
    assert batches["total"] == counted(step, step, step, step - 1)
    assert batches["current"] == counted(inside, inside, inside, inside - 1)
    assert batches["is_last_batch"] is last
    assert loops["epoch_loop.state_dict"] == {"_batches_that_stepped": step - 1, "other": 1}
    assert state["epoch"] == epochs


def test_before_the_first_iteration_they_stay() -> None:
    state = checkpoint(0)
    settle(state, 5)
    assert state == checkpoint(0)
