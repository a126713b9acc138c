"""A further rank of a run on several processes: `python -m gan_lightning.worker CONFIG`, started by the first rank."""

import sys
from contextlib import suppress

from omegaconf import OmegaConf

from gan_lightning.errors import Diverged
from gan_lightning.train import fit, prepare

if __name__ == "__main__":
    with suppress(Diverged):  # the first rank tells of it
        fit(prepare(OmegaConf.load(sys.argv[1])))  # type: ignore[arg-type]
