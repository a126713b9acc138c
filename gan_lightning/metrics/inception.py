"""FID and its kin: measures in the features of the Inception network that the literature uses."""

import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.data.base import Split
from gan_lightning.errors import UsageError
from gan_lightning.metrics.extractor import Extractor
from gan_lightning.metrics.features import FeatureMetrics
from gan_lightning.metrics.measure import Measure
from gan_lightning.metrics.published import FILE, SHA256, SOURCE
from gan_lightning.metrics.stems import INCEPTION


@final
class Inception(Extractor):
    """TensorFlow's Inception of 2015 as torch-fidelity ported it, with TensorFlow 1's resize to 299 px, no antialias.

    Its features are the 2,048 pooled ones, its logits are taken without the last bias, as the Inception Score's are.

    Args:
        weights: the file, whose sha256 is checked before it is opened.
    """

    name = "inception-v3-compat"
    sha256 = SHA256

    def __init__(self, weights: Path) -> None:
        self.weights = weights

    def check(self) -> None:
        """Raise UsageError if the file isn't the published one."""
        digest = hashlib.sha256(self.weights.read_bytes()).hexdigest()
        if digest != SHA256:
            raise UsageError(
                f"metrics.inception.weights={self.weights} is not the published file (its sha256 begins {digest[:8]}, "
                f"not {SHA256[:8]}): fetch {SOURCE}"
            )

    def load(self) -> nn.Module:
        """The network. Raises UsageError if the file isn't the published one."""
        self.check()
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        layers = ["2048", "logits_unbiased"]
        return InColour(
            FeatureExtractorInceptionV3(self.name, layers, feature_extractor_weights_path=str(self.weights))
        )


class InColour(nn.Module):
    """Gives a network of three channels its grey images three times.

    Args:
        network: on uint8 (N, 3, H, W).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """uint8 (N, 1 or 3, H, W) to features and logits."""
        features, logits = self.network(images.expand(-1, 3, -1, -1))
        return features, logits


@final
class InceptionMetrics(FeatureMetrics):
    """Measures in Inception's features: `fid`, `kid`, `inception_score`; other names end in `_inception`.

    Args:
        weights: of the network; None looks where torch keeps downloaded ones.
        measures, reference, n, cache: see `FeatureMetrics`.

    Raises:
        UsageError: `weights` names no file, or another one than the published.
    """

    def __init__(
        self, weights: str | None, measures: Mapping[str, Measure], reference: Split, n: int, cache: str
    ) -> None:
        super().__init__(measures, reference, n, cache)
        path = Path(torch.hub.get_dir()) / "checkpoints" / FILE if weights is None else Path(weights).expanduser()
        if weights is not None and not path.is_file():
            raise UsageError(f"metrics.inception.weights={path}: there is no such file; fetch {SOURCE}")
        self._extractor = Inception(path)
        if weights is not None:
            self._extractor.check()  # now, not when the first figure is due

    @property
    def extractor(self) -> Extractor:
        """Inception."""
        return self._extractor

    def unavailable(self) -> str | None:
        """What is missing: the weights, or torch-fidelity."""
        names = ", ".join(self.names)
        if importlib.util.find_spec("torch_fidelity") is None:
            return f"{names} left out: the network's code is missing, pip install 'gan-lightning[fid]'"
        if not self._extractor.weights.is_file():
            return (
                f"{names} left out: put {FILE} into {self._extractor.weights.parent}, or set "
                f"metrics.inception.weights=PATH; it is at {SOURCE}"
            )
        return None

    def stem(self, name: str) -> str:
        """`fd` is `fid`, `kd` is `kid`, `score` is `inception_score`, `precision` is `precision_inception`."""
        return INCEPTION.get(name, f"{name}_inception")
