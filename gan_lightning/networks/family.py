"""What a variant is given for each player: a network of a family that is still to be made for the data's shape."""

from functools import partial
from typing import TypeAlias

from torch import nn

Family: TypeAlias = partial[nn.Module]
"""Makes a player of a family when it is called with `shape=`; its settings are its keywords."""
