"""The alternation, in real fits of small games."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor, nn

from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.losses import (
    Hinge,
    LeastSquares,
    Loss,
    Minimax,
    NonSaturating,
    Relativistic,
    RelativisticAverage,
    Wasserstein,
)
from gan_lightning.metrics.cross_entropy import CrossEntropy
from gan_lightning.metrics.modes import ModeCoverage
from gan_lightning.metrics.wasserstein import Wasserstein2
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.gan import GAN
from gan_lightning.models.wgan import WGAN
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.penalties import R1, R2, Dragan, Gradient
from gan_lightning.schedules import Constant, Cosine, Linear

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
State = Callable[[nn.Module], dict[str, Tensor]]
Identical = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], bool]
Each = Callable[..., Callback]

STILL, MOVING = partial(torch.optim.SGD, lr=0.0), partial(torch.optim.SGD, lr=0.1)
GP, DRAGAN = Gradient(10.0, 1.0, one_sided=False), Dragan(1.0, 1.0, 0.5)


class Watched(AdversarialModule):
    """A game that calls `seen` with the moment's name, the players' states and the minibatch."""

    seen: Callable[..., None]

    def discriminator_loss(self, batch: Batch) -> Tensor:
        self.seen("discriminator begins", batch)
        return super().discriminator_loss(batch)

    def after_discriminator_step(self) -> None:
        self.seen("discriminator ends", None)

    def generator_loss(self, batch: Batch) -> Tensor:
        self.seen("generator begins", batch)
        return super().generator_loss(batch)


def watched(small_game: Game, seen: Callable[..., None], **settings: Any) -> AdversarialModule:
    game = small_game(Watched, **settings)
    game.seen = seen  # type: ignore[assignment]
    return game


def flat(module: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


# ---- whose turn it is ------------------------------------------------------------------------------------------------


def test_each_player_moves_in_its_own_step_alone(small_game: Game, fit: Fit, each_iteration: Each):
    moments: list[tuple[str, Tensor, Tensor]] = []

    def note(name: str, batch: Batch | None) -> None:
        moments.append((name, flat(game.discriminator), flat(game.generator)))

    game = watched(small_game, note, n_critic=2)
    fit(game, steps=3, callbacks=[each_iteration(lambda game: note("generator ends", None))])
    cycle = ["discriminator begins", "discriminator ends"] * 2 + ["generator begins", "generator ends"]
    assert [name for name, _, _ in moments] == cycle * 3
    for (name, d, g), (_, next_d, next_g) in zip(moments, moments[1:], strict=False):
        assert torch.equal(d, next_d) == (name != "discriminator begins")
        assert torch.equal(g, next_g) == (name != "generator begins")


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_player_with_a_rate_of_zero_stays_where_it_is(player: str, small_game: Game, fit: Fit):
    game = small_game(optimizers={"generator": MOVING, "discriminator": MOVING} | {player: STILL})
    before = {name: flat(getattr(game, name)) for name in ("generator", "discriminator")}
    fit(game, steps=4)
    for name, start in before.items():
        assert torch.equal(flat(getattr(game, name)), start) == (name == player)


def test_the_discriminator_takes_n_critic_steps_an_iteration_each_on_fresh_samples(
    small_game: Game, fit: Fit, points: Any
):
    seen: list[tuple[str, Batch | None]] = []
    game = watched(small_game, lambda name, batch: seen.append((name, batch)), n_critic=3)
    data = points(num_samples=64, batch_size=4, minibatches=3)
    fit(game, steps=5, data=data)  # 5 iterations of 12 samples are one epoch of 64
    assert [name for name, _ in seen].count("discriminator ends") == 3 * 5
    judged = [batch.real for name, batch in seen if name == "discriminator begins" and batch is not None]
    assert [len(real) for real in judged] == [4] * 15
    assert len(torch.unique(torch.cat(judged), dim=0)) == 60
    training_set = data.prepare(data.train_samples.values, torch.Generator())
    assert all((training_set == sample).all(1).any() for sample in torch.cat(judged))


def test_the_generators_step_is_given_the_last_minibatch(small_game: Game, fit: Fit):
    seen: list[tuple[str, Batch | None]] = []
    game = watched(small_game, lambda name, batch: seen.append((name, batch)), n_critic=2)
    fit(game, steps=1)
    batches = [batch for _, batch in seen if batch is not None]
    assert [name for name, batch in seen if batch is not None][-1] == "generator begins"
    assert batches[2] is batches[1] and batches[1] is not batches[0]


class Counting(torch.optim.SGD):
    """SGD that counts its steps by its rate."""

    steps: dict[float, int] = {}

    def step(self, *args: Any, **kwargs: Any) -> Any:
        rate = self.defaults["lr"]
        Counting.steps[rate] = Counting.steps.get(rate, 0) + 1
        return super().step(*args, **kwargs)


@pytest.mark.parametrize("n_critic", [1, 3])
def test_global_step_counts_generator_updates_alone_and_max_steps_ends_them(n_critic: int, small_game: Game, fit: Fit):
    Counting.steps = {}
    optimizers = {"generator": partial(Counting, lr=0.01), "discriminator": partial(Counting, lr=0.02)}
    trainer = fit(small_game(optimizers=optimizers, n_critic=n_critic), steps=7)
    assert trainer.global_step == 7
    assert Counting.steps == {0.01: 7, 0.02: 7 * n_critic}


def test_an_epoch_is_as_many_iterations_as_it_has_batches(small_game: Game, fit: Fit, points: Any):
    data = points(num_samples=50, batch_size=4, minibatches=2)  # 6 whole batches of 8
    assert fit(small_game(n_critic=2), steps=-1, data=data, max_epochs=3).global_step == 18


def test_every_discriminator_step_and_every_generator_step_has_noise_of_its_own(small_game: Game, fit: Fit):
    game, drawn = small_game(n_critic=3), []
    draw = game.latents

    def latents(n: int, randomness: torch.Generator | None = None) -> Tensor:
        drawn.append(draw(n, randomness))
        return drawn[-1]

    game.latents = latents  # type: ignore[method-assign]
    fit(game, steps=5)
    assert len(drawn) == 5 * (3 + 1)
    assert len(torch.unique(torch.cat(drawn), dim=0)) == 5 * 4 * 4


# ---- gradients -------------------------------------------------------------------------------------------------------


def test_the_discriminator_is_frozen_in_the_generators_step_and_free_again_behind_it(
    small_game: Game, fit: Fit, each_iteration: Each
):
    free: list[tuple[str, set[bool]]] = []

    def look(name: str, batch: Batch | None = None) -> None:
        free.append((name, {parameter.requires_grad for parameter in game.discriminator.parameters()}))

    game = watched(small_game, look)
    fit(game, steps=2, callbacks=[each_iteration(lambda game: look("end"))])
    iteration = [
        ("discriminator begins", {True}),
        ("discriminator ends", {True}),
        ("generator begins", {False}),
        ("end", {True}),
    ]
    assert free == iteration * 2


def test_the_generators_backward_leaves_the_discriminators_gradients_alone(
    small_game: Game, fit: Fit, each_iteration: Each
):
    gradients: list[list[Tensor]] = []

    def note() -> None:
        gradients.append([p.grad.clone() for p in game.discriminator.parameters() if p.grad is not None])

    game = watched(small_game, lambda name, batch: note() if name == "discriminator ends" else None)
    fit(game, steps=1, callbacks=[each_iteration(lambda game: note())])
    assert len(gradients[0]) == 4 == len(gradients[1])
    assert all(torch.equal(before, after) for before, after in zip(*gradients, strict=True))


def test_the_discriminators_step_gives_the_generator_no_gradient(small_game: Game, fit: Fit):
    seen: list[bool] = []
    game = watched(
        small_game,
        lambda name, batch: seen.append(all(p.grad is None for p in game.generator.parameters())),
        penalties={"gradient": GP, "r2": R2(1.0)},
    )
    fit(game, steps=1)
    assert seen == [True, True, True]  # until the generator's own backward


class Differentiated(AdversarialModule):
    """Computes what each loss's gradient must be, by itself."""

    expected: tuple[Tensor, ...]

    def discriminator_loss(self, batch: Batch) -> Tensor:
        return self._expect(super().discriminator_loss(batch), "discriminator")

    def generator_loss(self, batch: Batch) -> Tensor:
        return self._expect(super().generator_loss(batch), "generator")

    def _expect(self, loss: Tensor, player: str) -> Tensor:
        self.expected = torch.autograd.grad(loss, self.parameters_of[player], retain_graph=True)
        return loss

    def is_exact(self, player: str) -> bool:
        return all(torch.equal(p.grad, g) for p, g in zip(self.parameters_of[player], self.expected, strict=True))


