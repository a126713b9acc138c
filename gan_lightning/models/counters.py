"""Lightning's counters in a checkpoint, as a function of the iterations done.

Lightning counts what it has seen itself: at the last iteration of an epoch, behind training, or where a run was resumed
between two epochs, it counts otherwise than in the middle of a run that was never stopped. A later process then takes
an epoch for begun or for done that isn't, and ends at another iteration. So a checkpoint always says what such a run's
says at the end of the iteration.
"""

from typing import Any


def settle(checkpoint: dict[str, Any], length: int) -> None:
    """Set the counters of epochs and batches by the checkpoint's `global_step`.

    Args:
        checkpoint: as Lightning makes and reads it.
        length: of an epoch, in iterations.
    """
    step = checkpoint["global_step"]
    if step == 0:  # nothing is counted yet
        return
    epochs = (step - 1) // length  # done; the one that the iteration belongs to is not
    inside = step - epochs * length
    loops = checkpoint["loops"]["fit_loop"]
    checkpoint["epoch"] = epochs
    for counted in loops["epoch_progress"].values():
        counted.update(ready=epochs + 1, started=epochs + 1, processed=epochs, completed=epochs)
    batches = loops["epoch_loop.batch_progress"]
    for name, number in {"total": step, "current": inside}.items():
        batches[name].update(ready=number, started=number, processed=number, completed=number - 1)
    batches["is_last_batch"] = inside == length
    loops["epoch_loop.state_dict"]["_batches_that_stepped"] = step - 1
