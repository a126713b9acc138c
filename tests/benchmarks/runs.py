"""Whole command lines in forked processes that have imported everything already, and tiny runs of every variant."""

import hashlib
import json
import os
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from PIL import Image

import gan_lightning.execution
import gan_lightning.report
import gan_lightning.train  # noqa: F401  (what a run takes seconds to import)
from gan_lightning.app import main
from gan_lightning.schema import CONF

STEPS = 30
EVERY = 3
"""Iterations between checkpoints."""


def start(arguments: list[str], log: Path) -> int:
    """Begin `python -m gan_lightning ARGUMENTS` in a process of its own; its id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code: Any = 1
    try:
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, 1)
        os.dup2(file, 2)
        sys.argv = ["gan_lightning", *arguments]
        code = main()
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 1)


def ended(pid: int) -> int | None:
    """The exit code, negative for a signal; None while it runs."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return None if found == 0 else os.waitstatus_to_exitcode(status)


def wait(pid: int) -> int:
    """The exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run(arguments: list[str], log: Path) -> tuple[int, float]:
    """The exit code of a command line, and its seconds."""
    begun = time.perf_counter()
    return wait(start(arguments, log)), time.perf_counter() - begun


def make_pictures(folder: Path) -> Path:
    """Sixty pictures of noise, 8 px, in three classes."""
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)):
        path = folder / "abc"[number % 3] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


def tiny(variant: str, pictures: Path) -> list[str]:
    """Overrides of a run of a second, on points where the variant can play there, over several epochs."""
    needs = yaml.safe_load((CONF / "model" / f"{variant}.yaml").read_text()).get("needs", [])
    data = ["data=gaussians", "data.num_samples=100", "data.batch_size=4", "network.generator.width=8"]
    if "pairs" in needs:
        data[0] = "data=unpaired_gaussians"
    elif "labels" in needs or variant == "dcgan":
        data = ["data=image_folder", f"data.root={pictures}", "data.size=8", "data.channels=1", "data.batch_size=4"]
        data += [f"data.cache={pictures.parent / 'cache'}", "network.generator.width=8"]
    quiet = ["~callbacks.samples", "~callbacks.curves", "~callbacks.animation", "~logger.tensorboard", "metrics=[]"]
    length = [f"trainer.max_steps={STEPS}", f"callbacks.checkpoint.every_n_iterations={EVERY}"]
    plain = ["threads=1", "trainer.accelerator=cpu", "trainer.log_every_n_steps=1", "network.discriminator.width=8"]
    return [f"model={variant}", *data, *quiet, *length, *plain]


def watched(variant: str, pictures: Path) -> list[str]:
    """The same with all callbacks, loggers and figures of a run by default, each of them in its time."""
    arguments = [word for word in tiny(variant, pictures) if not word.startswith("~") and word != "metrics=[]"]
    every = [f"every={3 * EVERY}", f"callbacks.curves.every={4 * EVERY}"]
    return [*arguments, *every, "callbacks.evaluation.interval_n=100", "callbacks.evaluation.repeats=1"]


def recorded(folder: Path) -> dict[str, bytes]:
    """What a run has left for the eye and for tables, by the file's place: pictures, film, curves, and its figures."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.glob("samples/*"))}
    for name in ("training.gif", "curves.png", "metrics.csv"):
        found[name] = (folder / name).read_bytes() if (folder / name).is_file() else b""
    figures = (folder / "metrics.jsonl").read_text().splitlines() if (folder / "metrics.jsonl").is_file() else []
    timed = [{**json.loads(line), "elapsed": None, "seconds": None} for line in figures]
    return {**found, "metrics.jsonl": json.dumps(timed).encode()}


def digest(checkpoint: Path) -> str:
    """The sha256 of what a checkpoint holds: weights, average, optimizers, schedules, pools, counters, data's position.

    All noise follows from the seed and the iterations done.
    """
    found = hashlib.sha256()
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    _feed(state, found)
    return found.hexdigest()


def _feed(node: Any, found: Any) -> None:
    if isinstance(node, torch.Tensor):
        found.update(f"{node.dtype}{tuple(node.shape)}".encode())
        found.update(node.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    elif isinstance(node, dict):
        for key in sorted(node, key=str):
            found.update(f"{key}:".encode())
            _feed(node[key], found)
    elif isinstance(node, list | tuple):
        found.update(b"[")
        for value in node:
            _feed(value, found)
        found.update(b"]")
    elif isinstance(node, float):
        found.update(struct.pack("d", node))
    else:
        found.update(repr(node).encode())
