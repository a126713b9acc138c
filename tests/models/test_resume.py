"""A checkpoint is taken up by the game that wrote it, and by no other."""

import copy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Trainer

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.errors import UsageError
from gan_lightning.likelihoods import Gaussian
from gan_lightning.losses import Hinge, Margin, Wasserstein
from gan_lightning.models.began import BEGAN
from gan_lightning.models.ebgan import EBGAN
from gan_lightning.models.resume import is_trained, part_of, select
from gan_lightning.models.vae import VAE
from gan_lightning.models.wgan import WGAN
from gan_lightning.penalties import R1, R2
from gan_lightning.runs.checkpoint import RANKS, read
from gan_lightning.schedules import Linear

Fit = Callable[..., Trainer]


@pytest.fixture
def checkpoint(small_game: Any, fit: Fit, tmp_path: Path) -> Path:
    """Two iterations of the plain game."""
    fit(small_game(), steps=2, callbacks=[IntervalCheckpoint(str(tmp_path), 2, None, None, None, "min")])
    return tmp_path / "checkpoints" / "last.ckpt"


def test_the_game_that_wrote_it_goes_on(small_game: Any, fit: Fit, checkpoint: Path) -> None:
    assert fit(small_game(), steps=3, ckpt_path=checkpoint).global_step == 3


def test_a_checkpoint_says_its_game_in_plain_strings_and_numbers(checkpoint: Path) -> None:
    assert read(checkpoint)["game"] == {
        **{"model": "GAN", "loss": "NonSaturating", "penalties": "none", "n_critic": 1, "optimizers": "Adam, Adam"},
        **{"seed": 0, "data": "ring (modes 8, radius 1, sigma 0.01)", "shape": "2", "batch_size": 4, "samples": 64},
        "processes": 1,
    }


MEND = "resume with the config of the run that wrote it"


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"model": WGAN, "loss": Wasserstein(), "clip": 0.1}, "model is GAN, this run's WGAN"),
        ({"loss": Hinge()}, "loss is NonSaturating, this run's Hinge"),
        ({"penalties": {"r1": R1(1.0, every=1), "r2": R2(1.0, every=1)}}, "penalties is none, this run's R1, R2"),
        ({"n_critic": 2}, "n_critic is 1, this run's 2"),
        ({"optimizer": partial(torch.optim.RMSprop, lr=1e-2)}, "optimizers is Adam, Adam, this run's RMSprop, RMSprop"),
        ({"seed": 1}, "seed is 0, this run's 1"),
        ({"generator_norm": "layer"}, "networks differ from this run's at"),
        ({"ema": 0.0}, "networks differ from this run's at average"),
    ],
)
def test_another_game_refuses_it_and_names_the_difference(
    small_game: Any, fit: Fit, checkpoint: Path, other: dict[str, Any], difference: str
) -> None:
    with pytest.raises(UsageError, match=f"{difference}.*: {MEND}"):
        fit(small_game(**other), steps=3, ckpt_path=checkpoint)


@pytest.mark.parametrize(
    ("kind", "sigma", "title"),
    [("grid", None, "grid (modes 25, radius 4, sigma 0.05)"), ("ring", 0.02, "ring (modes 8, radius 1, sigma 0.02)")],
)
def test_other_data_of_the_same_class_refuse_it(
    small_game: Any, fit: Fit, checkpoint: Path, kind: str, sigma: float | None, title: str
) -> None:
    data = Gaussians(kind, None, None, sigma, 64, batch_size=4, minibatches=1, seed=0)
    with pytest.raises(UsageError) as raised:
        fit(small_game(), steps=3, data=data, ckpt_path=checkpoint)
    assert f"data is ring (modes 8, radius 1, sigma 0.01), this run's {title}: " in str(raised.value)


@pytest.mark.parametrize(
    "other",
    [
        {"optimizer": partial(torch.optim.Adam, lr=1e-5, betas=(0.0, 0.9))},
        {"ema": 0.5},
        {"schedule": Linear(0.5, 0.0)},
        {"max_grad_norm": 1.0},
    ],
    ids=["rates", "ema", "schedule", "clipping"],
)
def test_what_may_be_changed_on_the_way_is_changed_in_silence(
    small_game: Any, fit: Fit, checkpoint: Path, other: dict[str, Any]
) -> None:
    assert fit(small_game(**other), steps=3, ckpt_path=checkpoint).global_step == 3


def groups(trainer: Trainer) -> list[dict[str, Any]]:
    return [{**optimizer.param_groups[0], "params": None} for optimizer in trainer.optimizers]


def test_optimizers_have_the_runs_own_settings_and_not_the_checkpoints(
    small_game: Any, fit: Fit, checkpoint: Path
) -> None:
    settings = {"lr": 1e-5, "betas": (0.1, 0.8), "eps": 1e-4, "weight_decay": 0.3}
    for group in groups(
        fit(small_game(optimizer=partial(torch.optim.Adam, **settings)), steps=3, ckpt_path=checkpoint)
    ):
        assert {name: group[name] for name in settings} == settings


def test_settings_that_need_what_was_not_kept_are_refused(small_game: Any, fit: Fit, checkpoint: Path) -> None:
    other = small_game(optimizer=partial(torch.optim.Adam, lr=1e-3, amsgrad=True))
    with pytest.raises(UsageError, match=f"optimizer.discriminator needs max_exp_avg_sq, which .* not kept: {MEND}"):
        fit(other, steps=3, ckpt_path=checkpoint)


