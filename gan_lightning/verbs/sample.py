"""`python -m gan_lightning sample RUN`: what a trained generator makes."""

from typing import Annotated

import typer

from gan_lightning.errors import UsageError
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.inference.shapes import drawable_shape
from gan_lightning.runs.run import find_run
from gan_lightning.verbs.options import OutOption, RunArgument, SeedOption, WeightsOption, check_above_zero

_MOST = 10_000  # images in one sheet


def sample(
    run: RunArgument,
    num: Annotated[int, typer.Option(metavar="N", help="Samples.", min=1)] = 64,
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

    Sample i depends on the seed alone, not on how many are drawn. A folder of images can be given to evaluate.
    """
    check_above_zero("--truncation", truncation)
    found = find_run(run)
    if grid and len(drawable_shape(found)) == 3 and num > _MOST:
        raise UsageError(f"--num {num} is too many for one picture: add --files, or take {_MOST} at most")
    suffixes = [".png"] if grid else [""]
    check_target(found, out, suffixes)
    import torch  # here and not above: it takes seconds
    from tqdm import tqdm

    from gan_lightning.inference.trained import open_trained

    trained = open_trained(found, weights)
    name = trained.name("sample", seed, f"n{num}", *([] if truncation is None else [f"t{truncation:g}"]))
    paths = targets(found, out, name, suffixes)
    blocks = trained.samples(num, seed, truncation)
    with whole(paths) as (unfinished,), tqdm(total=num, unit="sample", disable=None, leave=False) as bar:
        counted = (block for block in blocks if bar.update(len(block)) or True)
        if grid:
            trained.view.overview(torch.cat(list(counted))).save(unfinished, "PNG")
        else:
            unfinished.mkdir()
            trained.view.write_files(counted, unfinished)
    print(*paths, sep="\n")
