"""When pictures are drawn, where they go, and that training doesn't notice."""

from typing import final

import pytest
import torch
from lightning import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from gan_lightning.callbacks.samples import Samples
from gan_lightning.callbacks.scatter import Scatter
from gan_lightning.errors import UsageError
from gan_lightning.models.base import AdversarialModule


@final
class Record(Samples):
    """Keeps what it is asked to draw."""

    seen: list[Tensor]

    def setup(self, trainer: Trainer, module: AdversarialModule, stage: str) -> None:
        self.seen = []

    def picture(self, trainer: Trainer, module: AdversarialModule, samples: Tensor) -> Image.Image:
        self.seen.append(samples)
        return Image.new("RGB", (8, 4))


def names(folder):
    return sorted(path.name for path in (folder / "samples").iterdir())


@pytest.mark.parametrize(
    "every, steps, iterations", [(2, 5, [0, 2, 4, 5]), (3, 6, [0, 3, 6]), (10, 4, [0, 4]), (1, 2, [0, 1, 2])]
)
def test_pictures_are_of_iteration_0_every_nth_and_the_last(small_game, fit, tmp_path, every, steps, iterations):
    record = Record(str(tmp_path), every, n=3)
    fit(small_game(), steps, callbacks=[record])
    assert names(tmp_path) == [f"{iteration:08d}.png" for iteration in iterations]
    assert len(record.seen) == len(iterations)


def test_samples_are_those_of_the_averaged_generator_at_the_same_latents(small_game, fit, tmp_path):
    game = small_game(ema=0.9)
    record = Record(str(tmp_path), every=2, n=3)
    asked = []
    sample = game.sample
    game.sample = lambda latents, weights: asked.append((latents, weights)) or sample(latents, weights)
    fit(game, 4, callbacks=[record])
    assert [weights for _, weights in asked] == ["ema"] * 3
    assert all(torch.equal(latents, asked[0][0]) for latents, _ in asked)
    assert asked[0][0].shape == (3, 2)
    torch.testing.assert_close(record.seen[-1], sample(asked[0][0], "ema"), rtol=0, atol=0)


def test_without_an_average_the_raw_generator_is_drawn(small_game, fit, tmp_path):
    game = small_game(ema=0)
    record = Record(str(tmp_path), every=2, n=3)
    fit(game, 2, callbacks=[record])
    assert torch.equal(record.seen[-1], game.sample(record._latents, "raw"))


def test_latents_depend_on_the_seed_alone(small_game, fit, tmp_path):
    latents = []
    for seed in (0, 0, 1):
        record = Record(str(tmp_path), every=2, n=3)
        fit(small_game(seed=seed), 1, callbacks=[record])
        latents.append(record._latents)
    assert torch.equal(latents[0], latents[1])
    assert not torch.equal(latents[0], latents[2])


def test_drawing_changes_no_weight(small_game, points, fit, state, identical, tmp_path):
    states = []
    for callbacks in ([], [Scatter(str(tmp_path), every=1, n=10)]):
        game = small_game(discriminator_norm="spectral", generator_norm="batch")
        fit(game, 5, data=points(), callbacks=callbacks)
        states.append(state(game))
        assert game.training and game.generator.training and game.discriminator.training
    assert identical(*states)


def test_drawing_leaves_no_gradient_behind(small_game, points, fit, tmp_path):
    game = small_game()
    scatter = Scatter(str(tmp_path), every=1, n=10)
    trainer = fit(game, 1, data=points(), callbacks=[scatter])
    game.zero_grad(set_to_none=True)
    scatter._draw(trainer, game)
    assert all(parameter.grad is None for parameter in game.parameters())


def test_a_resumed_run_does_not_draw_iteration_0_again(small_game, fit, tmp_path):
    first = fit(small_game(), 4, callbacks=[Record(str(tmp_path), every=2, n=3)])
    first.save_checkpoint(tmp_path / "run.ckpt")
    for path in (tmp_path / "samples").iterdir():
        path.unlink()
    resumed = Record(str(tmp_path), every=3, n=3)
    fit(small_game(), 7, callbacks=[resumed], ckpt_path=tmp_path / "run.ckpt")
    assert names(tmp_path) == ["00000006.png", "00000007.png"]


def test_every_picture_goes_to_tensorboard(small_game, fit, tmp_path):
    logger = TensorBoardLogger(tmp_path, name="", version="")
    fit(small_game(), 5, callbacks=[Record(str(tmp_path), every=2, n=3)], loggers=[logger])
    events = EventAccumulator(logger.log_dir, size_guidance={"images": 0}).Reload()
    assert [image.step for image in events.Images("samples")] == [0, 2, 4, 5]
    assert {(image.width, image.height) for image in events.Images("samples")} == {(8, 4)}


def test_only_the_first_process_draws(small_game, fit, tmp_path, monkeypatch):
    monkeypatch.setattr(Trainer, "is_global_zero", False)
    fit(small_game(), 2, callbacks=[Record(str(tmp_path), every=1, n=3)])
    assert not (tmp_path / "samples").exists()


@pytest.mark.parametrize("name, arguments", [("every", (0, 3)), ("n", (3, 0))])
def test_a_number_below_1_is_refused_by_its_key(name, arguments):
    with pytest.raises(UsageError, match=f"callbacks.samples.{name} is 0"):
        Record("run", *arguments)


def test_a_picture_that_cannot_be_written_leaves_nothing(small_game, fit, tmp_path, monkeypatch):
    def fill(picture, file, *format):
        file.write_bytes(b"PNG")
        raise OSError("no space left")

    monkeypatch.setattr(Image.Image, "save", fill)
    with pytest.raises(OSError, match="no space"):
        fit(small_game(), 1, callbacks=[Record(str(tmp_path), every=1, n=3)])
    assert names(tmp_path) == []
