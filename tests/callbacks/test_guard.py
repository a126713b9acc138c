"""When the guard looks, what it says, and how a run goes back."""

import csv
import json
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from lightning.pytorch.loggers import Logger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.callbacks.guard import Guard
from gan_lightning.data.loader import Batch
from gan_lightning.errors import Diverged, GoBack
from gan_lightning.interruption import Listener
from gan_lightning.loggers import RunCSVLogger, RunTensorBoardLogger
from gan_lightning.models.base import AdversarialModule
from gan_lightning.train import Parts
from gan_lightning.train import fit as train

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]

RATE = 1e-2


class Spoil(Callback):
    """Makes the discriminator's loss infinite in some iterations, each as often as it is listed."""

    def __init__(self, *iterations: int) -> None:
        self.left = list(iterations)
        self.spoilt = False

    def on_train_start(self, trainer: Trainer, module: Any) -> None:
        compute = type(module.loss).discriminator
        module.loss.discriminator = lambda critique: compute(module.loss, critique) * (math.inf if self.spoilt else 1)

    def on_train_batch_start(self, trainer: Trainer, module: Any, batch: Batch, batch_idx: int) -> None:
        self.spoilt = trainer.global_step + 1 in self.left
        if self.spoilt:
            self.left.remove(trainer.global_step + 1)


