"""What a report of a problem should say: versions, devices, and which data and weights are found."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gan_lightning.classifiers.catalogue import CATALOGUE
from gan_lightning.data.files import CIFAR10, FASHION_MNIST, MNIST, FileSet
from gan_lightning.metrics.published import FILE

PACKAGES = (
    *("gan-lightning", "torch", "torchvision", "lightning", "hydra-core", "omegaconf", "torchmetrics", "tensorboard"),
    *("torch-fidelity", "onnx", "onnxruntime", "hydra-joblib-launcher", "hydra-submitit-launcher", "optuna"),
)
"""Whose versions decide how a run behaves; the second line's are optional."""

SETS: dict[str, FileSet] = {"mnist": MNIST, "fashion_mnist": FASHION_MNIST, "cifar10": CIFAR10}
"""Published sets, by the option of the group data."""


def versions() -> dict[str, str]:
    """Of Python and of each package, `not installed` where it isn't."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def devices() -> dict[str, str]:
    """What a run can use: CPU threads and memory, and each GPU; takes the time of importing torch."""
    import torch

    found = {"cpu": f"{os.cpu_count()} cores, {torch.get_num_threads()} threads"}
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        found[f"cuda:{index}"] = f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    if torch.backends.mps.is_available():
        found["mps"] = "Apple's"
    if len(found) == 1:
        found["gpu"] = "none: trainer=auto runs on the CPU"
    return found


def data(root: Path) -> dict[str, str]:
    """Where each published set is, or what to do about one that isn't there."""
    found = {}
    for name, files in SETS.items():
        there = [files.find(root, file) for file in (*files.train, *files.test)]
        if None not in there:
            found[name] = f"in {there[0].parent}"  # type: ignore[union-attr]
        else:
            found[name] = f"not there: {files.advice(root)}, or let data={name} download it"
    return found


def networks() -> dict[str, str]:
    """Which networks images can be measured with; takes the time of importing torch."""
    from torch.hub import get_dir

    found = {name: f"{entry.accuracy:.2%} of its test set, in the package" for name, entry in CATALOGUE.items()}
    path = Path(get_dir()) / "checkpoints" / FILE
    found["inception"] = f"in {path.parent}" if path.is_file() else f"not there: put {FILE} into {path.parent}"
    return found
