"""Which checkpoints there are, what is in them, and that a resumed run is the run."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.callbacks.evaluation import EVALUATED_AT, Evaluation
from gan_lightning.errors import GoBack, UsageError
from gan_lightning.losses import NonSaturating, Wasserstein
from gan_lightning.metrics.base import Draw, PointMetric
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.gan import GAN
from gan_lightning.models.wgan import WGAN
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.penalties import R1, Gradient
from gan_lightning.runs.aside import set_aside
from gan_lightning.runs.storage import point, remove
from gan_lightning.schedules import Constant, Cosine

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]

ADAM, RMSPROP = partial(torch.optim.Adam, lr=1e-2, betas=(0.0, 0.99)), partial(torch.optim.RMSprop, lr=1e-2)
R1_ADAM = {"model": GAN, "loss": NonSaturating(), "penalties": {"r1": R1(1.0, every=1)}, "optimizer": ADAM}
WGAN_RMSPROP = {"model": WGAN, "loss": Wasserstein(), "clip": 0.1, "optimizer": RMSPROP, "n_critic": 2}
WGAN_GP = {
    **{
        "model": WGANGP,
        "loss": Wasserstein(),
        "penalties": {"gradient": Gradient(10.0, 1.0, one_sided=False, every=1)},
    },
    **{"optimizer": ADAM, "n_critic": 5},
}
GAMES = [
    pytest.param(R1_ADAM | {"generator_norm": "batch"}, id="R1, Adam"),
    pytest.param(WGAN_RMSPROP, id="WGAN, RMSprop"),
    pytest.param(WGAN_GP, id="WGAN-GP, n_critic 5"),
]
COSINE = {"schedule": Cosine(start=0.0, final=0.1)}
EPOCH = 5  # iterations


def files(folder: Path) -> list[str]:
    names = {path.name for path in (folder / "checkpoints").iterdir()}
    sums = {name for name in names if name.endswith(".sha256")}
    assert sums == {f"{name}.sha256" for name in names - sums if name[0].isdigit()}  # each has its own, and no other is
    return sorted(names - sums)


def train(
    small_game: Game, fit: Fit, points: Any, settings: dict[str, Any], folder: Path, every: int = 1, **run: Any
) -> Trainer:
    """A run with five iterations an epoch and a checkpoint at every one."""
    game = small_game(**settings)
    data = points(num_samples=EPOCH * 4 * game.n_critic + 1, batch_size=4, minibatches=game.n_critic)
    return fit(game, data=data, callbacks=[IntervalCheckpoint(str(folder), every, None, None, None, "min")], **run)


def loaded(folder: Path, step: int) -> dict[str, Any]:
    return torch.load(folder / "checkpoints" / f"{step:08d}.ckpt", weights_only=True)


def same(left: Any, right: Any) -> bool:
    """Whether two nested structures are equal, tensors to the bit."""
    if isinstance(left, torch.Tensor):
        return isinstance(right, torch.Tensor) and torch.equal(left, right)
    if isinstance(left, dict):
        return isinstance(right, dict) and left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "keep", "steps"),
    [
        (3, None, [3, 6, 7]),
        (3, 2, [6, 7]),
        (3, 1, [7]),
        (7, None, [7]),
        (100, None, [7]),
        (1, None, [1, 2, 3, 4, 5, 6, 7]),
        (1, 3, [5, 6, 7]),
        (1, 100, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_there_is_a_file_at_each_interval_and_at_the_end_and_the_newest_stay(
    every: int, keep: int | None, steps: list[int], small_game: Game, fit: Fit, tmp_path: Path
):
    fit(small_game(), steps=7, callbacks=[IntervalCheckpoint(str(tmp_path), every, None, keep, None, "min")])
    assert files(tmp_path) == [f"{step:08d}.ckpt" for step in steps] + ["last.ckpt"]
    assert (tmp_path / "checkpoints" / "last.ckpt").resolve().name == "00000007.ckpt"


def test_last_points_to_the_newest_at_any_time(small_game: Game, fit: Fit, tmp_path: Path, each_iteration: Any):
    targets: list[int] = []

    def look(game: AdversarialModule) -> None:
        last = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)
        targets.append(last["global_step"])

    fit(
        small_game(),
        steps=4,
        callbacks=[IntervalCheckpoint(str(tmp_path), 1, None, 2, None, "min"), each_iteration(look)],
    )
    assert targets == [1, 2, 3, 4]


def test_the_pointer_moves_with_the_folder(small_game: Game, fit: Fit, tmp_path: Path):
    fit(small_game(), steps=1, callbacks=[IntervalCheckpoint(str(tmp_path / "here"), 1, None, None, None, "min")])
    (tmp_path / "here").rename(tmp_path / "there")
    assert torch.load(tmp_path / "there" / "checkpoints" / "last.ckpt", weights_only=True)["global_step"] == 1


def test_a_finished_run_is_not_saved_twice(small_game: Game, fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    saved: list[int] = []
    monkeypatch.setattr(Trainer, "save_checkpoint", lambda trainer, path, **_: saved.append(trainer.global_step))
    monkeypatch.setattr("gan_lightning.callbacks.checkpoint.point", lambda *_: None)
    fit(small_game(), steps=6, callbacks=[IntervalCheckpoint(str(tmp_path), 3, None, None, None, "min")])
    assert saved == [3, 6]


def test_a_save_that_was_refused_is_none(small_game: Game, fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As the guard does; what saves again at that iteration then does save."""
    saving, write, refused = (
        IntervalCheckpoint(str(tmp_path), 100, None, None, None, "min"),
        Trainer.save_checkpoint,
        [],
    )

    def refuse_once(trainer: Trainer, *given: Any, **named: Any) -> None:
        if not refused:
            refused.append(trainer.global_step)
            raise GoBack(tmp_path)
        write(trainer, *given, **named)

    class Twice(Callback):
        def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
            if trainer.global_step == 2:
                with pytest.raises(GoBack):
                    saving.save_now(trainer)
                saving.save_now(trainer)

    monkeypatch.setattr(Trainer, "save_checkpoint", refuse_once)
    fit(small_game(), steps=3, callbacks=[Twice(), saving])
    assert refused == [2] and files(tmp_path) == ["00000002.ckpt", "00000003.ckpt", "last.ckpt"]


