"""What the config folder says of itself."""

import pytest

from gan_lightning import schema


def test_groups_and_options_are_the_folders_and_their_files():
    assert {"model", "data", "loss", "penalty", "recipe", "experiment", "samples"} <= set(schema.groups())
    assert schema.options("optimizer") == ["adam", "rmsprop"]
    assert schema.options("nothing") == []
    assert (schema.CONF / "config.yaml").is_file()


def test_penalties_and_metrics_are_chosen_as_lists():
    assert schema.listed() == {"penalty", "metrics"}


def test_the_top_is_what_any_file_sets():
    run, parts = (
        {"seed", "folder", "every", "ckpt_path", "threads", "cache", "needs", "objective", "objective_mode", "sweep"},
        {"model", "data", "loss", "penalty", "network", "speed"},
    )
    others = {"optimizer", "schedule", "trainer", "callbacks", "guard", "metrics", "logger", "iterations", "hydra"}
    assert schema.top_level() == run | parts | others


def test_the_wiring_is_what_config_yaml_passes_on():
    parts = {"loss", "penalties", "generator", "discriminator", "optimizers", "schedule", "seed", "speed"}
    assert schema.wiring() == {f"model.{part}" for part in parts} | {"data.minibatches", "data.seed"}


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("penalty.gradient.weight", ["penalty=[gradient]"]),
        ("penalty.gradient", ["penalty=[gradient]"]),
        ("model.clip", ["model=wgan"]),
        ("data.kind", ["data=gaussians"]),
        ("iterations.ring", ["data=gaussians"]),
        ("callbacks.samples.n", ["samples=grid", "samples=scatter"]),
        ("network.generator.depth", ["network=mlp", "network=point_translator"]),
        ("seed", []),
        ("nothing", []),
    ],
)
def test_an_option_brings_its_keys(key: str, options: list[str]):
    assert list(map(str, schema.bringing(key))) == options


GAME = {"loss", "penalties", "generator", "discriminator", "optimizers", "schedule", "speed"}


@pytest.mark.parametrize(
    ("target", "path", "names"),
    [
        ("gan_lightning.penalties.R1", "penalty.r1", {"_target_", "weight", "every"}),
        ("gan_lightning.callbacks.grid.Grid", "callbacks.samples", {"_target_", "folder", "every", "n"}),
        (
            *("gan_lightning.models.wgan.WGAN", "model"),
            {"_target_", "clip", "n_critic", "ema", "max_grad_norm", "seed", *GAME},
        ),
        ("elsewhere.Model", "model", None),
        ("gan_lightning.penalties.R1", "penalty.mine", None),
    ],
)
def test_the_names_of_a_node_are_those_that_its_yaml_and_the_wiring_set(target: str, path: str, names: set[str] | None):
    assert schema.names_of(target, path) == names


def test_hydras_own_files_are_not_read():
    own = {group for group in schema.groups() if not group.startswith("hydra/")}
    assert {option.group.split("/")[0] for option in schema.files()} == {"", *own}


def test_a_groups_default_is_config_yamls():
    assert [schema.default(group) for group in ("loss", "optimizer", "model")] == ["non_saturating", "adam", "r1gan"]
