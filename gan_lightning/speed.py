"""How an iteration is computed: what makes it quicker without changing what is computed, and what changes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, final

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrize import is_parametrized
from torch.optim import Optimizer

from gan_lightning.adam import Adam
from gan_lightning.im2col import Products

AUTO = "auto"
"""Leaves a choice to the machine."""
_WORTHWHILE = 150_000
"""Weights from which on lower precision pays: below it the conversions cost as much as the arithmetic."""
_QUICK = {"AVX2": Products.ALL, "AVX512": Products.NARROW}
"""Convolutions that are quicker as products, by the CPU's widest instructions, as torch calls them."""


@final
@dataclass(frozen=True)
class Speed:
    """Levers on a game's iteration.

    Args:
        one_pass: the discriminator judges real and fake samples in one forward pass, and the generator makes the fakes
            of all discriminator steps of an iteration in one, where each sample goes through the network for itself;
            equal up to rounding.
        channels_last: images and the weights of convolutions lie in memory pixel by pixel, as fast convolutions read
            them; equal up to rounding. "auto" has it so on CPUs, and on GPUs in lower precision.
        im2col: convolutions are matrix products where a CPU is quicker at them, see `gan_lightning.im2col`; equal up to
            rounding. "auto" has it so for images that lie pixel by pixel: on CPUs with AVX2 all of them, on those with
            AVX-512 kernels as large as their map and maps of a single channel. In lower precision only such kernels
            are, and nothing where a step is compiled, whatever is asked for.
        share_fakes: the generator answers for the fakes that the discriminator has just learnt from, as in many a
            tutorial, instead of fresh ones. That saves a pass through the generator, and is other numbers: both players
            see the same noise.
        compile: each player's step, forward and backward, is one compiled function; equal up to rounding. That takes a
            minute at the start, and a C++ compiler. Logged steps are computed without. "cuda_graphs" also has a GPU
            play each step's kernels at one call.
    """

    one_pass: bool
    channels_last: bool | Literal["auto"]
    im2col: bool | Literal["auto"]
    share_fakes: bool
    compile: bool | Literal["cuda_graphs"]

    def layout(self, device: torch.device, lower_precision: bool) -> torch.memory_format:
        """How images lie in memory on a device."""
        last = device.type == "cpu" or lower_precision if self.channels_last == AUTO else self.channels_last
        return torch.channels_last if last else torch.contiguous_format

    def products(self, device: torch.device) -> Products:
        """Which convolutions are matrix products where that pays."""
        if device.type != "cpu" or self.compile:
            return Products.NONE
        if self.im2col != AUTO:
            return Products.ALL if self.im2col else Products.NONE
        by_pixel = self.channels_last is not False
        return _QUICK.get(torch.backends.cpu.get_cpu_capability(), Products.NONE) if by_pixel else Products.NONE

    def joins(self, *networks: nn.Module) -> bool:
        """Whether several passes through `networks` are made as one: not if a sample has an effect on another, as with
        BatchNorm, or a pass on the next, as with spectral norm."""
        modules = (module for network in networks for module in network.modules())
        return self.one_pass and not any(
            isinstance(module, _BatchNorm) or is_parametrized(module) for module in modules
        )


def quickest_precision(accelerator: str, shape: tuple[int, ...], weights: int) -> Literal["32-true", "bf16-mixed"]:
    """What networks are trained in, and `trainer.precision=auto` stands for: bfloat16 for images where the machine has
    instructions for it.

    Args:
        accelerator: the trainer's.
        shape: of a sample; points are too few numbers to be worth the conversions.
        weights: of all that is trained; so are narrow networks.
    """
    if len(shape) != 3 or weights < _WORTHWHILE:
        return "32-true"
    if accelerator == "cpu" or not torch.cuda.is_available():
        native = _cpu_has_bfloat16()
    else:
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    return "bf16-mixed" if native else "32-true"


def _cpu_has_bfloat16() -> bool:
    """By torch's own list of what the processor can do, or as it told before 2.11 or so."""
    asked: Any = getattr(torch.cpu, "get_capabilities", None)
    if asked is None:
        return bool(torch.cpu._is_avx512_bf16_supported())
    found = asked()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def follow_layout(optimizers: Iterable[Optimizer]) -> None:
    """Lay out what optimizers keep as the weights are: a fused step takes both in the order of the memory.

    A checkpoint's lies as its run's weights did, and torch neither moves it nor complains.
    """
    for optimizer in optimizers:
        for weight, kept in optimizer.state.items():
            for name, value in kept.items():
                if torch.is_tensor(value) and value.shape == weight.shape and value.stride() != weight.stride():
                    kept[name] = torch.empty_like(weight).copy_(value)
        if isinstance(optimizer, Adam):
            optimizer.forget()
