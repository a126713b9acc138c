"""BatchNorm over the batches of all processes, on CPUs and GPUs, and differentiable twice as penalties need it.

PyTorch's own SyncBatchNorm runs on GPUs alone, and its backward pass has no derivative.
"""

from typing import final

import torch
from lightning.pytorch.plugins.layer_sync import LayerSync
from torch import Tensor, nn
from torch import distributed as dist
from torch.distributed.nn.functional import all_reduce
from torch.nn.modules.batchnorm import _BatchNorm


@final
class SharedBatchNorm(_BatchNorm):
    """In training, a BatchNorm whose moments are those of all processes' batches together, each of the same size.

    So processes of N / K samples compute what one process of N computes. It has the parameters, buffers and names of
    the BatchNorm that it stands for, and shares them with it.

    Args:
        norm: what it stands for.
    """

    def __init__(self, norm: _BatchNorm) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
        self._parameters, self._buffers = norm._parameters, norm._buffers
        self.train(norm.training)

    def forward(self, values: Tensor) -> Tensor:
        """(N, C, ...) to (N, C, ...)."""
        if not self.training:
            return super().forward(values)
        axes = [axis for axis in range(values.dim()) if axis != 1]
        each = [-1 if axis == 1 else 1 for axis in range(values.dim())]
        mean = _average(values.mean(axes))
        centred = values - mean.view(each)
        variance = _average(centred.square().mean(axes))
        with torch.no_grad():
            self._follow(mean, variance, values.numel() // self.num_features * dist.get_world_size())
        normalised = centred * (variance + self.eps).rsqrt().view(each)
        if not self.affine:
            return normalised
        return normalised * self.weight.view(each) + self.bias.view(each)

    def _check_input_dim(self, input: Tensor) -> None:
        """Maps and vectors alike."""

    def _follow(self, mean: Tensor, variance: Tensor, n: int) -> None:
        """Move the running moments towards those of a batch of `n` numbers a channel, as BatchNorm does."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_((variance * n / (n - 1)).to(self.running_var.dtype), share)


@final
class SharedBatchNorms(LayerSync):
    """Puts a `SharedBatchNorm` in the place of every BatchNorm of a module, and takes it back."""

    def __init__(self) -> None:
        self._replaced: list[tuple[nn.Module, str, nn.Module]] = []

    def apply(self, model: nn.Module) -> nn.Module:
        """The same module, its BatchNorms shared."""
        for parent in list(model.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, _BatchNorm):
                    self._replaced.append((parent, name, child))
                    setattr(parent, name, SharedBatchNorm(child))
        return model

    def revert(self, model: nn.Module) -> nn.Module:
        """The same module with the BatchNorms that it had."""
        while self._replaced:
            parent, name, child = self._replaced.pop()
            child.train(getattr(parent, name).training)
            setattr(parent, name, child)
        return model


def _average(values: Tensor) -> Tensor:
    """The mean of a tensor over all processes, through which gradients go back to each."""
    return all_reduce(values) / dist.get_world_size()
