"""`python -m gan_lightning translate RUN FOLDER`: pictures from one domain to the other."""

from pathlib import Path
from typing import Annotated

import typer

from gan_lightning.heavy import import_torch
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.inference.shapes import translated_shape
from gan_lightning.runs.run import find_run
from gan_lightning.verbs.options import OutOption, RunArgument, WeightsOption


def translate(
    run: RunArgument,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Pictures, at any depth, of any kinds and sizes.")],
    back: Annotated[bool, typer.Option("--back", help="From the target domain to the source domain.")] = False,
    weights: WeightsOption = None,
    out: OutOption = None,
) -> None:
    """Translate every picture of a folder by a run of model=cyclegan.

    Pictures are cut and resized as the run's data were; the translations are PNG files of the same names. A sheet of
    the first ones, with their translations and what comes back from those, lies beside the folder.
    """
    from gan_lightning.inference.folder import as_png, find_pictures, write_png  # NumPy and Pillow slow down the help

    found = find_run(run)
    side = translated_shape(found)[-1]
    paths = find_pictures(folder.expanduser())
    suffixes = ["", ".png"]
    check_target(found, out, suffixes)
    import_torch()
    from tqdm import tqdm

    from gan_lightning.inference.trained import open_trained
    from gan_lightning.inference.translation import overview
    from gan_lightning.inference.translation import translate as go

    trained = open_trained(found, weights)
    name = f"translate_{trained.opened.step:08d}_{trained.weights}_{folder.expanduser().resolve().name}"
    written = targets(found, out, name + "_back" * back, suffixes)
    names, fitting = iter(as_png(paths)), 0
    with whole(written) as (files, sheet), tqdm(total=len(paths), unit="picture", disable=None, leave=False) as bar:
        for number, block in enumerate(go(trained, folder.expanduser(), paths, back)):
            for pixels in block.translations.numpy():
                write_png(pixels, files / next(names))
            if number == 0:
                overview(block).save(sheet, "PNG")
            fitting += block.fitting
            bar.update(len(block.pictures))
    if fitting < len(paths):
        print(f"{len(paths) - fitting} of {len(paths)} pictures were cut and resized to {side} x {side}")
    print(*written, sep="\n")
