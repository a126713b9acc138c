"""A signal ends a run behind its iteration, saved, and the resumed run is the one that was never stopped."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.callbacks.stop import Listen, Stop
from gan_lightning.ending import only_end
from gan_lightning.interruption import Interrupted, Listener

Fit = Callable[..., Trainer]


class Send(Callback):
    """Sends signals to this process in the middle of an iteration."""

    def __init__(self, at: int, *numbers: int) -> None:
        self.at, self.numbers = at, numbers

    def on_train_batch_start(self, trainer: Trainer, *rest: Any) -> None:
        if trainer.global_step == self.at:
            for number in self.numbers:
                os.kill(os.getpid(), number)


class SendBehind(Callback):
    """Sends a signal when training has ended; comes before whatever saves at the end."""

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def play(fit: Fit, game: Any, folder: Path, *others: Callback, seconds: float | None = None, **run: Any) -> Trainer:
    """Six iterations, with a checkpoint at the end."""
    listener = Listener()
    save = IntervalCheckpoint(str(folder), 100, None, None, None, "min")
    with listener:
        return fit(game, callbacks=[Listen(listener), *others, save, Stop(listener, [save], seconds)], **run)


class Wait(Callback):
    """Lets time pass in one iteration."""

    def on_train_batch_start(self, trainer: Trainer, *rest: Any) -> None:
        if trainer.global_step == 2:
            time.sleep(0.3)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "00000006.ckpt", weights_only=True)["state_dict"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_saves_and_stops_and_the_resumed_run_is_the_uninterrupted_one(
    number: int, code: int, small_game: Any, fit: Fit, tmp_path: Path, identical: Any, memory_logger: Any
) -> None:
    play(fit, small_game(), tmp_path / "whole")
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path / "cut", Send(2, number), loggers=[memory_logger])
    assert (stopped.value.code, stopped.value.iteration) == (code, 3)
    assert stopped.value.reason == f"{signal.Signals(number).name} at iteration 3"
    assert [step for step, _ in memory_logger.records] == [1, 2, 3]  # the last iteration is logged too
    last = tmp_path / "cut" / "checkpoints" / "last.ckpt"
    assert last.resolve().name == "00000003.ckpt"
    play(fit, small_game(), tmp_path / "cut", ckpt_path=last)
    assert identical(weights(tmp_path / "cut"), weights(tmp_path / "whole"))


def test_when_its_time_is_up_a_run_is_saved_and_stops_and_the_resumed_one_is_the_uninterrupted_one(
    small_game: Any, fit: Fit, tmp_path: Path, identical: Any
) -> None:
    play(fit, small_game(), tmp_path / "whole", seconds=100)
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path / "cut", Wait(), seconds=0.25)
    assert (stopped.value.code, stopped.value.iteration) == (0, 3)
    assert stopped.value.reason == "trainer.max_time at iteration 3"
    play(fit, small_game(), tmp_path / "cut", ckpt_path=tmp_path / "cut" / "checkpoints" / "last.ckpt")
    assert identical(weights(tmp_path / "cut"), weights(tmp_path / "whole"))


def test_a_signal_comes_before_the_end_of_the_time(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path, Send(0, signal.SIGTERM), seconds=0)
    assert (stopped.value.code, stopped.value.iteration) == (143, 1)


def test_time_that_is_up_in_the_last_iteration_stops_nothing(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    assert play(fit, small_game(), tmp_path, seconds=0, max_steps=1).global_step == 1


def test_a_second_interrupt_stops_at_once(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path, Send(2, signal.SIGINT, signal.SIGINT))
    assert (stopped.value.code, stopped.value.iteration) == (130, None)
    assert not (tmp_path / "checkpoints").exists()


def test_a_second_sigterm_changes_nothing(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path, Send(2, signal.SIGTERM, signal.SIGTERM))
    assert (stopped.value.code, stopped.value.iteration) == (143, 3)


def test_a_signal_in_the_last_iteration_is_heeded_too(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path, Send(5, signal.SIGTERM))
    assert stopped.value.iteration == 6


def test_behind_training_a_signal_stops_at_once_and_all_is_saved(
    small_game: Any, fit: Fit, tmp_path: Path, identical: Any, state: Any
) -> None:
    game = small_game()
    with pytest.raises(Interrupted) as stopped:
        play(fit, game, tmp_path, SendBehind())
    assert stopped.value.iteration is None
    assert stopped.value.reason == "SIGTERM behind the last iteration, 6, which is saved"
    assert identical(weights(tmp_path), state(game))
    assert (tmp_path / "checkpoints" / "last.ckpt").resolve().name == "00000006.ckpt"


def test_so_does_one_where_nothing_is_left_to_train(
    small_game: Any, fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(fit, small_game(), tmp_path)
    again = Trainer.fit

    def end(trainer: Trainer, *given: Any, **named: Any) -> None:
        only_end(trainer)
        again(trainer, *given, **named)

    monkeypatch.setattr(Trainer, "fit", end)
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path, SendBehind(), ckpt_path=tmp_path / "checkpoints" / "last.ckpt")
    assert stopped.value.last == 6


def test_without_checkpoints_a_signal_stops_and_says_that_nothing_is_saved(small_game: Any, fit: Fit) -> None:
    listener = Listener()
    with pytest.raises(Interrupted) as stopped, listener:
        fit(small_game(), callbacks=[Listen(listener), Send(2, signal.SIGTERM), Stop(listener, [])])
    assert stopped.value.reason == "SIGTERM, nothing saved"


def test_the_signals_are_given_back(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    play(fit, small_game(), tmp_path)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_slurms_warning_is_heard_in_a_job_alone_and_lightning_does_not_answer_it(
    small_game: Any, fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with Listener():
        assert signal.getsignal(signal.SIGUSR1) == before
    environment = {"JOB_ID": "7", "NTASKS": "1", "JOB_NAME": "night", "PROCID": "0", "LOCALID": "0", "NODEID": "0"}
    for name, value in environment.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    monkeypatch.setenv("PATH", str(tmp_path))  # Lightning would call scontrol
    with pytest.raises(Interrupted) as stopped:
        play(fit, small_game(), tmp_path, Send(2, signal.SIGUSR1))
    assert (stopped.value.code, stopped.value.iteration) == (128 + signal.SIGUSR1, 3)
    assert not list(tmp_path.rglob("hpc_ckpt*"))


def test_a_signal_that_is_to_be_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Listener():
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_somebody_makes_of_the_interruption_is_still_one() -> None:
    with pytest.raises(Interrupted) as stopped, Listener():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except Interrupted:
            raise RecursionError from None  # as numpy does while it is being imported
    assert (stopped.value.code, stopped.value.reason) == (143, "SIGTERM, nothing saved")
