"""The latent whose sample is nearest to a given one, by optimization."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from tqdm import tqdm

from gan_lightning.errors import UsageError

PRIOR = 1e-3
"""Weight of the latent's mean square beside the pixels': keeps it from where no latent is drawn, little more."""
RATE = 0.1
"""Adam's, at the start."""
CANDIDATES = 1024
"""Latents of which the nearest are started from."""
_CHUNK = 64


class Found(NamedTuple):
    """The best of all restarts."""

    latent: Tensor
    """(1, Z)."""
    loss: float
    """Mean squared error in the networks' units, plus the prior."""


def losses(samples: Tensor, target: Tensor, latents: Tensor) -> Tensor:
    """What each of the latents (N, Z) costs, (N,): its sample's mean squared error, plus `PRIOR` times its mean square.

    Args:
        samples: of the latents, (N, *shape), in the networks' units.
        target: (1, *shape).
        latents: (N, Z).
    """
    return (samples - target).square().flatten(1).mean(1) + PRIOR * latents.square().mean(1)


@torch.no_grad()
def nearest(generate: Callable[[Tensor], Tensor], target: Tensor, latents: Tensor, n: int) -> Tensor:
    """The n latents (n, Z), of all given, that cost least; the rest as in `invert`."""
    costs = [losses(generate(some), target, some) for some in latents.split(_CHUNK)]
    return latents[torch.cat(costs).topk(n, largest=False).indices]


def invert(generate: Callable[[Tensor], Tensor], target: Tensor, starts: Tensor, steps: int) -> Found:
    """Minimise `losses` from several starts at once by Adam, its rate falling from 0.1 to 0 along a cosine.

    Each start goes its own way: Adam's steps are taken entry by entry. The best is kept of all starts and all steps.
    (Optimization as in Zhu et al. 2016, "Generative Visual Manipulation", sec. 3.1; restarts as in Bora et al. 2017.)

    Args:
        generate: latents (N, Z) to samples (N, *shape), in the networks' units.
        target: (1, *shape), in the networks' units.
        starts: latents (N, Z).
        steps: of Adam.

    Raises:
        UsageError: no sample on the way is finite.
    """
    latents = starts.clone().requires_grad_()
    optimizer = torch.optim.Adam([latents], lr=RATE)
    best, at = torch.full((len(starts),), math.inf, device=starts.device), starts.clone()
    for step in tqdm(range(steps + 1), desc="inverting", unit="step", disable=None, leave=False):
        loss = losses(generate(latents), target, latents)
        better = loss.detach() < best
        best = torch.where(better, loss.detach(), best)
        at = torch.where(better[:, None], latents.detach(), at)
        if step < steps:
            (latents.grad,) = torch.autograd.grad(loss.sum(), latents)
            optimizer.param_groups[0]["lr"] = RATE * (1 + math.cos(math.pi * step / steps)) / 2
            optimizer.step()
    chosen = int(best.argmin())
    if not best[chosen].isfinite():
        raise UsageError("the generator's samples are not finite: its training diverged; name an earlier checkpoint")
    return Found(at[chosen : chosen + 1], float(best[chosen]))
