"""`python -m gan_lightning interpolate RUN`: what lies between samples."""

from typing import Annotated, Literal

import typer

from gan_lightning.heavy import import_torch
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.inference.shapes import drawable_shape
from gan_lightning.runs.run import find_run
from gan_lightning.verbs.options import OutOption, RunArgument, SeedOption, WeightsOption

_FRAMES, _MILLISECONDS, _SIDE = 40, 80, 600  # of the film


def interpolate(
    run: RunArgument,
    rows: Annotated[int, typer.Option(metavar="N", help="Pairs of latents, a row each.", min=1, max=1000)] = 6,
    steps: Annotated[int, typer.Option(metavar="N", help="Pictures a row, both ends among them.", min=2, max=1000)] = 9,
    mode: Annotated[
        Literal["linear", "spherical"], typer.Option(help="The straight line, or the great circle, between latents.")
    ] = "spherical",
    seed: SeedOption = 0,
    gif: Annotated[bool, typer.Option(help="Also a film that goes from one end to the other and back.")] = True,
    weights: WeightsOption = None,
    out: OutOption = None,
) -> None:
    """Go from one sample to another through the latents between them: rows of pictures, and a film.

    Points are shown as paths over a cloud of samples. The film lies beside the picture, as .gif.
    """
    found = find_run(run)
    drawable_shape(found)
    suffixes = [".png", ".gif"] if gif else [".png"]
    check_target(found, out, suffixes)
    import_torch()
    import torch

    from gan_lightning.drawing.films import write_film
    from gan_lightning.inference.interpolation import there_and_back, way
    from gan_lightning.inference.trained import open_trained

    trained = open_trained(found, weights)
    paths = targets(found, out, trained.name("interpolate", seed, mode, f"{rows}x{steps}"), suffixes)
    starts, ends = trained.latents(2 * rows, seed).unflatten(0, (rows, 2)).unbind(1)
    noise_dim = trained.prior.normal_dim
    places = torch.linspace(0, 1, trained.view.fineness * (steps - 1) + 1)
    with whole(paths) as unfinished:
        samples = trained.draw(way(mode, starts, ends, places, noise_dim))
        trained.view.rows(samples, [], [], f"{mode} interpolation").save(unfinished[0], "PNG")
        for film in unfinished[1:]:
            frames = trained.draw(way(mode, starts, ends, there_and_back(_FRAMES), noise_dim).transpose(0, 1))
            write_film(trained.view.film(frames), film, _MILLISECONDS, _MILLISECONDS, _SIDE)
    print(*paths, sep="\n")
