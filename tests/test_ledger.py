"""What is at fault first, also where several processes each have a ledger of the same iteration."""

import math

import pytest
import torch

from gan_lightning.data.loader import Batch
from gan_lightning.ledger import Fault, Ledger


def ledger(loss: float, gradient: float) -> Ledger:
    """Of the seventh iteration: samples, a loss and its gradient."""
    made = Ledger()
    made.begin(7, Batch(torch.zeros(2, 2), None))
    made.enter("discriminator", {"loss/discriminator": torch.tensor(loss)})
    made.check("discriminator", [torch.tensor([gradient])])
    return made


def test_a_fault_knows_its_place_in_the_iteration():
    """Gradients are averaged over processes: one process's bad loss is the others' bad gradient."""
    cause, consequence = ledger(math.nan, math.nan).first(), ledger(1.0, math.nan).first()
    assert cause == Fault(7, "loss/discriminator is not finite (nan)", "discriminator", 1)
    assert consequence == Fault(7, "gradient/discriminator is not finite", "discriminator", 2)
    assert ledger(1.0, 1.0).first() is None


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["a small one", "a large one", "two large ones"])
def test_one_entry_of_many_is_enough(place, bad, dtype):
    made = Ledger()
    gradients = [torch.ones(3, dtype=dtype), torch.ones(300, 200, dtype=dtype), torch.ones(70_000, dtype=dtype)]
    kept = [gradient.clone() for gradient in gradients]
    made.begin(1, Batch(torch.zeros(2, 2), None))
    made.check("generator", gradients)
    assert all(map(torch.equal, gradients, kept)), "the ledger only looks"
    assert made.first() is None and made.verdict() == 0
    made.begin(2, Batch(torch.zeros(2, 2), None))
    if place == "a small one":
        gradients[0][1] = bad
    else:
        gradients[2][69_999] = bad
    if place == "two large ones":
        gradients[1][299, 199] = -bad  # infinities that would cancel each other
    made.check("generator", gradients)
    assert made.first() == Fault(2, "gradient/generator is not finite", "generator", 3)
    assert not made.verdict() == 0


def test_large_gradients_alone_are_looked_at_too():
    made = Ledger()
    made.begin(1, Batch(torch.zeros(2, 2), None))
    made.check("generator", [torch.full((200, 200), math.nan)])
    assert made.first() == Fault(1, "gradient/generator is not finite", "generator", 1)
