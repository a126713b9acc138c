"""Full precision is entered where there is lower, and nowhere else."""

import torch

from gan_lightning.precision import full_precision, is_lower

CPU = torch.device("cpu")


def test_inside_nothing_is_lowered() -> None:
    left = torch.randn(2, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert is_lower(CPU) and (left @ left).dtype == torch.bfloat16
        with full_precision(CPU):
            assert not is_lower(CPU) and (left @ left).dtype == torch.float32
        assert is_lower(CPU)


def test_where_nothing_is_lowered_nothing_is_entered() -> None:
    with full_precision(CPU), full_precision(CPU):
        assert not is_lower(CPU)
    assert full_precision(CPU) is full_precision(CPU)
