"""What Lightning writes and reads checkpoints with."""

from pathlib import Path
from typing import Any, final

from lightning.fabric.plugins import CheckpointIO

from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.storage import remove, store


@final
class SafeCheckpointIO(CheckpointIO):
    """Checkpoints that are there completely or not at all, with their sha256 beside them, and verified when read."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """See `runs.storage.store`. Raises UsageError where the disk is full."""
        store(checkpoint, Path(path))

    def load_checkpoint(
        self, path: str | Path, map_location: Any = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """See `runs.checkpoint.read`: on the CPU, nothing in it executed. Raises UsageError where it is damaged."""
        return read(Path(path), mmap=False)  # optimizers keep the tensors that they are given

    def remove_checkpoint(self, path: str | Path) -> None:
        """Remove it and its sidecar."""
        remove(Path(path))
