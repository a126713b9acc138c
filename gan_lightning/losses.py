"""The adversarial losses: what each player minimises, as a function of the critic's logits.

Logits go in, never probabilities. Expectations are batch means, and the two terms of a discriminator's loss are summed
as in the papers, so that an undecided discriminator pays 2 ln 2 under the logarithmic losses.
"""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from gan_lightning.critique import Critique


class Loss(ABC):
    """A pair of objectives over one critique; both return a scalar to minimise."""

    @abstractmethod
    def discriminator(self, critique: Critique) -> Tensor:
        """The discriminator's loss, a scalar."""

    @abstractmethod
    def generator(self, critique: Critique) -> Tensor:
        """The generator's loss, a scalar; gradients reach it through `critique.fake`."""

    def joint(self, critique: Critique) -> Tensor:
        """What players who move both sides minimise, a scalar: the discriminator's loss with the sides exchanged."""
        return self.discriminator(critique.exchanged())

    def score(self, logits: Tensor) -> Tensor:
        """What is logged as D(.), (N,): the logit itself, unless the loss reads it as a probability."""
        return logits

    def real_score(self, critique: Critique) -> Tensor:
        """D(.) of a critique's real samples, (N,)."""
        return self.score(critique.real_logits)

    def fake_score(self, critique: Critique) -> Tensor:
        """D(.) of a critique's fake samples, (N,)."""
        return self.score(critique.fake_logits)

    def witness(self, critique: Critique) -> Critique:
        """The function of samples that tells them apart, whose slope penalties are about: the logit, unless the loss
        reads more than that."""
        return critique

    def jensen_shannon(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor | None:
        """The lower bound of the divergence in nats, a scalar, that these logits prove; None if the loss gives none."""
        return None


class _Logarithmic(Loss, ABC):
    """Losses under which the logit is a log-odds."""

    def score(self, logits: Tensor) -> Tensor:
        """The probability of being real, (N,), in [0, 1]."""
        return torch.sigmoid(logits)


class _CrossEntropy(_Logarithmic, ABC):
    """The discriminator of Goodfellow et al. 2014, eq. 1: maximise E log D(x) + E log(1 - D(G(z)))."""

    def discriminator(self, critique: Critique) -> Tensor:
        """-E log D(x) - E log(1 - D(G(z))), a scalar."""
        return self._cross_entropy(critique.real_logits, critique.fake_logits)

    def jensen_shannon(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """ln 2 + (E log D(x) + E log(1 - D(G(z)))) / 2, which the optimal D makes equal (th. 1), a scalar."""
        return math.log(2) - self._cross_entropy(real_logits, fake_logits) / 2

    def _cross_entropy(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return softplus(-real_logits).mean() + softplus(fake_logits).mean()


class NonSaturating(_CrossEntropy):
    """G maximises E log D(G(z)) (Goodfellow et al. 2014, sec. 3): its gradient is strong where D is confident."""

    def generator(self, critique: Critique) -> Tensor:
        """-E log D(G(z)), a scalar."""
        return softplus(-critique.fake_logits).mean()


class Minimax(_CrossEntropy):
    """G minimises E log(1 - D(G(z))) (Goodfellow et al. 2014, eq. 1): its gradient vanishes where D is confident."""

    def generator(self, critique: Critique) -> Tensor:
        """E log(1 - D(G(z))), a scalar, negative."""
        return -softplus(critique.fake_logits).mean()

    def joint(self, critique: Critique) -> Tensor:
        """E log D(x) + E log(1 - D(G(z))), all of eq. 1, a scalar, negative."""
        return -self.discriminator(critique)


class LeastSquares(Loss):
    """LSGAN (Mao et al. 2017, eq. 9) with targets a for fakes, b for reals, c for what G wants fakes to score.

    Args:
        a: target of the fake samples in D's loss.
        b: target of the real samples in D's loss.
        c: target of the fake samples in G's loss.
    """

    def __init__(self, a: float, b: float, c: float) -> None:
        self.a, self.b, self.c = a, b, c

    def discriminator(self, critique: Critique) -> Tensor:
        """E (D(x) - b)^2 / 2 + E (D(G(z)) - a)^2 / 2, a scalar."""
        real = (critique.real_logits - self.b).square().mean()
        fake = (critique.fake_logits - self.a).square().mean()
        return (real + fake) / 2

    def generator(self, critique: Critique) -> Tensor:
        """E (D(G(z)) - c)^2 / 2, a scalar."""
        return (critique.fake_logits - self.c).square().mean() / 2


class Wasserstein(Loss):
    """WGAN (Arjovsky et al. 2017, eq. 2-3): minus D's loss estimates the distance, given a Lipschitz D."""

    def discriminator(self, critique: Critique) -> Tensor:
        """E f(G(z)) - E f(x), a scalar."""
        return critique.fake_logits.mean() - critique.real_logits.mean()

    def generator(self, critique: Critique) -> Tensor:
        """-E f(G(z)), a scalar."""
        return -critique.fake_logits.mean()


class Hinge(Loss):
    """The hinge loss of geometric GAN (Lim & Ye 2017, eq. 17) and SNGAN (Miyato et al. 2018, eq. 16-17)."""

    def discriminator(self, critique: Critique) -> Tensor:
        """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))), a scalar."""
        return relu(1 - critique.real_logits).mean() + relu(1 + critique.fake_logits).mean()

    def generator(self, critique: Critique) -> Tensor:
        """-E D(G(z)), a scalar."""
        return -critique.fake_logits.mean()


class Margin(Loss):
    """EBGAN (Zhao et al. 2017, eq. 1-2) for critics whose logit is minus an energy E, which is at least 0.

    Args:
        margin: the energy up to which fakes are raised, above 0.
    """

    def __init__(self, margin: float) -> None:
        self.margin = margin

    def discriminator(self, critique: Critique) -> Tensor:
        """E E(x) + E max(0, margin - E(G(z))), a scalar."""
        return relu(self.margin + critique.fake_logits).mean() - critique.real_logits.mean()

    def generator(self, critique: Critique) -> Tensor:
        """E E(G(z)), a scalar."""
        return -critique.fake_logits.mean()


class Relativistic(_Logarithmic):
    """Pairing relativistic GAN (Jolicoeur-Martineau 2018, sec. 3.2; the loss of R3GAN): is x more real than G(z)?"""

    def discriminator(self, critique: Critique) -> Tensor:
        """-E log sigmoid(C(x) - C(G(z))), a scalar: ln 2 where the two can't be told apart."""
        return softplus(critique.fake_logits - critique.real_logits).mean()

    def generator(self, critique: Critique) -> Tensor:
        """-E log sigmoid(C(G(z)) - C(x)), a scalar."""
        return softplus(critique.real_logits - critique.fake_logits).mean()


class RelativisticAverage(_Logarithmic):
    """Relativistic average GAN (Jolicoeur-Martineau 2018, eq. 7-8): each side against the other's mean logit."""

    def discriminator(self, critique: Critique) -> Tensor:
        """-E log sigmoid(C(x) - E C(G(z))) - E log sigmoid(E C(x) - C(G(z))), a scalar."""
        return _against_the_mean(critique.real_logits, critique.fake_logits)

    def generator(self, critique: Critique) -> Tensor:
        """The discriminator's loss with the two sides exchanged, a scalar."""
        return _against_the_mean(critique.fake_logits, critique.real_logits)


def _against_the_mean(winner: Tensor, loser: Tensor) -> Tensor:
    return softplus(loser.mean() - winner).mean() + softplus(loser - winner.mean()).mean()
