"""`python -m gan_lightning sample RUN`: what a trained generator makes."""

from typing import Annotated

import typer

from gan_lightning.errors import UsageError
from gan_lightning.heavy import import_torch
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.inference.shapes import drawable_shape
from gan_lightning.runs.run import find_run
from gan_lightning.verbs.options import OutOption, RunArgument, SeedOption, WeightsOption, check_above_zero

_IMAGES, _POINTS = 10_000, 1_000_000  # in one picture, at most


def sample(
    run: RunArgument,
    num: Annotated[
        int | None,
        typer.Option(metavar="N", help="Samples.", min=1, max=10**7, show_default="64, or 10 of each class"),
    ] = None,
    label: Annotated[
        int | None,
        typer.Option(metavar="K", help="The class, or code, that all are asked to be of.", show_default="each in turn"),
    ] = None,
    seed: SeedOption = 0,
    grid: Annotated[
        bool, typer.Option("--grid/--files", help="One picture, or a folder: a PNG for each image, one .npy of points.")
    ] = True,
    truncation: Annotated[
        float | None,
        typer.Option(metavar="T", help="Draw latents beyond -T to T anew: likelier samples, fewer kinds of them."),
    ] = None,
    weights: WeightsOption = None,
    out: OutOption = None,
) -> None:
    """Draw samples of a trained generator.

    Sample i depends on the seed alone, not on how many are drawn. A folder of images can be given to evaluate; those of
    a generator that takes classes lie in a subfolder for each, and in a picture each class has its rows.
    """
    check_above_zero("--truncation", truncation)
    found = find_run(run)
    if grid:
        most = _IMAGES if len(drawable_shape(found)) == 3 else _POINTS
        if num is not None and num > most:
            raise UsageError(f"--num {num} is too many for one picture: add --files, or take {most} at most")
    suffixes = [".png"] if grid else [""]
    check_target(found, out, suffixes)
    import_torch()
    from tqdm import tqdm

    from gan_lightning.inference.trained import by_class, open_trained

    trained = open_trained(found, weights)
    num = trained.usual if num is None else num
    settings = {"t": truncation, "label": label}
    said = [f"{name}{value:g}" for name, value in settings.items() if value is not None]
    name = trained.name("sample", seed, f"n{num}", *said)
    paths = targets(found, out, name, suffixes)
    blocks = trained.samples(num, seed, truncation, label)
    with whole(paths) as (unfinished,), tqdm(total=num, unit="sample", disable=None, leave=False) as bar:
        counted = (block for block in blocks if bar.update(len(block.values)) or True)
        if grid:
            samples, columns = by_class(list(counted))
            trained.view.overview(samples, columns).save(unfinished, "PNG")
        else:
            unfinished.mkdir()
            trained.view.write_files(counted, unfinished)
    print(*paths, sep="\n")