def keeping(folder: Path, every: int, keep: int) -> IntervalCheckpoint:
    return IntervalCheckpoint(str(folder), every, None, keep, None, "min")


@pytest.mark.parametrize(("keep", "left"), [(1, [5, 6, 7]), (2, [2, 5, 6, 7])])
def test_what_is_damaged_or_later_does_not_count_among_the_newest_and_the_one_just_written_stays(
    keep: int, left: list[int], small_game: Game, fit: Fit, tmp_path: Path
):
    fit(small_game(), steps=7, callbacks=[keeping(tmp_path, 1, 100)])
    folder = tmp_path / "checkpoints"
    for step in (1, 3, 5):
        remove(folder / f"{step:08d}.ckpt")
    (folder / "00000004.ckpt").write_bytes(b"damaged")
    fit(small_game(), steps=5, callbacks=[keeping(tmp_path, 100, keep)], ckpt_path=folder / "00000002.ckpt")
    assert files(tmp_path) == [f"{step:08d}.ckpt" for step in left] + ["last.ckpt"]
    assert (folder / "last.ckpt").resolve().name == "00000005.ckpt"


def test_where_a_guard_goes_back_its_checkpoint_stays_beside_the_newest(small_game: Game, fit: Fit, tmp_path: Path):
    save = keeping(tmp_path, 3, 1)
    save.goes_back = True
    fit(small_game(), steps=5, callbacks=[save])
    assert files(tmp_path) == ["00000003.ckpt", "00000005.ckpt", "last.ckpt"]
    fit(small_game(), steps=6, callbacks=[save], ckpt_path=tmp_path / "checkpoints" / "last.ckpt")
    assert files(tmp_path) == ["00000006.ckpt", "last.ckpt"]


