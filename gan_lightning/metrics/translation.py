"""How good a translation is: does it come back, does it keep what it shows, and is it the true one?"""

from dataclasses import replace
from typing import final

import torch
from torch import Tensor

from gan_lightning.data.distributions import Distribution
from gan_lightning.data.pairs import two_domains
from gan_lightning.data.unpaired_gaussians import UnpairedGaussians
from gan_lightning.data.unpaired_mnist import UnpairedMNIST
from gan_lightning.metrics.base import Draw, Figure, Metric
from gan_lightning.metrics.classifier import ShippedClassifier
from gan_lightning.metrics.labels import matched
from gan_lightning.metrics.modes import nearest_modes
from gan_lightning.networks.both_ways import send_back

_WHITE = 255


@final
class Translation(Metric):
    """Held-out sources against their translations, and against what comes back from those.

    A difference is the mean absolute difference of two images as stored, in shares of white (0 to 1), or the mean
    distance of two points in the plane's units. Figures are of translations as they are stored: what a translator
    hides in less than a grey level (Chu et al. 2017, arXiv:1712.02950) is lost on the way back, as from a file.

    Args:
        n: sources.
    """

    asks_players = True

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._classifier = ShippedClassifier("mnist")

    def __call__(self, draw: Draw) -> list[Figure]:
        """The figures there can be of these data.

        `cycle_error`: source -> target -> source, the difference from the source.
        `distance_to_truth`: the difference from the true translation, where a known map gives it.
        `agreement_before`, `agreement_after`: share of the digits that the shipped MNIST classifier names rightly, in
        the sources, and in the translations once the known map is undone.
        `one_to_one`: share of the points that follow the best pairing of source modes with target modes, 1 where each
        goes to one of its own; where there are more source modes than target modes it can't be reached.
        """
        if draw.module is None or draw.weights is None:
            return []
        data, device = draw.data, draw.module.device
        samples = data.scale(draw.samples).to(device)
        returned = data.restore(send_back(draw.module.network(draw.weights), samples)).cpu()
        return self._figures(draw, returned)

    def floor(self, draw: Draw) -> list[Figure]:
        """The figures of the true translation, where a known map gives it; its inverse brings back the source."""
        source = _sources(draw)
        truth = None if source is None else two_domains(draw.data).true_translation(source)
        return [] if source is None or truth is None else self._figures(replace(draw, samples=truth), source)

    def _figures(self, draw: Draw, returned: Tensor) -> list[Figure]:
        source = _sources(draw)
        assert source is not None
        data = two_domains(draw.data)
        values = {"cycle_error": difference(returned, source)}
        if (truth := data.true_translation(source)) is not None:
            values["distance_to_truth"] = difference(draw.samples, truth)
        if isinstance(data, UnpairedMNIST):
            labels = data.labels_of(source)
            values["agreement_before"] = self._agreement(data.map.digits(source), labels, draw.device)
            values["agreement_after"] = self._agreement(
                data.map.digits(data.map.back(draw.samples)), labels, draw.device
            )
        if isinstance(data, UnpairedGaussians):
            values |= _pairing(source, draw.samples, data.source, data.distribution)
        return [self._figure(stem, value, len(source)) for stem, value in values.items()]

    def _agreement(self, digits: Tensor, labels: Tensor, device: torch.device) -> float:
        return float((self._classifier(digits, None, device).logits.argmax(1) == labels).double().mean())

    def _figure(self, stem: str, value: float, n: int) -> Figure:
        asks = stem.startswith("agreement")
        classifier = self._classifier
        return Figure(
            stem, value, n, extractor=classifier.name if asks else None, sha256=classifier.sha256 if asks else None
        )


def difference(samples: Tensor, others: Tensor) -> float:
    """Mean absolute difference of uint8 images in shares of white, or mean distance of points."""
    if samples.dtype == torch.uint8:
        return float((samples.double() - others.double()).abs().mean()) / _WHITE
    return float((samples.double() - others.double()).norm(dim=1).mean())


def _pairing(source: Tensor, samples: Tensor, left: Distribution, right: Distribution) -> dict[str, float]:
    if left.mixture is None or right.mixture is None:
        return {}
    modes = nearest_modes(source, left.mixture)[1], nearest_modes(samples, right.mixture)[1]
    return {"one_to_one": matched(*modes)}


def _sources(draw: Draw) -> Tensor | None:
    """What was translated, (n, ...) as stored."""
    data = draw.data
    return None if draw.latents is None else data.restore(draw.latents.view(-1, *data.shape))
