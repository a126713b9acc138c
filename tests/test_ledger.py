"""What is at fault first, also where several processes each have a ledger of the same iteration."""

import math

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
