"""A game of `tests/two_ranks.py`, whose gradients are averaged in one flat buffer and then one by one.

A program, under `torch.distributed.run`: `one_by_one.py FOLDER` plays both as one of two ranks, and leaves the weights
of either and how often something was averaged one by one.
"""

import os
import sys
from pathlib import Path
from unittest.mock import Mock, patch

import torch
from lightning import Callback
from reduction import one_by_one
from torch import Tensor
from two_ranks import BATCH, RANKS, SEED, play

from gan_lightning.strategy import AdversarialDDP


def weights() -> dict[str, Tensor]:
    """What the game ends with."""
    strategy = AdversarialDDP("unused", meeting_minutes=2, timeout_hours=1)
    return play("wgan_gp", SEED, BATCH // RANKS, Callback(), devices=RANKS, strategy=strategy).state_dict()


def main(folder: Path) -> None:
    """Play both."""
    flat = weights()
    with patch("gan_lightning.models.trained.average_gradients", Mock(side_effect=one_by_one)) as asked:
        single = weights()
    left = {"flat": flat, "single": single, "calls": asked.call_count}
    torch.save(left, folder / os.environ["RANK"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