@pytest.mark.parametrize("settings", GAMES)
def test_a_checkpoint_holds_both_players_their_optimizers_the_average_and_the_data_and_loads_with_weights_only(
    settings: dict[str, Any], small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    trainer = train(small_game, fit, points, settings | COSINE, tmp_path, steps=3)
    checkpoint = loaded(tmp_path, 3)
    assert checkpoint["global_step"] == 3
    assert same(checkpoint["state_dict"], dict(trainer.lightning_module.state_dict()))
    assert {name.split(".")[0] for name in checkpoint["state_dict"]} == {"generator", "discriminator", "average"}
    steps = [state["state"][0]["step"].item() for state in checkpoint["optimizer_states"]]
    assert steps == [3 * settings.get("n_critic", 1), 3]
    assert [schedule["last_epoch"] for schedule in checkpoint["lr_schedulers"]] == [3, 3]
    assert "hyper_parameters" not in checkpoint


class Minutes:
    """A clock that is a minute further at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 60
        return self.now


@pytest.mark.parametrize(("minutes", "steps"), [(1, [1, 2, 3, 4, 5, 6, 7]), (2, [2, 4, 7]), (None, [5, 7])])
def test_saves_by_the_clock_come_beside_the_others_and_leave_the_run_as_it_is(
    minutes: float | None, steps: list[int], small_game: Game, fit: Fit, tmp_path: Path, monkeypatch: Any, state: Any
):
    game = small_game()
    fit(game, steps=7)
    clocked = small_game()
    monkeypatch.setattr("gan_lightning.callbacks.checkpoint.time", Minutes())
    fit(clocked, steps=7, callbacks=[IntervalCheckpoint(str(tmp_path), 5, minutes, None, None, "min")])
    assert files(tmp_path) == [f"{step:08d}.ckpt" for step in sorted({*steps, 5})] + ["last.ckpt"]
    assert same(state(game), state(clocked))


def test_the_first_process_has_the_clock_and_all_follow_it(
    small_game: Game, fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    votes: list[int] = []

    def agree(vote: int) -> int:
        votes.append(vote)
        return int(len(votes) == 3)  # the first process finds that it is time

    monkeypatch.setattr("gan_lightning.callbacks.checkpoint.time", Minutes())
    monkeypatch.setattr("gan_lightning.callbacks.checkpoint.agree", agree)
    monkeypatch.setattr(Trainer, "is_global_zero", False)
    saved: list[int] = []
    monkeypatch.setattr(Trainer, "save_checkpoint", lambda trainer, path, **_: saved.append(trainer.global_step))
    fit(small_game(), steps=4, callbacks=[IntervalCheckpoint(str(tmp_path), 100, 1, None, None, "min")])
    assert votes == [0, 0, 0, 0] and saved == [3, 4]


# ---- resuming --------------------------------------------------------------------------------------------------------


def assert_equal_run(resumed: Path, uninterrupted: Path, step: int) -> None:
    """The checkpoints are equal to the bit in all that the next iteration depends on."""
    left, right = loaded(resumed, step), loaded(uninterrupted, step)
    for part in ("global_step", "state_dict", "optimizer_states", "lr_schedulers"):
        assert same(left[part], right[part]), part
    data = [checkpoint["loops"]["fit_loop"]["state_dict"]["combined_loader"] for checkpoint in (left, right)]
    assert data[0] == data[1] and data[0]


@pytest.mark.parametrize("settings", GAMES)
def test_a_resumed_run_equals_an_uninterrupted_one_to_the_bit(
    settings: dict[str, Any], small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    """In the middle of an epoch, at its end, and over more than one."""
    steps, whole = 2 * EPOCH + 2, tmp_path / "whole"
    train(small_game, fit, points, settings | COSINE, whole, steps=steps)
    torch.manual_seed(99)
    for interrupted_at in (1, 3, EPOCH - 1, EPOCH, EPOCH + 1, 2 * EPOCH):
        rest = tmp_path / f"from {interrupted_at}"
        ckpt_path = whole / "checkpoints" / f"{interrupted_at:08d}.ckpt"
        trainer = train(small_game, fit, points, settings | COSINE, rest, steps=steps, ckpt_path=ckpt_path)
        assert trainer.global_step == steps
        assert files(rest) == [f"{step:08d}.ckpt" for step in range(interrupted_at + 1, steps + 1)] + ["last.ckpt"]
        for step in (interrupted_at + 1, steps):
            assert_equal_run(rest, whole, step)


@pytest.mark.parametrize("settings", GAMES)
@pytest.mark.parametrize("every", [1, 100], ids=["saved at the iteration", "saved at the end of training"])
def test_a_finished_run_goes_on_with_more_steps_as_if_it_had_never_ended(
    settings: dict[str, Any], every: int, small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    steps, whole = 2 * EPOCH + 1, tmp_path / "whole"
    constant = settings | {"schedule": Constant()}
    train(small_game, fit, points, constant, whole, steps=steps)
    for first in (4, EPOCH, EPOCH + 2):
        short, rest = tmp_path / f"to {first}", tmp_path / f"from {first}"
        train(small_game, fit, points, constant, short, every, steps=first)
        train(small_game, fit, points, constant, rest, steps=steps, ckpt_path=short / "checkpoints" / "last.ckpt")
        for step in (first + 1, steps):
            assert_equal_run(rest, whole, step)


@pytest.mark.parametrize("settings", GAMES)
def test_a_resumed_run_of_a_number_of_epochs_ends_where_the_uninterrupted_one_does(
    settings: dict[str, Any], small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    whole, run = tmp_path / "whole", {"steps": -1, "max_epochs": 3}
    train(small_game, fit, points, settings | COSINE, whole, **run)
    for interrupted_at in (3, EPOCH, EPOCH + 4, 2 * EPOCH):
        rest = tmp_path / f"from {interrupted_at}"
        ckpt_path = whole / "checkpoints" / f"{interrupted_at:08d}.ckpt"
        trainer = train(small_game, fit, points, settings | COSINE, rest, ckpt_path=ckpt_path, **run)
        assert trainer.global_step == 3 * EPOCH
        assert_equal_run(rest, whole, 3 * EPOCH)


def test_a_run_that_was_stopped_at_the_ends_of_epochs_is_in_all_its_counters_the_uninterrupted_one(
    small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    """And between them; Lightning alone would forget an epoch at the second stop, and train one too many."""
    run = {"steps": -1, "max_epochs": 3}
    train(small_game, fit, points, R1_ADAM, tmp_path / "0", **run)
    source = tmp_path / "0"
    for at in (EPOCH, EPOCH + 2, 2 * EPOCH):
        start, rest = source / "checkpoints" / f"{at:08d}.ckpt", tmp_path / str(at)
        trainer = train(small_game, fit, points, R1_ADAM, rest, ckpt_path=start, **run)
        assert trainer.global_step == 3 * EPOCH
        for step in range(at + 1, 3 * EPOCH + 1):
            whole, resumed = loaded(tmp_path / "0", step), loaded(rest, step)
            assert whole["epoch"] == resumed["epoch"] and same(whole["loops"], resumed["loops"]), (at, step)
        assert_equal_run(rest, tmp_path / "0", 3 * EPOCH)
        source = rest


def test_a_checkpoint_is_the_same_wherever_its_iteration_was_saved(
    small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    """In the middle of a run, or when something has stopped it."""

    class End(Callback):
        def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
            trainer.should_stop = trainer.global_step == EPOCH + 2

    train(small_game, fit, points, R1_ADAM, tmp_path / "whole", steps=2 * EPOCH)
    data = points(num_samples=EPOCH * 4 + 1, batch_size=4)
    save = IntervalCheckpoint(str(tmp_path / "cut"), 100, None, None, None, "min")
    fit(small_game(**R1_ADAM), data=data, steps=2 * EPOCH, callbacks=[End(), save])
    whole, cut = (loaded(tmp_path / name, EPOCH + 2) for name in ("whole", "cut"))
    assert whole["epoch"] == cut["epoch"] == 1 and same(whole["loops"], cut["loops"])


def test_a_run_that_resumes_with_other_weights_would_be_noticed(
    small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    """The comparison above can fail: another seed gives another checkpoint."""
    train(small_game, fit, points, R1_ADAM, tmp_path / "a", steps=2)
    train(small_game, fit, points, R1_ADAM | {"seed": 1}, tmp_path / "b", steps=2)
    with pytest.raises(AssertionError, match="state_dict"):
        assert_equal_run(tmp_path / "a", tmp_path / "b", 2)


def test_a_finished_run_that_is_lengthened_takes_the_rate_of_its_new_length(
    small_game: Game, fit: Fit, points: Any, tmp_path: Path
):
    """Half of ten iterations along a cosine from 1 to 0.1 are done: 0.55 of the rate, not the 0.1 of the first end."""
    train(small_game, fit, points, R1_ADAM | COSINE, tmp_path, steps=5)
    rates: list[float] = []

    class Watch(Callback):
        def on_train_batch_start(self, trainer: Trainer, *rest: Any) -> None:
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    game = small_game(**R1_ADAM, **COSINE)
    data = points(num_samples=EPOCH * 4 + 1, batch_size=4)
    fit(game, data=data, callbacks=[Watch()], steps=10, ckpt_path=tmp_path / "checkpoints" / "last.ckpt")
    assert rates[0] == pytest.approx(1e-2 * 0.55, rel=1e-6)


class Falling(Callback):
    """A figure whose values at the iterations from 1 on are given."""

    def __init__(self, *values: float) -> None:
        self.values = values

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        trainer.callback_metrics["ema/fd"] = torch.tensor(9.0)

    def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
        trainer.callback_metrics["ema/fd"] = torch.tensor(self.values[trainer.global_step - 1])
        trainer.callback_metrics[EVALUATED_AT] = torch.tensor(trainer.global_step)


@pytest.mark.parametrize(("mode", "values", "best"), [("min", (3, 1, 2, 1), 2), ("max", (3, 1, 4, math.nan), 3)])
def test_the_best_checkpoint_is_the_one_with_the_best_figure(
    mode: str, values: tuple[float, ...], best: int, small_game: Any, fit: Any, tmp_path: Path
):
    callbacks = [Falling(*values), IntervalCheckpoint(str(tmp_path), 1, None, 1, "ema/fd", mode)]
    fit(small_game(), steps=4, callbacks=callbacks)
    folder = tmp_path / "checkpoints"
    assert (folder / "best.ckpt").resolve().name == f"{best:08d}.ckpt"
    assert (folder / "last.ckpt").resolve().name == "00000004.ckpt"
    assert len(list(folder.glob("0*.ckpt"))) == 2  # keep=1, and the best one beside


def test_a_resumed_run_remembers_the_best_figure(small_game: Any, fit: Any, tmp_path: Path):
    first = [Falling(3, 1, 2), IntervalCheckpoint(str(tmp_path), 1, None, None, "ema/fd", "min")]
    fit(small_game(), steps=3, callbacks=first)
    again = [Falling(0, 0, 0, 2, 2), IntervalCheckpoint(str(tmp_path), 1, None, None, "ema/fd", "min")]
    fit(small_game(), steps=5, callbacks=again, ckpt_path=tmp_path / "checkpoints" / "last.ckpt")
    assert (tmp_path / "checkpoints" / "best.ckpt").resolve().name == "00000002.ckpt"


def test_a_best_figure_that_is_not_measured_is_refused_at_the_start(small_game: Any, fit: Any, tmp_path: Path):
    callbacks = [Falling(1, 1), IntervalCheckpoint(str(tmp_path), 1, None, None, "ema/fid", "min")]
    with pytest.raises(UsageError, match="best=ema/fid is not measured at intervals; there is ema/fd$"):
        fit(small_game(), steps=2, callbacks=callbacks)


def test_the_last_evaluation_counts_though_it_comes_behind_the_last_save(small_game: Any, fit: Any, tmp_path: Path):
    class Fewer(PointMetric):
        """Lower at every call."""

        calls = 0

        def measure(self, draw: Draw) -> dict[str, float]:
            self.calls += 1
            return {"fewer": -float(self.calls)}

    evaluation = Evaluation(str(tmp_path), {"fewer": Fewer(5)}, every=2, interval_n=None, repeats=1)
    save = IntervalCheckpoint(str(tmp_path), 2, None, None, "ema/fewer5", "min")
    fit(small_game(), steps=4, callbacks=[evaluation, save])
    assert (tmp_path / "checkpoints" / "best.ckpt").resolve().name == "00000004.ckpt"
    (known,) = [found for name, found in loaded(tmp_path, 4)["callbacks"].items() if name == "IntervalCheckpoint"]
    assert known["iteration"] == 4


def test_a_run_that_goes_behind_its_best_checkpoint_has_the_one_before_again(small_game: Any, fit: Any, tmp_path: Path):
    saving = [Falling(3, 2, 2, 1), IntervalCheckpoint(str(tmp_path), 1, None, None, "ema/fd", "min")]
    fit(small_game(), steps=4, callbacks=saving)
    set_aside(tmp_path / "checkpoints" / "00000003.ckpt", 3)
    best = tmp_path / "checkpoints" / "best.ckpt"
    assert not best.is_symlink()
    again = [Falling(3, 2, 2, 2), IntervalCheckpoint(str(tmp_path), 1, None, None, "ema/fd", "min")]
    fit(small_game(), steps=4, callbacks=again, ckpt_path=tmp_path / "checkpoints" / "00000003.ckpt")
    assert best.resolve().name == "00000002.ckpt"


def test_a_run_that_was_killed_before_it_pointed_to_its_best_checkpoint_does_so_when_it_goes_on(
    small_game: Any, fit: Any, tmp_path: Path
):
    saving = [Falling(3, 2), IntervalCheckpoint(str(tmp_path), 1, None, None, "ema/fd", "min")]
    fit(small_game(), steps=2, callbacks=saving)
    best = tmp_path / "checkpoints" / "best.ckpt"
    point(best, tmp_path / "checkpoints" / "00000001.ckpt")
    again = [Falling(0, 0, 4), IntervalCheckpoint(str(tmp_path), 1, None, None, "ema/fd", "min")]
    fit(small_game(), steps=3, callbacks=again, ckpt_path=tmp_path / "checkpoints" / "00000002.ckpt")
    assert best.resolve().name == "00000002.ckpt"
