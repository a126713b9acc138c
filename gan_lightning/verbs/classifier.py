"""`python -m gan_lightning classifier NAME`: train one of the package's classifiers from scratch."""

from pathlib import Path
from typing import Annotated

import typer

from gan_lightning.classifiers.catalogue import CATALOGUE, find
from gan_lightning.heavy import import_torch

_NAME = f"One of {', '.join(CATALOGUE)}."
_ROOT = "Where the images are, if not where data=NAME looks; cifar10_jpeg: train/ and test/, with a folder a class."
_EPOCHS = "Passes over the training set, instead of the recipe's."
_SEED = "Of the initial weights, the order, and how the images are varied."
_OUT = "What to write, instead of outputs/classifiers/NAME.safetensors."


def classifier(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_NAME)],
    root: Annotated[Path | None, typer.Option(metavar="FOLDER", help=_ROOT, show_default=False)] = None,
    epochs: Annotated[int | None, typer.Option(metavar="N", help=_EPOCHS, show_default=False, min=1)] = None,
    seed: Annotated[int, typer.Option(metavar="N", help=_SEED, min=0, max=2**32 - 1)] = 0,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=_OUT, show_default=False)] = None,
) -> None:
    """Train a classifier that comes with the package from scratch; prints its test accuracy and the file's sha256.

    Generated images are compared in its features. The package's own file stays as it is.
    """
    find(name)
    import_torch()
    from gan_lightning.classifiers.training import train

    result = train(name, root, epochs, seed, out or Path("outputs", "classifiers", f"{name}.safetensors"))
    print(f"{name}: {result.accuracy:.2%} of the test set, trained for {result.seconds:.0f} s")
    print(f"{result.file}: {result.file.stat().st_size / 1e6:.2f} MB, sha256 {result.sha256}")
