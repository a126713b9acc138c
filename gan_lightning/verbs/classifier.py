"""`python -m gan_lightning classifier NAME`: train one of the package's classifiers from scratch."""

from pathlib import Path
from typing import Annotated

import typer

from gan_lightning.classifiers.catalogue import CATALOGUE, find


def classifier(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"One of {', '.join(CATALOGUE)}.", show_default=False)],
    root: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the images are.", show_default="where data=NAME looks")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="How often.", show_default="the recipe's")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of the weights, the order and the variations.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to write.", show_default="outputs/classifiers/NAME.safetensors"),
    ] = None,
) -> None:
    """Train a classifier that comes with the package from scratch, and print its test accuracy and its sha256.

    Generated images are compared in its features. What comes with the package stays as it is: FILE is another one.
    """
    find(name)
    from gan_lightning.classifiers.training import train  # takes seconds: torch and Lightning

    result = train(name, root, epochs, seed, out or Path("outputs", "classifiers", f"{name}.safetensors"))
    print(f"{name}: {result.accuracy:.2%} of the test set, trained for {result.seconds:.0f} s")
    print(f"{result.file}: {result.file.stat().st_size / 1e6:.2f} MB, sha256 {result.sha256}")
