"""Two folders of pictures, of any kinds, sizes and counts: what CycleGAN was made for."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.data.base import Samples
from gan_lightning.data.image_folder import ImageFolder
from gan_lightning.data.listing import check_folder
from gan_lightning.data.pairs import UnpairedImages


@final
class UnpairedFolders(UnpairedImages):
    """Every picture under two folders, each cut and resized to a square as `ImageFolder` does; there are no classes.

    Args:
        source_root: pictures that are translated.
        target_root: pictures as the translations should be.
        source_test_root: held-out pictures to be translated in figures and films, or None: then training ones are.
        target_test_root: held-out pictures of the target, or None.
        size, channels, cache, flip, batch_size, minibatches, seed: see `ImageFolder`.
    """

    def __init__(
        self,
        source_root: str,
        target_root: str,
        source_test_root: str | None,
        target_test_root: str | None,
        **pictures: Any,
    ) -> None:
        super().__init__(pictures["batch_size"], pictures["minibatches"], pictures["seed"], pictures["flip"])
        self._source, self._target = (
            ImageFolder(root=r, test_root=None, **pictures) for r in (source_root, target_root)
        )
        self._source_test, self._target_test = (
            None if root is None else ImageFolder(root=root, test_root=None, **pictures)
            for root in (source_test_root, target_test_root)
        )

    @property
    def title(self) -> str:
        """The folders' names are part of what the data are."""
        return f"UnpairedFolders ({self._source.root.resolve().name} to {self._target.root.resolve().name})"

    @property
    def shape(self) -> tuple[int, int, int]:
        return self._target.shape

    @property
    def num_classes(self) -> int:
        """0: subfolders are no classes here."""
        return 0

    @property
    def has_test(self) -> bool:
        """Whether the target has held-out pictures."""
        return self._target_test is not None

    def load(self) -> Samples:
        return _read(self._target, "target_root")

    def load_source(self) -> Samples:
        return _read(self._source, "source_root")

    def test_samples(self) -> Samples:
        assert self._target_test is not None
        return _read(self._target_test, "target_test_root")

    def source_test(self) -> Samples:
        """The pictures under `source_test_root`; the training set's where there is none."""
        return self.source_samples if self._source_test is None else _read(self._source_test, "source_test_root")

    def resident(self, values: Tensor, device: torch.device) -> Tensor:
        """See `ImageFolder`."""
        return self._target.resident(values, device)


def _read(folder: ImageFolder, knob: str) -> Samples:
    """A folder's pictures. Raises UsageError where it is none, or empty."""
    check_folder(folder.root, f"data.{knob}")
    return Samples(folder.load().values, None)
