"""A job in a process of its own: whatever kills it, memory or a crash, the sweep lives on.

The processes come from a server that has imported torch and Lightning, but started neither threads nor CUDA: a job
starts in a moment instead of many seconds, and has a GPU to itself until it ends.
"""

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from gan_lightning.errors import Diverged, RankFailed, UsageError
from gan_lightning.interruption import Interrupted, Listener
from gan_lightning.others import Nobody
from gan_lightning.runs.status import FAILED, RUNNING, Status, died, read_status, told, write_status
from gan_lightning.streams import harmless

PRELOADED = (
    "gan_lightning.execution",
    "gan_lightning.train",
    "gan_lightning.report",
    "gan_lightning.models.gan",
    "gan_lightning.callbacks.evaluation",
    "gan_lightning.callbacks.curves",
    "gan_lightning.callbacks.animation",
    "gan_lightning.callbacks.scatter",
    "lightning.pytorch.loggers",
    "tensorboard.compat.proto.event_pb2",
    "torch.utils.tensorboard",
)
_PATIENCE = 60  # seconds for a job to end when it is told to


def run_in_child(config: dict[str, Any], status: Status, gpu: str | None) -> Status:
    """Run a job whose folder is there; comes back when it has ended, with its status.

    Args:
        config: composed and resolved, without Hydra's part.
        status: as it stands in the folder.
        gpu: the only one that the job is to see, as CUDA_VISIBLE_DEVICES names it; None for all.
    """
    known = (None, *multiprocessing.get_all_start_methods())
    if multiprocessing.get_start_method(allow_none=True) not in known:  # joblib's, which a plain child can't take over
        multiprocessing.set_start_method("spawn", force=True)
    context: Any = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context.set_forkserver_preload(list(PRELOADED))
    sys.stdout.flush()
    process = context.Process(target=work, args=(config, status, gpu))
    try:
        with Listener():  # the sweep's own process does not vanish from above its job, which would then die unsaved
            with _unwarned():
                process.start()
            process.join()
    except BaseException as error:
        if process.pid is not None:
            _end(process, error)
        raise
    return _ended(Path(config["folder"]), status, process.exitcode)


def work(config: dict[str, Any], status: Status, gpu: str | None) -> None:
    """What the job's own process does; its exit code is 1 if the job failed."""
    harmless()
    _die_with_the_sweep()
    with Listener():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])  # behind `_unwarned`
        _work(config, status, gpu)


def _work(config: dict[str, Any], status: Status, gpu: str | None) -> None:
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    folder = Path(config["folder"])
    try:
        from gan_lightning.execution import execute

        print(execute(OmegaConf.create(config), status, Nobody(folder)), flush=True)
    except (Diverged, RankFailed):
        sys.exit(1)  # the status has it
    except Exception as error:
        if not isinstance(error, UsageError):
            traceback.print_exc()
            (folder / "error.txt").write_text(traceback.format_exc())
        write_status(folder, status.ended(FAILED, told(error)))
        sys.exit(1)


def _ended(folder: Path, status: Status, exitcode: int | None) -> Status:
    """The status that the job left, or what its exit code tells if it could leave none."""
    left = read_status(folder) or status
    if left.state != RUNNING:
        return left
    left = status.ended(FAILED, died(exitcode))
    write_status(folder, left)
    return left


@contextmanager
def _unwarned() -> Iterator[None]:
    """What is started inside does not hear SLURM's warning: it would end the processes that jobs come from."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(process: Any, error: BaseException) -> None:
    """Pass on what stops the sweep, so that the job can save, and wait for its end."""
    warned = isinstance(error, Interrupted) and error.signal == signal.SIGUSR1
    if process.exitcode is None:  # Ctrl-C reaches the job as well, which then does not heed the other signal
        os.kill(process.pid, signal.SIGUSR1 if warned else signal.SIGTERM)
    process.join(_PATIENCE)
    process.kill()
    process.join()


def _die_with_the_sweep() -> None:
    """End this process when the one that waits for it is gone: nobody would know of the job any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
