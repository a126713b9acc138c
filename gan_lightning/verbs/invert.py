"""`python -m gan_lightning invert RUN IMAGE`: the latent of an image."""

import math
from typing import Annotated

import typer

from gan_lightning.heavy import import_torch
from gan_lightning.inference.outputs import check_target, targets, whole
from gan_lightning.inference.shapes import drawable_shape
from gan_lightning.runs.run import find_run
from gan_lightning.verbs.options import OutOption, RunArgument, SeedOption, WeightsOption


def invert(
    run: RunArgument,
    image: Annotated[
        str,
        typer.Argument(metavar="IMAGE", help="A picture; for a run on points X,Y, behind -- if X is negative."),
    ],
    steps: Annotated[
        int, typer.Option(metavar="N", help="Of Adam, its rate falling along a cosine.", min=1, max=10**6)
    ] = 500,
    restarts: Annotated[
        int, typer.Option(metavar="N", help="Latents to start from, all at once.", min=1, max=10**4)
    ] = 8,
    seed: SeedOption = 0,
    weights: WeightsOption = None,
    out: OutOption = None,
) -> None:
    """Find the latent whose sample is nearest to an image, and show the two side by side.

    A picture of another size is cut and resized as a folder's are. The latent lies beside the picture, as .safetensors.
    """
    from gan_lightning.inference.target import read_target  # NumPy and Pillow would slow down every verb's help

    found = find_run(run)
    target = read_target(image, drawable_shape(found))
    suffixes = [".png", ".safetensors"]
    check_target(found, out, suffixes)
    import_torch()
    import torch
    from safetensors.torch import save

    from gan_lightning.inference.inversion import CANDIDATES, nearest
    from gan_lightning.inference.inversion import invert as search
    from gan_lightning.inference.trained import open_trained

    trained = open_trained(found, weights)
    paths = targets(found, out, trained.name("invert", seed, target.name, f"{steps}x{restarts}"), suffixes)
    wanted = torch.tensor(target.values)[None]
    candidates = trained.latents(max(CANDIDATES, restarts), seed).to(trained.device)
    prepared = trained.opened.data.scale(wanted).to(trained.device)
    best = search(trained.generator, prepared, nearest(trained.generator, prepared, candidates, restarts), steps)
    found_sample = trained.draw(best.latent.cpu())
    words = f"{trained.view.closeness(wanted, found_sample)}, loss {best.loss:.4g}"
    with whole(paths) as (picture, latent):
        trained.view.pair(wanted, found_sample, words).save(picture, "PNG")
        latent.write_bytes(save({"latent": best.latent.cpu()}))
    if target.note:
        print(target.note)
    noise = best.latent[:, : trained.prior.normal_dim]
    typical = math.sqrt(noise.shape[1])
    print(f"{words}; the latent's noise has norm {noise.norm().item():.2f}, and {typical:.2f} is typical")
    print(*paths, sep="\n")
