"""The entry point, `python -m gan_lightning`. Nothing here imports torch: help and mistakes answer at once."""

from gan_lightning.leaving import leave_quietly

if __name__ == "__main__":
    leave_quietly()  # before what takes time to import
    from gan_lightning.app import console

    console()
