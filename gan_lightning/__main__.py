"""The entry point, `python -m gan_lightning`. Nothing here imports torch: help and mistakes answer at once."""

import sys

from gan_lightning.app import main

if __name__ == "__main__":
    sys.exit(main())
