"""Training a classifier of the package from scratch: SGD along one cycle of the rate, a moving average of the weights.

The manner is Page's (How to train your ResNet, 2018) and Jordan's (airbench, arXiv:2404.00498): few epochs, large
rates, label smoothing, images varied as a batch. The test set is looked at once, at the end.
"""

import time
from pathlib import Path
from typing import NamedTuple, final

import torch
from lightning import LightningModule, Trainer, seed_everything
from torch import Tensor
from torch.nn import functional as F
from torch.optim.lr_scheduler import OneCycleLR

from gan_lightning import noise
from gan_lightning.classifiers.calibration import calibrate
from gan_lightning.classifiers.catalogue import find
from gan_lightning.classifiers.network import Classifier
from gan_lightning.classifiers.recipes import RECIPES, Recipe
from gan_lightning.classifiers.storage import check_writable, read, write
from gan_lightning.data.base import Samples
from gan_lightning.data.loader import Batch, MemoryLoader
from gan_lightning.errors import UsageError
from gan_lightning.memory import keep_freed_memory
from gan_lightning.models.average import MovingAverage
from gan_lightning.quiet import quieten
from gan_lightning.speed import quickest_precision

_MOMENTUM = 0.9
_WARM_UP = 0.25  # share of the run in which the rate rises
_CALIBRATED_ON = 10_000  # images


class Result(NamedTuple):
    """What a training leaves."""

    file: Path
    sha256: str
    accuracy: float
    """Share of the test set that the stored file gets right."""
    seconds: float
    """Of training alone."""


def train(name: str, root: Path | None, epochs: int | None, seed: int, out: Path) -> Result:
    """Train the classifier of that name and store it in `out`; the same seed, machine and threads give the same file.

    Args:
        name: one of the catalogue's.
        root: folder of the images; None stands for the usual one.
        epochs: passes over the training set; None stands for the recipe's.
        seed: of the initial weights, the order, and how the images are varied.
        out: the file to write.

    Raises:
        UsageError: there is no classifier of that name, the images aren't there, or the file can't be written.
    """
    entry, recipe = find(name), RECIPES[name]
    check_writable(out)
    quieten()
    keep_freed_memory()
    try:
        images = recipe.read(root)
    except UsageError as error:  # a data source knows its own key, not the verb's option
        raise UsageError(str(error).replace("data.root=FOLDER", "--root FOLDER")) from error
    seed_everything(seed, verbose=False)
    classifier = Classifier(entry.channels, entry.size, recipe.width, recipe.features, len(entry.classes))
    _measure(classifier, images.train.values)
    batch_size = min(recipe.batch_size, len(images.train.values))
    loader = MemoryLoader(images.train.values, images.train.labels, batch_size, seed, recipe.augment)
    module = ClassifierTraining(classifier, recipe)
    trainer = Trainer(
        max_epochs=epochs or recipe.epochs,
        devices=1,
        precision=quickest_precision("auto", (entry.channels, entry.size, entry.size), _weights(classifier)),
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
    )
    start = time.perf_counter()
    trainer.fit(module, loader)
    seconds = time.perf_counter() - start
    _calibrate(module.result, images.train, recipe, seed)
    digest = write(module.result, out)
    return Result(out, digest, accuracy(read(out, digest), images.test), seconds)


@torch.no_grad()
def accuracy(classifier: Classifier, samples: Samples, batch_size: int = 500) -> float:
    """Share of the labelled images that the classifier gets right, in [0, 1]."""
    assert samples.labels is not None
    batches = zip(samples.values.split(batch_size), samples.labels.split(batch_size), strict=True)
    return sum(int((classifier(v).logits.argmax(dim=1) == k).sum()) for v, k in batches) / len(samples.values)


@final
class ClassifierTraining(LightningModule):
    """The game of one: cross-entropy with smoothed labels.

    Args:
        classifier: what is trained.
        recipe: how.
    """

    def __init__(self, classifier: Classifier, recipe: Recipe) -> None:
        super().__init__()
        self.classifier, self.recipe = classifier, recipe
        self.average = MovingAverage(classifier, recipe.ema)
        self._loss = torch.zeros(())
        self._start = 0.0

    @property
    def result(self) -> Classifier:
        """The moving average."""
        averaged = self.average.generator
        assert isinstance(averaged, Classifier)
        return averaged

    def configure_optimizers(self) -> dict[str, object]:  # type: ignore[override]
        """SGD; gains, shifts and biases are not decayed."""
        parameters = list(self.classifier.parameters())
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": self.recipe.weight_decay},
            {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.SGD(groups, lr=self.recipe.lr, momentum=_MOMENTUM, nesterov=True)
        total = max(5, int(self.trainer.estimated_stepping_batches))  # OneCycleLR divides by zero with 4 steps
        cycle = OneCycleLR(
            optimizer, self.recipe.lr, total, pct_start=_WARM_UP, anneal_strategy="linear", cycle_momentum=False
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": cycle, "interval": "step"}}

    def on_train_start(self) -> None:
        self.average.follow(self.classifier)

    def on_train_epoch_start(self) -> None:
        self._loss, self._start = torch.zeros((), device=self.device), time.perf_counter()

    def training_step(self, batch: Batch, index: int) -> Tensor:
        assert batch.labels is not None
        logits = self.classifier(batch.real).logits
        loss = F.cross_entropy(logits, batch.labels, label_smoothing=self.recipe.label_smoothing)
        self._loss += loss.detach()
        return loss

    def on_train_batch_end(self, outputs: object, batch: Batch, index: int) -> None:
        self.average.update(self.global_step)

    def on_train_epoch_end(self) -> None:
        """One line an epoch."""
        epoch, epochs = self.current_epoch + 1, self.trainer.max_epochs
        loss, seconds = float(self._loss) / self.trainer.num_training_batches, time.perf_counter() - self._start
        print(f"epoch {epoch} of {epochs}: loss {loss:.4f}, {seconds:.0f} s", flush=True)


def _calibrate(classifier: Classifier, samples: Samples, recipe: Recipe, seed: int) -> None:
    """Undo the modesty that smoothed labels teach, on some training images, varied so that they are not too easy."""
    assert samples.labels is not None
    randomness = noise.generator(seed)
    chosen = torch.randperm(len(samples.values), generator=randomness)[:_CALIBRATED_ON]
    calibrate(classifier, recipe.augment(samples.values[chosen], randomness), samples.labels[chosen])


def _weights(classifier: Classifier) -> int:
    return sum(weight.numel() for weight in classifier.parameters())


def _measure(classifier: Classifier, images: Tensor) -> None:
    """Set what the classifier subtracts and divides by: each channel's mean and standard deviation, 0 to 255."""
    for channel in range(images.shape[1]):
        grey_levels = torch.bincount(images[:, channel].flatten(), minlength=256).double()
        share, level = grey_levels / grey_levels.sum(), torch.arange(256, dtype=torch.float64)
        mean = (share * level).sum()
        classifier.mean[channel] = mean
        classifier.std[channel] = (share * (level - mean) ** 2).sum().sqrt()