def test_networks_of_the_same_weights_and_other_settings_refuse_it(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    def game(activation: str) -> Any:
        made = small_game()
        made.networks = {"generator": "mlp.Generator", "generator.activation": activation}
        return made

    save = IntervalCheckpoint(str(tmp_path), 2, None, None, None, "min")
    fit(game("relu"), steps=2, callbacks=[save])
    last = tmp_path / "checkpoints" / "last.ckpt"
    assert fit(game("relu"), steps=3, ckpt_path=last).global_step == 3
    with pytest.raises(UsageError, match=f"generator.activation is relu, this run's tanh: {MEND}"):
        fit(game("tanh"), steps=3, ckpt_path=last)


def test_an_older_checkpoint_knows_less_of_its_networks(small_game: Any, fit: Fit, checkpoint: Path) -> None:
    game = small_game()
    game.networks = {"generator.activation": "tanh"}
    assert fit(game, steps=3, ckpt_path=checkpoint).global_step == 3


def test_a_penaltys_weight_may_be_changed_on_the_way(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    save = IntervalCheckpoint(str(tmp_path), 2, None, None, None, "min")
    fit(small_game(penalties={"r1": R1(1.0, every=1)}), steps=2, callbacks=[save])
    last = tmp_path / "checkpoints" / "last.ckpt"
    assert fit(small_game(penalties={"r1": R1(2.0, every=1)}), steps=3, ckpt_path=last).global_step == 3


@pytest.mark.parametrize(
    ("setting", "message"),
    [({"batch_size": 8}, "batch_size is 4, this run's 8: "), ({"num_samples": 60}, "samples is 64, this run's 60: ")],
)
def test_what_changes_the_order_of_the_samples_draws_a_warning(
    small_game: Any, fit: Fit, points: Any, checkpoint: Path, setting: dict[str, int], message: str
) -> None:
    with pytest.warns(UserWarning, match=f"{message}the run goes on with samples in another order"):
        fit(small_game(), steps=3, data=points(**setting), ckpt_path=checkpoint)


@pytest.mark.parametrize(
    ("limits", "knob"),
    [
        ({"max_steps": 2}, "max_steps"),
        ({"max_steps": 1}, "max_steps"),
        ({"max_steps": -1, "max_epochs": 1}, "max_epochs"),
        ({"max_steps": 3, "max_epochs": -1}, None),
        ({"max_steps": -1, "max_epochs": 2}, None),
    ],
)
def test_a_run_that_is_done_has_nothing_left_to_do_but_its_end(limits: dict[str, int], knob: str | None) -> None:
    trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, **limits)
    if knob is None:
        assert not is_trained(trainer, 2, 2, cut_short=False) and not is_trained(trainer, 2, 2, cut_short=True)
        return
    told = f"nothing left to do: the checkpoint has 2 iterations; raise trainer.{knob}"
    with pytest.raises(UsageError, match=told):
        is_trained(trainer, 2, 2, cut_short=False)
    if limits["max_steps"] == 1:  # what was trained is no end of that run
        with pytest.raises(UsageError, match=told):
            is_trained(trainer, 2, 2, cut_short=True)
    else:
        assert is_trained(trainer, 2, 2, cut_short=True)


@pytest.mark.parametrize(
    "settings",
    [
        {"model": VAE, "beta": 1.0, "likelihood": Gaussian(0.1, learnt=True)},
        {"model": BEGAN, "gamma": 0.75, "lambda_k": 1.0, "code_dim": 1, "eta": 1},
        {"model": EBGAN, "loss": Margin(1.0), "code_dim": 2, "eta": 2, "pull_away": 0.1},
    ],
    ids=["VAE", "BEGAN", "EBGAN"],
)
def test_a_resumed_autoencoder_equals_an_uninterrupted_one_to_the_bit(
    settings: dict[str, Any], small_game: Any, fit: Fit, state: Any, identical: Any, tmp_path: Path
) -> None:
    saving = IntervalCheckpoint(str(tmp_path), 2, None, None, None, "min")
    whole, rest = (small_game(**copy.deepcopy(settings)) for _ in range(2))
    fit(whole, steps=4, callbacks=[saving])
    start = state(rest)
    fit(rest, steps=4, ckpt_path=tmp_path / "checkpoints" / "00000002.ckpt")
    assert identical(state(rest), state(whole))
    assert not identical(state(rest), start)


def test_a_rank_gets_its_own_part_of_a_checkpoint_of_as_many_ranks():
    parts = [{"pool.kept": torch.zeros(1)}, {"pool.kept": torch.ones(1)}]
    checkpoint = {RANKS: parts}
    assert [part_of(checkpoint, rank, 2) for rank in range(2)] == parts
    assert part_of(checkpoint, 0, 1) == {}
    assert part_of({}, 0, 1) == {}


def test_what_ranks_have_for_themselves_is_chosen_by_how_its_name_begins():
    state = {"pool.kept": torch.zeros(1), "generator.pool.kept": torch.zeros(1)}
    assert list(select(state, ("pool.",))) == ["pool.kept"]
    assert select(state, ()) == {}
