"""The maximum mean discrepancy between what a critic says of real and of generated samples, as a loss."""

from typing import final

from torch import Tensor

from gan_lightning.critique import Critique, logits_of
from gan_lightning.errors import UsageError
from gan_lightning.kernels import Kernel
from gan_lightning.losses import Loss


@final
class SquaredMMD(Loss):
    """MMD GAN (Li et al. 2017, arXiv:1705.08584; Binkowski et al. 2018, arXiv:1801.01401, sec. 2): the critic drives
    the two sides' features apart in the kernel's eyes, and the generator draws them together.

    The features are the critic's logits, (N,) or a map of them each, and nothing else that it may say. Sides are told
    apart by the witness function, how much more alike than the fakes the real features are to a sample's: it is the
    score, and what penalties are about.

    Args:
        kernel: of two features.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def discriminator(self, critique: Critique) -> Tensor:
        """-MMD^2, a scalar. Raises UsageError for a batch of one sample."""
        return -self.distance(critique.real_logits, critique.fake_logits)

    def generator(self, critique: Critique) -> Tensor:
        """MMD^2, a scalar. Raises UsageError for a batch of one sample."""
        return self.distance(critique.real_logits, critique.fake_logits)

    def joint(self, critique: Critique) -> Tensor:
        """MMD^2, a scalar, which draws both sides together."""
        return self.generator(critique)

    def distance(self, real: Tensor, fake: Tensor) -> Tensor:
        """The unbiased estimate of MMD^2 between features (N, D) and (M, D), a scalar that may be below 0."""
        real, fake = _vectors(real), _vectors(fake)
        within = self._mean_of_pairs(real) + self._mean_of_pairs(fake)
        return within - 2 * self.kernel(real, fake).mean()

    def likeness(self, said: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """The witness function (N,) of features (N, D): mean kernel with real ones (R, D), less that with fake ones."""
        said = _vectors(said)
        return self.kernel(said, _vectors(real)).mean(1) - self.kernel(said, _vectors(fake)).mean(1)

    def witness(self, critique: Critique) -> Critique:
        """The witness function in the critic's place."""
        real, fake = critique.real_logits, critique.fake_logits

        def function(samples: Tensor) -> Tensor:
            return self.likeness(logits_of(critique.critic(samples)), real, fake)

        return Critique(function, critique.real, critique.fake)

    def real_score(self, critique: Critique) -> Tensor:
        """The witness function of the real samples, (N,)."""
        return self.likeness(critique.real_logits, critique.real_logits, critique.fake_logits)

    def fake_score(self, critique: Critique) -> Tensor:
        """The witness function of the fake samples, (N,)."""
        return self.likeness(critique.fake_logits, critique.real_logits, critique.fake_logits)

    def _mean_of_pairs(self, features: Tensor) -> Tensor:
        n = len(features)
        if n < 2:
            raise UsageError("loss=mmd compares the samples of a batch in pairs: set data.batch_size to 2 or more")
        kernel = self.kernel(features, features)
        return (kernel.sum() - kernel.trace()) / (n * (n - 1))


def _vectors(said: Tensor) -> Tensor:
    return said.flatten(1) if said.dim() > 1 else said[:, None]
