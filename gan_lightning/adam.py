"""Adam at the cost of its arithmetic."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast, final

import torch
from torch import Tensor
from torch.optim import optimizer as hooks

_ELSEWHERE = ("amsgrad", "capturable", "differentiable", "decoupled_weight_decay")
"""Settings under which a step is torch's own; the last came after torch 2.6."""


class _Known(NamedTuple):
    """What steps of one group of parameters work on, in one order."""

    group: dict[str, Any]
    parameters: list[Tensor]
    means: list[Tensor]
    squares: list[Tensor]
    counts: list[Tensor]
    """Steps so far, a number for each parameter, as torch has it."""
    all_counts: Tensor
    """What those are views of, to be counted up at once."""


@final
class Adam(torch.optim.Adam):
    """torch's Adam (Kingma & Ba 2015, arXiv:1412.6980), whose fused step asks each parameter but once.

    torch collects weights, moments and settings anew at each step, and looks out for hooks and profilers, in hundreds
    of calls, which for a network of ten thousand weights takes several times as long as the arithmetic. Here the same
    kernel gets the same lists, which are kept until the state is another. Arguments, state, hooks and numbers are
    torch's; so is the step itself where it isn't fused, gradients are scaled, or parameters are of several kinds.
    """

    _known: list[_Known] | None = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take another state; `load_state_dict` comes here too."""
        super().__setstate__(state)
        self.forget()

    def forget(self) -> None:
        """Ask all parameters again; for who has put other tensors into the state."""
        self._known = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update; `closure`, if there is one, is called before, and what it gives is returned."""
        return self._hooked(closure) if self._is_watched() else self._step(closure)

    step.hooked = True  # type: ignore[attr-defined]  # else torch has every step look out for them

    def _step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        if not self._stands() or self._is_scaled() or not self._quickly(self._known or []):
            _torchs_step(self)
            self._known = None if self._is_scaled() else self._learn()
        return loss

    _hooked = torch.optim.Optimizer.profile_hook_step(_step)

    def _stands(self) -> bool:
        """Whether what is known is still so, by what replacing groups, parameters, settings or state would show."""
        if self._known is None or len(self._known) != len(self.param_groups):
            return False
        for group, known in zip(self.param_groups, self._known, strict=True):
            if group is not known.group or group["params"] is not known.parameters or not group["fused"]:
                return False
            if any(map(group.get, _ELSEWHERE)) or len(known.parameters) != len(known.means):
                return False
            first = self.state.get(known.parameters[0], {})
            if first.get("exp_avg") is not known.means[0] or first.get("step") is not known.counts[0]:
                return False
        return True

    def _is_watched(self) -> bool:
        """Whether hooks are to be called around a step, or a profiler is to hear of it."""
        own = self._optimizer_step_pre_hooks or self._optimizer_step_post_hooks
        everyones = hooks._global_optimizer_pre_hooks or hooks._global_optimizer_post_hooks
        return bool(own or everyones or torch.autograd._profiler_enabled())

    def _is_scaled(self) -> bool:
        """Whether mixed precision's scaler has something to say."""
        return getattr(self, "grad_scale", None) is not None or getattr(self, "found_inf", None) is not None

    @torch.no_grad()
    def _quickly(self, known: list[_Known]) -> bool:
        """One update of all groups; False, and none, where a parameter has no gradient."""
        gradients = [[parameter.grad for parameter in own.parameters] for own in known]
        if any(gradient is None for own in gradients for gradient in own):
            return False
        for (group, parameters, means, squares, counts, all_counts), own in zip(known, gradients, strict=True):
            beta1, beta2 = group["betas"]
            all_counts.add_(1)
            torch._fused_adam_(
                parameters,
                cast(list[Tensor], own),
                means,
                squares,
                [],
                counts,
                lr=group["lr"],
                beta1=beta1,
                beta2=beta2,
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=group["maximize"],
            )
        return True

    @torch.no_grad()
    def _learn(self) -> list[_Known] | None:
        """What the next steps work on, the state's counts in one tensor; None where they are torch's."""
        if not all(map(_is_plain, self.param_groups)):
            return None
        known = []
        for group in self.param_groups:
            parameters = group["params"]
            states = [self.state.get(parameter, {}) for parameter in parameters]
            if not all(states):
                return None
            means, squares = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq"))
            all_counts = torch.stack([state["step"] for state in states])
            counts = list(all_counts.unbind())
            for state, count in zip(states, counts, strict=True):
                state["step"] = count
            known.append(_Known(group, parameters, means, squares, counts, all_counts))
        return known


def quickened(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """A new `Adam` of the same parameters and settings in place of a new one of torch's; any other is left as it is."""
    if type(optimizer) is not torch.optim.Adam or optimizer.state:
        return optimizer
    if optimizer._optimizer_step_pre_hooks or optimizer._optimizer_step_post_hooks:
        return optimizer
    return Adam(optimizer.param_groups, **optimizer.defaults)


def _torchs_step(optimizer: Adam) -> None:
    """The step as torch has it, without what it calls around it."""
    step: Any = torch.optim.Adam.step
    (step.__wrapped__ if getattr(step, "hooked", False) else step)(optimizer)


def _is_plain(group: dict[str, Any]) -> bool:
    """Whether the fused kernel can take a group as it is."""
    kinds = {(parameter.device, parameter.dtype) for parameter in group["params"]}
    settings = (group["lr"], *group["betas"])
    return (
        bool(group["fused"])
        and not any(group.get(name) for name in _ELSEWHERE)
        and not any(isinstance(setting, Tensor) for setting in settings)
        and len(kinds) == 1
    )
