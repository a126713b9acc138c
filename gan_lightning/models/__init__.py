"""The game, once, in base.py; then a LightningModule per variant that has something of its own."""
