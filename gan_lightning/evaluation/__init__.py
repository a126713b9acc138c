"""Figures of what is already there: a run, a checkpoint, a folder of pictures."""
