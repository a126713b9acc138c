"""A player's whole step, forward and backward, as one compiled function.

Compiling a network alone does not do: a penalty differentiates its gradient once more, which a compiled network
refuses. So the gradients of the parameters are taken inside what is compiled (torch's `trace_autograd_ops`).
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, final

import torch
from torch import Tensor

from gan_lightning.errors import UsageWarning
from gan_lightning.precision import full_precision

Terms: TypeAlias = dict[str, Tensor]
Compute: TypeAlias = Callable[..., Terms]
"""Whatever a step is about to the named scalars whose sum a player minimises."""
Step: TypeAlias = Callable[..., tuple[Terms, list[Tensor | None]]]
"""The same to the scalars and the gradients of their sum."""
_TOLERANCE, _LOWER_TOLERANCE = 1e-3, 5e-2
"""Of a gradient's largest difference against its largest entry, in full and in lower precision."""
_BACKEND = "inductor"


@final
class CompiledStep:
    """Computes terms and gradients; compiled on first use, and then held against what they are without.

    Where they can't be compiled, or differ, it goes on without, and says so once.

    Args:
        compute: the terms; draws from torch's generators alone, and reads nothing that changes by the iteration but its
            arguments.
        parameters: of the player; gradients come in their order, None for those that take no part.
        buffers: what a pass may change beside its result, as BatchNorm's moments.
        name: of the player.
        graphs: have CUDA play all kernels of the step at one call, as one graph: for small networks, whose kernels take
            less time than their calls.
    """

    def __init__(
        self,
        compute: Compute,
        parameters: Sequence[Tensor],
        buffers: Sequence[Tensor],
        name: str,
        graphs: bool = False,
    ) -> None:
        self.compute, self.name, self.graphs = compute, name, graphs
        self.parameters, self.buffers = list(parameters), list(buffers)
        self._seen: set[Any] = set()
        torch._dynamo.config.trace_autograd_ops = True
        torch._inductor.config.fallback_random = True  # the numbers that eager code draws
        how: dict[str, Any] = {"mode": "reduce-overhead"} if graphs else {"backend": _BACKEND}
        self._compiled = torch.compile(self._plain, fullgraph=True, dynamic=False, **how)
        self._quick: Step | None = self._replayed if graphs else self._compiled

    def __call__(self, *about: Any, kind: Any = None) -> tuple[Terms, list[Tensor | None]]:
        """Terms and gradients of a step; steps of another `kind` are compiled, and compared, for themselves."""
        if self._quick is None:
            return self._plain(*about)
        if kind in self._seen:
            return self._quick(*about)
        self._seen.add(kind)
        return self._compared(self._quick, *about)

    def _replayed(self, *about: Any) -> tuple[Terms, list[Tensor | None]]:
        """A graph writes to the same place each time: terms are read later, gradients before the player's next step."""
        torch.compiler.cudagraph_mark_step_begin()
        terms, gradients = self._compiled(*about)
        return {name: term.clone() for name, term in terms.items()}, gradients

    def _compared(self, quick: Step, *about: Any) -> tuple[Terms, list[Tensor | None]]:
        before = [buffer.clone() for buffer in self.buffers]
        with torch.random.fork_rng():
            expected = self._plain(*about)[1]
        self._reset(before)
        state = torch.get_rng_state()
        try:
            found = quick(*about)
            worst = max(map(_difference, found[1], expected), default=0.0)
            lower = torch.is_autocast_enabled(self.parameters[0].device.type)
            why = f"differs by {worst:.1e} when it is compiled"
            if worst <= (_LOWER_TOLERANCE if lower else _TOLERANCE):
                return found
        except Exception as error:  # whatever the compiler raises
            why = f"can't be compiled ({str(error).splitlines()[0]})"
        self._quick = None
        told = f"the {self.name}'s step {why}: the run goes on without; speed.compile=false does so from the start"
        warnings.warn(told, UsageWarning, stacklevel=4)
        self._reset(before)
        torch.set_rng_state(state)
        return self._plain(*about)

    def _reset(self, values: Sequence[Tensor]) -> None:
        for buffer, value in zip(self.buffers, values, strict=True):
            buffer.copy_(value)

    def _plain(self, *about: Any) -> tuple[Terms, list[Tensor | None]]:
        terms = self.compute(*about)
        loss = total(terms)
        with full_precision(loss.device):  # a penalty's second derivatives stay in float32
            gradients = torch.autograd.grad(loss, self.parameters, allow_unused=True)
        return {name: term.detach() for name, term in terms.items()}, list(gradients)


def total(terms: Mapping[str, Tensor]) -> Tensor:
    """The sum of scalars, of which there is one at least."""
    first, *others = terms.values()
    return sum(others, first)


def _difference(found: Tensor | None, expected: Tensor | None) -> float:
    if found is None or expected is None:
        return 0.0 if found is expected else float("inf")
    return float((found - expected).abs().max() / expected.abs().max().clamp_min(1e-12))