class Watch(Callback):
    """Remembers the iterations, both rates in them, and the real samples' sum."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.rates: list[tuple[float, ...]] = []
        self.samples: list[float] = []

    def on_train_batch_start(self, trainer: Trainer, module: Any, batch: Batch, batch_idx: int) -> None:
        self.steps.append(trainer.global_step + 1)
        self.rates.append(tuple(optimizer.param_groups[0]["lr"] for optimizer in trainer.optimizers))
        self.samples.append(float(batch.real.sum()))


def stop(folder: Path, every: int = 2) -> Guard:
    return Guard(str(folder), every, "stop", rollbacks=3, factor=0.5)


def back(folder: Path, rollbacks: int = 3, every: int = 2) -> Guard:
    return Guard(str(folder), every, "rollback", rollbacks, factor=0.5)


def save(folder: Path, every: int = 4) -> IntervalCheckpoint:
    return IntervalCheckpoint(str(folder), every, None, None, None, "min")


@pytest.fixture
def run(fit: Fit, small_game: Game, points: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trainer]:
    """Trains as `gan_lightning.train.fit` does, which goes back where the guard asks for it."""

    def go(
        callbacks: list[Callback],
        steps: int = 12,
        ckpt_path: Path | None = None,
        loggers: Sequence[Logger] = (),
        **settings: Any,
    ) -> Trainer:
        found: list[Trainer] = []
        again = Trainer.fit

        def kept(trainer: Trainer, *given: Any, **named: Any) -> None:
            found.append(trainer)

        monkeypatch.setattr(Trainer, "fit", kept)
        game, data = small_game(**settings), points(num_samples=20)
        fit(game, steps=steps, data=data, callbacks=callbacks, loggers=list(loggers), log_every=1)
        monkeypatch.setattr(Trainer, "fit", again)
        train(Parts(found[0], game, data, ckpt_path, 0, False, Listener(), {}))
        return found[0]

    return go


def test_a_sound_run_is_the_same_with_the_guard_and_without_it(
    fit: Fit, small_game: Game, state: Any, identical: Any, tmp_path: Path
):
    games = [small_game(max_grad_norm=norm) for norm in (None, None, 0.1, 0.1)]
    for game, callbacks in zip(games, ([stop(tmp_path)], []) * 2, strict=True):
        fit(game, callbacks=callbacks)
    assert identical(state(games[0]), state(games[1])) and identical(state(games[2]), state(games[3]))


@pytest.mark.parametrize(("every", "found"), [(1, 3), (2, 4), (5, 5), (100, 6)])
def test_it_looks_at_every_so_many_iterations_and_at_the_end(
    every: int, found: int, fit: Fit, small_game: Game, tmp_path: Path
):
    watch = Watch()
    with pytest.raises(Diverged) as caught:
        fit(small_game(), steps=6, callbacks=[stop(tmp_path, every), Spoil(3), watch])
    assert watch.steps[-1] == found
    assert str(caught.value) == (
        "iteration 3: loss/discriminator is not finite (inf); there is no checkpoint yet, "
        "lower optimizer.discriminator.lr or set guard.action=rollback"
    )


def test_the_rate_to_lower_is_that_of_the_player_whose_own_is_far_higher(fit: Fit, small_game: Game, tmp_path: Path):
    optimizers = {
        "generator": partial(torch.optim.SGD, lr=0.1),
        "discriminator": partial(torch.optim.SGD, lr=0.01),
    }
    with pytest.raises(Diverged, match="lower optimizer.generator.lr or"):
        fit(small_game(optimizers=optimizers), callbacks=[stop(tmp_path), Spoil(3)])


class Grow(Callback):
    """Puts one weight of the generator beyond all bounds behind the third iteration."""

    def __init__(self, name: str) -> None:
        self.name = name

    def on_train_batch_end(self, trainer: Trainer, module: Any, *rest: Any) -> None:
        if trainer.global_step == 3:
            weight = module.generator.get_parameter(self.name).data
            weight[(0,) * weight.dim()] = 2e4


def test_weights_beyond_all_bounds_stop_a_run_whose_numbers_are_finite(fit: Fit, small_game: Game, tmp_path: Path):
    game = small_game()
    bias = [name for name, _ in game.generator.named_parameters()][-1]
    told = rf"^iteration 4: the weights have grown without bound, generator\.{bias} to 2e\+04"
    with pytest.raises(Diverged, match=told):
        fit(game, callbacks=[stop(tmp_path), Grow(bias)])


def test_weights_that_training_moved_in_memory_are_looked_at_where_they_are(
    fit: Fit, image_game: Any, images: Any, tmp_path: Path
):
    game = image_game((1, 8, 8), convolutional=True)
    weight = next(name for name, value in game.generator.named_parameters() if value.dim() == 4)
    with pytest.raises(Diverged, match=rf"the weights have grown without bound, generator\.{weight} to 2e\+04"):
        fit(game, data=images((1, 8, 8)), callbacks=[stop(tmp_path), Grow(weight)])


def test_large_weights_of_which_none_is_beyond_the_bound_are_fine(fit: Fit, small_game: Game, tmp_path: Path):
    class Grow(Callback):
        def on_train_start(self, trainer: Trainer, module: Any) -> None:
            module.discriminator.layers[0].weight.data.fill_(9e3)

    assert fit(small_game(), callbacks=[stop(tmp_path), Grow()]).global_step == 6


def test_a_long_interval_does_not_fill_the_memory(fit: Fit, small_game: Game, monkeypatch: Any, tmp_path: Path):
    monkeypatch.setattr("gan_lightning.ledger._MOST", 8)
    guard, most = stop(tmp_path, every=1000), [0]

    class Measure(Callback):
        def on_train_batch_end(self, *rest: Any) -> None:
            most[0] = max(most[0], len(guard._ledger._entries))

    fit(small_game(), steps=20, callbacks=[guard, Measure()])
    assert 0 < most[0] <= 8


# ---- going back ------------------------------------------------------------------------------------------------------


def test_it_goes_back_to_the_last_checkpoint_with_lower_rates_the_same_samples_and_other_noise(
    run: Any, capsys: Any, tmp_path: Path
):
    watch = Watch()
    noise: dict[int, list[Tensor]] = {}

    class Noise(Callback):
        def on_train_batch_end(self, trainer: Trainer, module: Any, *rest: Any) -> None:
            noise.setdefault(trainer.global_step, []).append(torch.get_rng_state())

    trainer = run([back(tmp_path), Spoil(7), watch, Noise(), save(tmp_path)])
    assert trainer.global_step == 12
    assert watch.steps == [*range(1, 9), *range(5, 13)]
    assert set(watch.rates[:8]) == {(RATE, RATE)} and set(watch.rates[8:]) == {(RATE / 2, RATE / 2)}
    assert watch.samples[4:8] == watch.samples[8:12]
    assert not torch.equal(*noise[5])
    assert capsys.readouterr().err == (
        "gan_lightning: iteration 7: loss/discriminator is not finite (inf); going back to "
        f"{tmp_path}/checkpoints/00000004.ckpt with both rates times 0.5 (rollback 1 of 3)\n"
    )


def test_the_curves_of_a_run_that_went_back_are_of_the_iterations_that_count(run: Any, tmp_path: Path):
    class Measure(Callback):
        def __init__(self) -> None:
            self.calls = 0

        def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
            self.calls += 1
            record = {"step": trainer.global_step, "name": "call", "value": self.calls}
            with (tmp_path / "metrics.jsonl").open("a") as file:
                file.write(json.dumps(record) + "\n")

    loggers = [RunCSVLogger(str(tmp_path)), RunTensorBoardLogger(str(tmp_path), None)]
    run([back(tmp_path), Spoil(7), save(tmp_path), Measure()], loggers=loggers)
    with (tmp_path / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows if row["loss/discriminator"]] == [str(step) for step in range(1, 13)]
    assert [(row["step"], row["rollbacks"]) for row in rows if row["rollbacks"]] == [("4", "1.0")]
    lines = map(json.loads, (tmp_path / "metrics.jsonl").read_text().splitlines())
    calls = [(record["step"], record["value"]) for record in lines]
    assert calls == [(step, step if step < 5 else step + 3) for step in range(1, 13)]
    for logger in loggers:
        logger.finalize("success")
    events = EventAccumulator(str(tmp_path), size_guidance={"scalars": 0}).Reload()
    assert [event.step for event in events.Scalars("loss/discriminator")] == list(range(1, 13))
    assert [(event.step, event.value) for event in events.Scalars("rollbacks")] == [(4, 1.0)]


def test_before_the_first_checkpoint_it_goes_back_to_the_start(run: Any, tmp_path: Path):
    watch = Watch()
    assert run([back(tmp_path), Spoil(2), watch, save(tmp_path)]).global_step == 12
    assert watch.steps == [1, 2, *range(1, 13)]
    names = sorted(path.name for path in (tmp_path / "checkpoints").glob("0*.ckpt"))
    assert names == [f"{step:08d}.ckpt" for step in (0, 4, 8, 12)]


def test_it_goes_back_so_often_and_no_more(run: Any, tmp_path: Path):
    watch = Watch()
    with pytest.raises(Diverged, match=r"^iteration 7: .*00000004.ckpt, lower .*, 2 rollbacks did not help$"):
        run([back(tmp_path, rollbacks=2), Spoil(7, 7, 7, 7), watch, save(tmp_path)])
    assert watch.steps == [*range(1, 9), *range(5, 9), *range(5, 9)]
    assert watch.rates[-1] == pytest.approx((RATE / 4, RATE / 4))


def test_bad_samples_would_come_again_and_end_the_run(run: Any, tmp_path: Path):
    class Damage(Callback):
        def on_train_batch_start(self, trainer: Trainer, module: Any, batch: Batch, batch_idx: int) -> None:
            batch.real[0] = math.nan if trainer.global_step == 5 else batch.real[0]

    callbacks = [Damage(), back(tmp_path), save(tmp_path)]
    with pytest.raises(Diverged, match=r"^iteration 6: real samples are not finite \(nan\); .*4.ckpt, mend the data$"):
        run(callbacks)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return all(same(one, other) for one, other in zip(left, right, strict=True))
    return torch.equal(left, right) if isinstance(left, Tensor) else left == right


PARTS = ("state_dict", "optimizer_states", "lr_schedulers", "loops", "callbacks", "global_step")


def test_after_a_rollback_a_run_is_the_one_that_a_new_process_resumes_with_that_factor(run: Any, tmp_path: Path):
    """To the bit: nothing of what was trained in between is left in the trainer."""
    first, second = tmp_path / "first", tmp_path / "second"
    run([back(first), Spoil(7), save(first)])
    guard = back(second)
    guard.used, guard.slowdown = 1, 0.5
    run([guard, save(second)], ckpt_path=first / "checkpoints" / "00000004.ckpt")
    ends = [torch.load(folder / "checkpoints" / "00000012.ckpt", weights_only=True) for folder in (first, second)]
    assert all(same(ends[0][part], ends[1][part]) for part in PARTS)


def test_a_resumed_run_remembers_how_often_it_went_back_and_its_rates(run: Any, tmp_path: Path):
    whole, rest = tmp_path / "whole", tmp_path / "rest"
    run([back(whole), Spoil(3), save(whole)])
    watch = Watch()
    run([back(rest), watch, save(rest)], ckpt_path=whole / "checkpoints" / "00000008.ckpt")
    assert set(watch.rates) == {(RATE / 2, RATE / 2)}
    ends = [torch.load(folder / "checkpoints" / "00000012.ckpt", weights_only=True) for folder in (whole, rest)]
    assert ends[0]["callbacks"]["Guard"] == {"rollbacks": 1, "slowdown": 0.5}
    assert all(same(ends[0][part], ends[1][part]) for part in PARTS)


def test_going_back_is_asked_of_whoever_fits(fit: Fit, small_game: Game, tmp_path: Path):
    with pytest.raises(GoBack) as caught:
        fit(small_game(), callbacks=[back(tmp_path), Spoil(3), save(tmp_path)])
    assert caught.value.checkpoint == tmp_path / "checkpoints" / "00000000.ckpt"


class Elsewhen(Callback):
    """Saves as a clock or a signal has it saved, between two intervals."""

    def __init__(self, at: int, checkpoint: IntervalCheckpoint) -> None:
        self.at, self.checkpoint = at, checkpoint

    def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
        if trainer.global_step == self.at:
            self.at = 0  # once
            self.checkpoint.save_now(trainer)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.ckpt"))


@pytest.mark.parametrize("keep", [None, 1])
def test_it_goes_back_to_an_interval_whatever_was_saved_since_which_is_set_aside(
    keep: int | None, run: Any, tmp_path: Path
):
    ends = []
    for name, at in (("plain", None), ("saved", 6)):
        folder, watch = tmp_path / name, Watch()
        saving = IntervalCheckpoint(str(folder), 4, None, keep, None, "min")
        others = [] if at is None else [Elsewhen(at, saving)]
        run([back(folder, every=3), Spoil(7), watch, saving, *others])
        assert watch.steps == [*range(1, 9), *range(5, 13)]
        ends.append(torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True))
    assert all(same(ends[0][part], ends[1][part]) for part in PARTS)
    assert names(tmp_path / "plain" / "checkpoints") == names(tmp_path / "saved" / "checkpoints")
    assert names(tmp_path / "saved" / "checkpoints" / "aside") == ["00000006.ckpt"]


def test_a_run_that_began_at_anothers_checkpoint_goes_back_to_there(run: Any, tmp_path: Path):
    first, second, watch = tmp_path / "first", tmp_path / "second", Watch()
    run([save(first, every=3)], steps=3)
    saving = save(second, every=100)
    callbacks = [back(second), Spoil(6), watch, saving, Elsewhen(5, saving)]
    run(callbacks, steps=7, ckpt_path=first / "checkpoints" / "00000003.ckpt")
    assert watch.steps == [4, 5, 6, 4, 5, 6, 7]
    assert names(second / "checkpoints") == ["00000003.ckpt", "00000007.ckpt", "last.ckpt"]


def test_a_result_that_could_not_be_saved_is_saved_behind_the_rollback(run: Any, tmp_path: Path):
    """An optimizer's state is looked at when it is saved; here in the last iteration alone, and nowhere before."""

    class Poison(Callback):
        done = False

        def on_train_batch_start(self, trainer: Trainer, *rest: Any) -> None:
            if trainer.global_step == 10 and not self.done:
                self.done = True
                next(iter(trainer.optimizers[1].state.values()))["exp_avg_sq"].fill_(math.inf)

    run([back(tmp_path, every=1000), Poison(), save(tmp_path, every=1000)])
    assert names(tmp_path / "checkpoints") == ["00000000.ckpt", "00000012.ckpt", "last.ckpt"]
    end = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)
    assert end["global_step"] == 12 and end["callbacks"]["Guard"]["rollbacks"] == 1


@pytest.mark.parametrize("bad", [False, True])
def test_a_run_in_double_precision_is_looked_at_too(bad: bool, fit: Fit, small_game: Game, tmp_path: Path):
    class Damage(Callback):
        def on_train_batch_start(self, trainer: Trainer, module: Any, batch: Batch, batch_idx: int) -> None:
            if bad and trainer.global_step == 2:
                module.parameters_of["generator"][-1].register_hook(lambda gradient: gradient * math.nan)

    with pytest.raises(Diverged, match="iteration 3: gradient/generator is not finite") if bad else nullcontext():
        fit(small_game(), callbacks=[stop(tmp_path), Damage()], precision="64-true")


def test_what_is_about_to_be_saved_is_looked_at_as_at_any_look(fit: Fit, small_game: Game, tmp_path: Path):
    """Long before the next look, and told by the term, not by what it has made of the state."""
    with pytest.raises(Diverged, match=r"^iteration 3: loss/discriminator is not finite \(inf\)"):
        fit(small_game(), steps=6, callbacks=[stop(tmp_path, every=1000), Spoil(3), save(tmp_path)])
    assert not list(tmp_path.rglob("*.ckpt"))
