"""`python -m gan_lightning directions RUN`: what moves a generator's samples most."""

from typing import Annotated, Literal

import typer

from gan_lightning.errors import UsageError
from gan_lightning.heavy import import_torch
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.inference.shapes import drawable_shape
from gan_lightning.runs.run import find_run
from gan_lightning.verbs.options import OutOption, RunArgument, SeedOption, WeightsOption, check_above_zero

_FARTHEST = 1000  # standard deviations


def directions(
    run: RunArgument,
    count: Annotated[int, typer.Option(metavar="N", help="Directions, a row each.", min=1, max=1000)] = 5,
    method: Annotated[
        Literal["weights", "features"],
        typer.Option(help="Of the first layer's weights (SeFa), or of the first stage's features (GANSpace)."),
    ] = "weights",
    steps: Annotated[int, typer.Option(metavar="N", help="Pictures a row.", min=2, max=1000)] = 7,
    reach: Annotated[
        float, typer.Option("--range", metavar="R", help="From -R to R standard deviations of the latent.")
    ] = 3.0,
    seed: SeedOption = 0,
    weights: WeightsOption = None,
    out: OutOption = None,
) -> None:
    """Move one sample along the principal directions of the generator's first layer, each with its share of variance.

    Points are shown as paths over a cloud of samples.
    """
    check_above_zero("--range", reach, _FARTHEST)
    found = find_run(run)
    drawable_shape(found)
    check_target(found, out, [".png"])
    import_torch()
    import torch

    from gan_lightning.inference.directions import METHODS, along
    from gan_lightning.inference.trained import open_trained

    trained = open_trained(found, weights)
    name = trained.name("directions", seed, method, f"{count}x{steps}", f"range{reach:g}")
    paths = targets(found, out, name, [".png"])
    vectors, shares = METHODS[method](trained.generator, trained.prior, trained.device, count, seed)
    if not len(vectors):
        raise UsageError(f"the first layer's {method} don't vary with the latent, so there is no direction to go")
    if len(vectors) < count:
        print(f"this generator has {len(vectors)} directions")
    places = torch.linspace(-reach, reach, trained.view.fineness * (steps - 1) + 1)
    samples = trained.draw(along(trained.latents(1, seed)[0], vectors, places))
    beside = [f"{number}: {share:.1%}" for number, share in enumerate(shares.tolist(), start=1)]
    above = [_signed(place) for place in places[:: trained.view.fineness].tolist()]
    with whole(paths) as (unfinished,):
        picture = trained.view.rows(samples, beside, above, f"first layer's {method}: share of variance")
        picture.save(unfinished, "PNG")
    print(*paths, sep="\n")


def _signed(place: float) -> str:
    """A number of standard deviations, with a true minus."""
    return f"{place:+.2g} σ".replace("-", "−") if abs(place) > 1e-6 else "0"
