"""A search that can be stopped."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from gan_lightning.sweeps.search import ask, give_up, put, tell

SPACE = OmegaConf.create(
    {
        "lr": {"key": "optimizer.generator.lr", "low": 1e-4, "high": 1e-2, "log": True},
        "n_critic": {"key": "model.n_critic", "low": 1, "high": 5, "log": False},
    }
)


def test_values_are_of_the_space_and_of_its_kinds(tmp_path: Path) -> None:
    for seed in range(5):
        values = ask(tmp_path, SPACE, "min", seed).values  # type: ignore[arg-type]
        assert set(values) == {"optimizer.generator.lr", "model.n_critic"}
        assert 1e-4 <= values["optimizer.generator.lr"] <= 1e-2
        assert values["model.n_critic"] in (1, 2, 3, 4, 5)


def test_the_same_history_and_seed_give_the_same_values_and_another_seed_others(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    first, second, third = (ask(folder, SPACE, "min", seed) for folder, seed in zip(folders, (0, 0, 1), strict=True))  # type: ignore[arg-type]
    assert first == second != third


def test_a_search_finds_what_is_best(tmp_path: Path) -> None:
    """The squared distance of log lr from -3, to which n_critic adds: random values have a median above 0.5."""
    from math import log10

    found = []
    for number in range(25):
        asked = ask(tmp_path, SPACE, "min", number)  # type: ignore[arg-type]
        value = (log10(asked.values["optimizer.generator.lr"]) + 3) ** 2 + asked.values["model.n_critic"] - 1
        tell(tmp_path, "min", asked.number, value)
        found.append(value)
    assert min(found[10:]) < 0.1
    assert sorted(found[15:])[5] < sorted(found[:10])[5]


def test_a_job_that_was_killed_is_given_up_and_one_that_told_is_not(tmp_path: Path) -> None:
    first, second = ask(tmp_path, SPACE, "min", 0), ask(tmp_path, SPACE, "min", 1)  # type: ignore[arg-type]
    tell(tmp_path, "min", first.number, 1.0)
    give_up(tmp_path, "min", first.number)
    give_up(tmp_path, "min", second.number)
    with pytest.raises(ValueError, match="FAIL trial"):
        tell(tmp_path, "min", second.number, 1.0)


def test_values_become_the_jobs_config() -> None:
    config = OmegaConf.create({"model": {"n_critic": 1}, "twice": "${model.n_critic}"})
    assert put(config, {"model.n_critic": 4}) == ["model.n_critic=4"]
    assert config.twice == 4
