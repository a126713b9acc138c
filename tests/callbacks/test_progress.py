"""One bar for the run on a terminal, a few lines elsewhere."""

import io
import re
from contextlib import redirect_stderr

import pytest
from lightning import Trainer

from gan_lightning.callbacks.progress import Progress, _Bar, _Lines
from gan_lightning.errors import UsageError
from gan_lightning.loggers import RunCSVLogger


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal():
    """Stands in for stderr inside `redirect_stderr`, which pytest's own capture would undo in a fixture."""
    return Terminal()


@pytest.fixture
def watched_fit(fit):
    """Trains with a progress callback and stderr redirected."""

    def run(stream, game, steps, refresh_rate=1, **settings):
        with redirect_stderr(stream):
            return fit(game, steps, callbacks=[Progress(refresh_rate)], enable_progress_bar=True, **settings)

    return run


def counts(stream):
    return [(int(n), int(total)) for n, total in re.findall(r"(\d+)/(\d+) iterations", stream.getvalue())]


def test_a_terminal_gets_one_bar_over_all_epochs(small_game, points, watched_fit, terminal):
    watched_fit(terminal, small_game(), 10, data=points(num_samples=16, batch_size=4))  # 4 batches an epoch
    assert counts(terminal)[0] == (0, 10)
    assert counts(terminal)[-1] == (10, 10)
    assert "Epoch" not in terminal.getvalue()
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith("\n")


def test_the_total_of_a_run_by_epochs_is_its_batches(small_game, points, watched_fit, terminal):
    watched_fit(terminal, small_game(), -1, data=points(num_samples=16, batch_size=4), max_epochs=3)
    assert counts(terminal)[-1] == (12, 12)


def test_a_resumed_run_goes_on_where_it_stood(small_game, fit, watched_fit, terminal, tmp_path):
    fit(small_game(), 4).save_checkpoint(tmp_path / "run.ckpt")
    watched_fit(terminal, small_game(), 9, ckpt_path=tmp_path / "run.ckpt")
    assert counts(terminal)[0] == (4, 9)
    assert counts(terminal)[-1] == (9, 9)


def test_it_shows_samples_a_second_and_both_losses_as_logged(small_game, points, watched_fit, terminal, tmp_path):
    trainer = watched_fit(terminal, small_game(), 5, refresh_rate=5, loggers=[RunCSVLogger(str(tmp_path))])
    discriminator, generator = (
        float(trainer.callback_metrics[f"loss/{name}"]) for name in ("discriminator", "generator")
    )
    last = terminal.getvalue().strip().rsplit("\r", 1)[-1]
    assert re.search(rf", [\d,]+ samples/s, D {discriminator:.3f}, G {generator:.3f}\]$", last)


@pytest.mark.parametrize("n_critic", [1, 3])
def test_an_iteration_consumes_a_minibatch_for_every_discriminator_step(small_game, fit, points, terminal, n_critic):
    progress, samples = Progress(1), []
    game = small_game(n_critic=n_critic)
    game.on_train_batch_end = lambda *_: samples.append(progress._display and progress._display.samples)
    with redirect_stderr(terminal):
        data = points(batch_size=4, minibatches=n_critic)
        fit(game, 2, data=data, callbacks=[progress], enable_progress_bar=True)
    assert samples[0] == 4 * n_critic


def test_the_rate_counts_what_was_consumed_since_the_start(terminal):
    with redirect_stderr(terminal):
        bar = _Bar(start=100, total=200, samples=6)
        bar.bar.start_t -= 10  # ten seconds ago
        bar.show(150, "")
        bar.close()
    rate = int(re.search(r"([\d,]+) samples/s", terminal.getvalue())[1].replace(",", ""))
    assert rate == pytest.approx(50 / 10 * 6, abs=1)


def test_a_log_file_gets_a_line_every_tenth_of_the_run(small_game, watched_fit):
    log = io.StringIO()
    watched_fit(log, small_game(), 40)
    lines = log.getvalue().splitlines()
    assert [int(re.match(r"iteration (\d+) of 40", line)[1]) for line in lines] == list(range(4, 41, 4))
    assert re.fullmatch(r"iteration 4 of 40 \(10 %\), \d\d:\d\d left, [\d,]+ samples/s", lines[0])


def test_a_log_file_gets_the_last_iteration_whatever_the_refresh_rate(small_game, watched_fit):
    log = io.StringIO()
    watched_fit(log, small_game(), 7, refresh_rate=5)
    assert re.findall(r"iteration (\d+) of 7", log.getvalue()) == ["5", "7"]


def test_a_run_without_an_end_gets_lines_twice_as_far_apart_each_time(capsys):
    lines = _Lines(start=0, total=None, samples=1)
    for step in range(1, 41):
        if lines.due(step):
            lines.show(step, "")
    assert re.findall(r"iteration (\d+),", capsys.readouterr().err) == ["1", "2", "4", "8", "16", "32"]


def test_other_processes_show_nothing(small_game, fit, terminal, monkeypatch):
    monkeypatch.setattr(Trainer, "is_global_zero", False)
    with redirect_stderr(terminal):
        fit(small_game(), 2, callbacks=[Progress(1)], enable_progress_bar=True)
    assert terminal.getvalue() == ""


def test_an_error_ends_the_bars_line(small_game, watched_fit, terminal):
    game = small_game()
    game.on_train_batch_end = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        watched_fit(terminal, game, 3)
    assert terminal.getvalue().endswith("\n")


def test_what_is_printed_stands_above_the_bar(small_game, watched_fit, terminal, capsys):
    game = small_game()
    game.on_train_batch_end = lambda *_: game.print("a", 1)
    watched_fit(terminal, game, 2)
    assert capsys.readouterr().out == "a 1\na 1\n"


def test_it_changes_no_weight(small_game, fit, watched_fit, state, identical, terminal):
    plain, shown = small_game(), small_game()
    fit(plain, 4)
    watched_fit(terminal, shown, 4)
    assert identical(state(plain), state(shown))


def test_a_refresh_rate_below_1_is_refused():
    with pytest.raises(UsageError, match="callbacks.progress.refresh_rate is 0"):
        Progress(0)
