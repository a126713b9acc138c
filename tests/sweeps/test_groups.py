"""Settings over seeds, ranked, and what may be said of them."""

from collections.abc import Callable
from pathlib import Path

from gan_lightning.sweeps.groups import conclusion, verdict
from gan_lightning.sweeps.result import Result, sweep_result
from gan_lightning.sweeps.rows import telling


def filled(sweep: Path, job: Callable[..., Path]) -> Result:
    """n_critic 5 is best, 2 not told apart from it, 1 worse; 9 has failed."""
    shares = {5: (0.97, 0.98, 0.96), 2: (0.95, 0.98, 0.97), 1: (0.50, 0.51, 0.52)}
    number = 0
    for n_critic, values in shares.items():
        for seed, share in enumerate(values):
            job(number, share, n_critic=n_critic, seed=seed)
            number += 1
    job(number, None, "failed", "ValueError: no", n_critic=9, seed=0)
    return sweep_result(sweep)


def test_settings_are_ranked_by_their_mean_and_failures_come_last(sweep: Path, job: Callable[..., Path]) -> None:
    result = filled(sweep, job)
    assert [group.values for group in result.groups] == [{"n_critic": n} for n in (5, 2, 1, 9)]
    assert [group.sample.n for group in result.groups] == [3, 3, 3, 0]
    assert [verdict(group, result.groups[0]) for group in result.groups] == [
        "best",
        "not told apart",
        "worse",
        "no figure",
    ]
    assert conclusion(result.groups) == (
        "n_critic=5 has the best mean. 1 of 2 others are worse by more than the noise. "
        "Not told apart from it: n_critic=2."
    )


def test_with_one_seed_nothing_can_be_said(sweep: Path, job: Callable[..., Path]) -> None:
    job(0, 0.9, n_critic=5)
    job(1, 0.2, n_critic=1)
    groups = sweep_result(sweep).groups
    assert verdict(groups[1], groups[0]) == "one seed"
    assert "nothing can be said of differences" in conclusion(groups)


def test_a_diverged_run_is_no_part_of_a_mean(sweep: Path, job: Callable[..., Path]) -> None:
    job(0, 0.9, n_critic=5, seed=0)
    job(1, 0.1, "diverged", "not finite", n_critic=5, seed=1)
    (group,) = sweep_result(sweep).groups
    assert group.sample.values == (0.9,)
    assert [row.state for row in group.failures] == ["diverged"]


def test_seeds_alone_are_one_setting(sweep: Path, job: Callable[..., Path]) -> None:
    for seed in (0, 1):
        job(seed, 0.9, seed=seed)
    (group,) = sweep_result(sweep).groups
    assert group.sample.n == 2


def test_runs_are_told_by_the_fewest_keys_and_the_seed_comes_last():
    plain = {"model": "gan", "lr": 1e-4, "every": 10, "seed": 0}
    runs = [plain, plain | {"seed": 1}, plain | {"model": "wgan", "lr": 5e-5, "every": 2}]
    assert telling(runs) == ["model", "seed"]  # the rate and the interval are the variant's
    assert telling([*runs, plain | {"lr": 1e-3}]) == ["model", "lr", "seed"]
    assert telling([plain, plain | {"seed": 1, "lr": 1e-3}]) == ["lr"]  # two settings, not two seeds of one
    assert telling([plain, plain]) == []


def test_a_best_setting_of_one_seed_is_told_by_its_name(sweep: Path, job: Callable[..., Path]):
    for number, (share, n_critic, seed) in enumerate([(0.9, 5, 0), (0.5, 1, 0), (0.51, 1, 1)]):
        job(number, share, n_critic=n_critic, seed=seed)
    assert conclusion(sweep_result(sweep).groups).startswith("One seed of the best, n_critic=5: nothing can be said")