def test_each_step_is_taken_with_the_gradient_of_its_own_loss_alone(small_game: Game, fit: Fit, each_iteration: Each):
    """Nothing is left of the step before, of the other player, or of a penalty's inner gradient."""
    exact: list[bool] = []
    game = small_game(Differentiated, penalties={"r1": R1(1.0), "gradient": GP}, n_critic=3)
    game.after_discriminator_step = lambda: exact.append(game.is_exact("discriminator"))
    fit(game, steps=3, callbacks=[each_iteration(lambda game: exact.append(game.is_exact("generator")))])
    assert exact == [True] * 4 * 3


def gradient(player: str, small_game: Game, fit: Fit, max_grad_norm: float | None) -> Tensor:
    """What a player's first step is taken with."""
    game = small_game(optimizer=STILL, max_grad_norm=max_grad_norm)
    fit(game, steps=1)
    return torch.cat([parameter.grad.flatten() for parameter in getattr(game, player).parameters()])


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_max_grad_norm_shortens_a_gradient_to_the_bound_and_keeps_its_direction(
    player: str, small_game: Game, fit: Fit
):
    free = gradient(player, small_game, fit, None)
    bound = free.norm().item() / 4
    clipped = gradient(player, small_game, fit, bound)
    assert clipped.norm().item() == pytest.approx(bound, rel=1e-4)
    assert clipped.norm().item() <= bound * (1 + 1e-6)
    torch.testing.assert_close(clipped / clipped.norm(), free / free.norm(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_gradient_below_the_bound_is_left_alone(player: str, small_game: Game, fit: Fit):
    free = gradient(player, small_game, fit, None)
    assert torch.equal(gradient(player, small_game, fit, 4 * free.norm().item()), free)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_the_clipped_gradient_is_what_the_optimizer_steps_with(player: str, small_game: Game, fit: Fit):
    optimizers = {"generator": STILL, "discriminator": STILL} | {player: partial(torch.optim.SGD, lr=1.0)}
    game = small_game(optimizers=optimizers, max_grad_norm=1e-2)
    before = flat(getattr(game, player))
    fit(game, steps=1)
    assert (flat(getattr(game, player)) - before).norm().item() == pytest.approx(1e-2, rel=1e-3)


@pytest.mark.parametrize("bound", [None, 1e-2])
def test_the_logged_gradient_norms_are_those_before_clipping(
    bound: float | None, small_game: Game, fit: Fit, memory_logger: Any
):
    fit(small_game(optimizer=STILL, max_grad_norm=bound), steps=1, loggers=[memory_logger])
    ((_, figures),) = memory_logger.records
    for player in ("generator", "discriminator"):
        expected = gradient(player, small_game, fit, None).norm().item()
        assert expected > 1e-2
        assert figures[f"gradient_norm/{player}"] == pytest.approx(expected, rel=1e-5)


# ---- schedules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", [Constant(), Linear(start=0.5, final=0.0), Cosine(start=0.0, final=0.2)])
@pytest.mark.parametrize("length", [{"steps": 8}, {"steps": -1, "max_epochs": 2}], ids=["max_steps", "max_epochs"])
def test_both_rates_follow_the_schedule_to_its_end(
    schedule: Any, length: dict[str, int], small_game: Game, fit: Fit, points: Any, each_iteration: Each
):
    rates: list[tuple[float, float]] = []

    def note(game: AdversarialModule) -> None:
        discriminator, generator = game.trainer.optimizers
        rates.append((discriminator.param_groups[0]["lr"], generator.param_groups[0]["lr"]))

    optimizers = {"generator": partial(torch.optim.SGD, lr=0.1), "discriminator": partial(torch.optim.SGD, lr=0.4)}
    game = small_game(optimizers=optimizers, schedule=schedule, n_critic=2)
    data = points(num_samples=32, batch_size=4, minibatches=2)  # 4 iterations an epoch
    fit(game, data=data, callbacks=[each_iteration(note)], **length)
    factors = [schedule(step / 8) for step in range(1, 9)]  # for the iteration behind each step
    assert [rate for rate, _ in rates] == pytest.approx([0.4 * factor for factor in factors], abs=1e-9)
    assert [rate for _, rate in rates] == pytest.approx([0.1 * factor for factor in factors], abs=1e-9)


def test_the_first_iteration_has_the_full_rate(small_game: Game, fit: Fit):
    game = small_game(optimizer=partial(torch.optim.SGD, lr=1.0), schedule=Linear(start=0.0, final=0.0))
    before = flat(game.generator)
    fit(game, steps=1)
    moved = torch.cat([parameter.grad.flatten() for parameter in game.generator.parameters()])
    torch.testing.assert_close(flat(game.generator), before - moved)


# ---- what is logged --------------------------------------------------------------------------------------------------

COMMON = {
    *("loss/discriminator", "loss/generator", "score/real", "score/fake_before", "score/fake_after"),
    *("gradient_norm/discriminator", "gradient_norm/generator"),
    *("learning_rate/discriminator", "learning_rate/generator"),
}

ACCURACY = {"accuracy/real", "accuracy/fake"}


@pytest.mark.parametrize(
    ("settings", "own"),
    [
        ({"model": GAN}, ACCURACY),
        ({"model": GAN, "penalties": {"a": R1(1.0), "b": GP}}, ACCURACY | {"penalty/a", "penalty/b"}),
        ({"model": WGAN, "loss": Wasserstein(), "clip": 0.01}, {"wasserstein"}),
        ({"model": WGANGP, "loss": Wasserstein(), "penalties": {"gp": GP}}, {"wasserstein", "slope", "penalty/gp"}),
    ],
    ids=["GAN", "GAN with penalties", "WGAN", "WGANGP"],
)
def test_the_axis_is_iterations_and_the_keys_are_the_variants(
    settings: dict[str, Any], own: set[str], small_game: Game, fit: Fit, memory_logger: Any
):
    fit(small_game(**settings, n_critic=2), steps=7, loggers=[memory_logger], log_every=2)
    assert [step for step, _ in memory_logger.records] == [2, 4, 6]
    for _, figures in memory_logger.records:
        assert set(figures) - {"epoch"} == COMMON | own
        assert all(math.isfinite(value) for value in figures.values())


def test_nothing_is_watched_outside_logging_steps(small_game: Game, fit: Fit, memory_logger: Any, each_iteration: Each):
    watched_at: list[int] = []
    game = small_game(GAN, penalties={"r1": R1(1.0)}, n_critic=2)
    watch = game.watch

    def note(name: str, value: Tensor) -> None:
        watched_at.append(game.global_step)
        watch(name, value)

    game.watch = note  # type: ignore[method-assign]
    left: list[int] = []
    count = each_iteration(lambda game: left.append(len(game.scalars)))
    fit(game, steps=7, loggers=[memory_logger], log_every=3, callbacks=[count])
    assert set(watched_at) == {2, 5}  # the third iteration and the sixth
    assert left == [0] * 7


def test_without_a_logger_nothing_is_watched(small_game: Game, fit: Fit):
    game = small_game()
    game.watch = None  # type: ignore[method-assign, assignment]
    fit(game, steps=3)


def test_a_figure_waits_on_its_device_without_its_graph(small_game: Game):
    game = small_game()
    value = torch.ones((), requires_grad=True) * 2
    game.watch("name", value)
    assert game.scalars["name"].item() == 2
    assert not game.scalars["name"].requires_grad


def test_the_logged_loss_has_no_penalty_in_it_and_what_is_minimised_is_their_sum(
    small_game: Game, fit: Fit, memory_logger: Any
):
    minimised: list[float] = []
    game = small_game(GAN, penalties={"r1": R1(3.0), "dragan": Dragan(2.0, 1.0, 0.5)}, n_critic=2)
    compute = game.discriminator_loss

    def note(batch: Batch) -> Tensor:
        loss = compute(batch)
        minimised.append(loss.item())
        return loss

    game.discriminator_loss = note  # type: ignore[method-assign]
    fit(game, steps=1, loggers=[memory_logger])
    ((_, figures),) = memory_logger.records
    terms = [figures[name] for name in ("loss/discriminator", "penalty/r1", "penalty/dragan")]
    assert sum(terms) == pytest.approx(minimised[-1], rel=1e-6)  # of the iteration's last minibatch
    assert all(term > 0 for term in terms)


def test_the_scores_are_mean_probabilities_of_the_logarithmic_losses(small_game: Game, fit: Fit, memory_logger: Any):
    game = small_game(optimizers={"generator": STILL, "discriminator": STILL})
    for parameter in game.discriminator.parameters():
        parameter.data.zero_()
    game.discriminator.get_parameter("layers.2.bias").data.fill_(math.log(3))
    fit(game, steps=1, loggers=[memory_logger])
    ((_, figures),) = memory_logger.records
    for name in ("score/real", "score/fake_before", "score/fake_after"):
        assert figures[name] == pytest.approx(0.75, rel=1e-6)


# ---- every loss, and reproducibility ---------------------------------------------------------------------------------

LOSSES = [
    *(NonSaturating(), Minimax(), LeastSquares(0.0, 1.0, 1.0), Hinge(), Relativistic(), RelativisticAverage()),
    Wasserstein(),
]


@pytest.mark.filterwarnings("ignore:nothing bounds this Wasserstein critic")
@pytest.mark.parametrize(
    "penalties", [{}, {"r1": R1(1.0), "r2": R2(1.0)}, {"gp": GP}, {"dragan": DRAGAN}], ids="+".join
)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_every_loss_plays_with_every_penalty(loss: Loss, penalties: dict[str, Any], small_game: Game, fit: Fit):
    game = small_game(GAN, loss, penalties)
    before = {name: flat(getattr(game, name)) for name in ("generator", "discriminator")}
    fit(game, steps=3)
    for name, start in before.items():
        assert flat(getattr(game, name)).isfinite().all()
        assert not torch.equal(flat(getattr(game, name)), start)


def after(game: AdversarialModule, fit: Fit, state: State, **settings: Any) -> dict[str, Tensor]:
    fit(game, steps=5, **settings)
    return state(game)


def test_two_runs_with_one_seed_are_equal_to_the_bit_and_with_another_they_are_not(
    small_game: Game, fit: Fit, points: Any, state: State, identical: Identical
):
    first, again, other = (small_game(penalties={"gradient": GP}, n_critic=2) for _ in range(3))
    other.seed = 1  # the same weights and the same data
    torch.manual_seed(1)
    end = after(first, fit, state, data=points(minibatches=2))
    torch.manual_seed(2)  # what the process drew before is nothing to it
    assert identical(after(again, fit, state, data=points(minibatches=2)), end)
    assert not identical(after(other, fit, state, data=points(minibatches=2)), end)


class Disturbance(Callback):
    """Draws from the global random state wherever a callback could."""

    def on_train_batch_start(self, *args: Any) -> None:
        torch.randn(3)

    def on_train_batch_end(self, *args: Any) -> None:
        torch.randn(5)


@pytest.mark.parametrize(
    "settings",
    [
        {"model": GAN, "penalties": {"r1": R1(1.0)}},
        {"model": GAN, "discriminator_norm": "spectral", "n_critic": 2},
        {"model": GAN, "discriminator_norm": "batch", "generator_norm": "batch"},
        {"model": WGAN, "loss": Wasserstein(), "clip": 0.1, "n_critic": 2},
        {"model": WGANGP, "loss": Wasserstein(), "penalties": {"gradient": GP}, "n_critic": 2},
        {"model": WGANGP, "loss": Wasserstein(), "discriminator_norm": "spectral"},
    ],
    ids=["R1", "spectral", "batch norm", "WGAN", "WGAN-GP", "spectral WGAN-GP"],
)
def test_logging_and_evaluating_change_no_bit_of_the_result(
    settings: dict[str, Any],
    small_game: Game,
    fit: Fit,
    state: State,
    identical: Identical,
    memory_logger: Any,
    tmp_path: Any,
):
    metrics = {"modes": ModeCoverage(20, 3.0), "w2": Wasserstein2(20), "cross_entropy": CrossEntropy(20)}
    evaluation = Evaluation(str(tmp_path), metrics, every=2, interval_n=None, repeats=2)
    in_silence = after(small_game(**settings), fit, state)
    observed = after(small_game(**settings), fit, state, callbacks=[evaluation, Disturbance()], loggers=[memory_logger])
    assert len(memory_logger.records) >= 5 + 4
    assert identical(observed, in_silence)


# ---- lower precision -------------------------------------------------------------------------------------------------


def test_under_bf16_each_discriminator_step_judges_with_the_weights_it_has(small_game: Game, fit: Fit):
    """Autocast could remember weights in bfloat16 for as long as an iteration takes."""
    fresh: list[bool] = []

    def compare(name: str, batch: Batch | None) -> None:
        if batch is not None:
            logits = game.discriminator(batch.real)
            with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False):
                fresh.append(torch.equal(logits, game.discriminator(batch.real)))

    game = watched(small_game, compare, n_critic=3, optimizer=partial(torch.optim.SGD, lr=1.0))
    fit(game, steps=2, precision="bf16-mixed")
    assert fresh == [True] * 8


def test_under_bf16_both_players_learn_and_samples_are_float32(small_game: Game, fit: Fit):
    game = small_game(penalties={"r1": R1(1.0)}, n_critic=2)
    before = {name: flat(getattr(game, name)) for name in ("generator", "discriminator")}
    fit(game, steps=2, precision="bf16-mixed")
    for name, start in before.items():
        assert not torch.equal(flat(getattr(game, name)), start)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert game.fake(3).dtype == torch.float32
        assert game.generator(game.latents(3)).dtype == torch.bfloat16


class Nothing(Loss):
    """What leaves the critic to its penalty."""

    def discriminator(self, critique: Critique) -> Tensor:
        return torch.zeros(())

    def generator(self, critique: Critique) -> Tensor:
        return 0 * critique.fake_logits.sum()


def test_under_bf16_the_penaltys_gradient_is_float32s(small_game: Game, fit: Fit):
    moved = {}
    for precision in ("32-true", "bf16-mixed"):
        game = small_game(Watched, Nothing(), {"r1": R1(1.0)}, optimizer=partial(torch.optim.SGD, lr=1.0))
        game.seen = lambda *moment: None  # type: ignore[assignment]
        before = flat(game.discriminator)
        fit(game, steps=1, precision=precision)
        moved[precision] = flat(game.discriminator) - before
    assert moved["32-true"].norm() > 0.01
    torch.testing.assert_close(moved["bf16-mixed"], moved["32-true"], rtol=1e-5, atol=1e-7)


# ---- samples ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_samples_come_from_eval_mode_and_leave_the_mode_alone(training: bool, small_game: Game, state: State):
    game = small_game(generator_norm="batch", ema=0)
    game.train(training)
    latents = game.latents(6)
    before = state(game)
    samples = game.sample(latents, "raw")
    assert all(torch.equal(value, before[name]) for name, value in state(game).items())
    assert game.generator.training == training
    assert not samples.requires_grad
    torch.testing.assert_close(samples, game.generator.eval()(latents).detach())


def test_a_sample_does_not_depend_on_how_many_are_made_at_once(small_game: Game):
    game = small_game(generator_norm="batch")
    latents = game.latents(7)
    torch.testing.assert_close(game.sample(latents, "raw", batch_size=2), game.sample(latents, "raw", batch_size=7))
    assert game.sample(latents, "raw", batch_size=2).shape == (7, 2)


def test_forward_is_the_averaged_generator_where_there_is_one(small_game: Game, fit: Fit):
    averaged, raw = small_game(ema=0.9), small_game(ema=0)
    fit(averaged, steps=3)
    latents = averaged.latents(5)
    assert torch.equal(averaged(latents), averaged.sample(latents, "ema"))
    assert not torch.equal(averaged(latents), averaged.sample(latents, "raw"))
    assert torch.equal(raw(latents), raw.sample(latents, "raw"))


def test_latents_are_standard_normal_and_given_randomness_is_all_they_depend_on(small_game: Game):
    game = small_game()
    torch.manual_seed(1)
    first = game.latents(20_000, torch.Generator().manual_seed(5))
    torch.manual_seed(2)
    assert torch.equal(game.latents(20_000, torch.Generator().manual_seed(5)), first)
    assert first.shape == (20_000, 2)
    assert first.mean().item() == pytest.approx(0, abs=4 / math.sqrt(40_000))
    assert first.std().item() == pytest.approx(1, abs=4 / math.sqrt(80_000))


def test_a_run_in_double_precision_draws_in_double_precision(small_game: Any, fit: Any) -> None:
    game = small_game()
    fit(game, steps=2, precision="64-true")
    assert game.latents(3).dtype == game.latents(3, torch.Generator()).dtype == torch.float64
    assert all(parameter.dtype == torch.float64 for parameter in game.parameters())
