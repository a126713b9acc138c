"""What jobs are known by, and what their folders are called."""

import pytest

from gan_lightning.sweeps.naming import folder_name, identity, plain_value, short_names, shown, varied


def test_a_job_is_its_overrides_in_any_order_without_how_the_sweep_is_run() -> None:
    written = ["seed=1", "sweep.resume=x", "model=gan", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    assert identity(written) == identity(["model=gan", "seed=1"]) == ["model=gan", "seed=1"]


def test_a_search_numbers_its_jobs_so_the_number_is_part_of_a_job() -> None:
    assert identity(["sweep.trial=3"]) == ["sweep.trial=3"]


def test_short_names_are_as_long_as_it_takes_to_tell_keys_apart() -> None:
    assert short_names(["model.n_critic", "optimizer.generator.lr", "model"]) == {
        "model.n_critic": "n_critic",
        "optimizer.generator.lr": "lr",
        "model": "model",
    }
    both = ["optimizer.generator.lr", "optimizer.discriminator.lr"]
    assert list(short_names(both).values()) == ["generator.lr", "discriminator.lr"]


def test_what_differs_are_the_swept_keys_with_plain_values() -> None:
    overrides = ["optimizer.generator.lr=1e-4", "model=gan", "model.n_critic=5", "data.flip=true"]
    keys = ["optimizer.generator.lr", "model.n_critic", "data.flip"]
    assert varied(overrides, keys) == {"lr": 1e-4, "n_critic": 5, "flip": True}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-4", 1e-4), ("5", 5), ("2.5", 2.5), ("true", True), ("null", None), ("[r1,r2]", "[r1,r2]"), ("{", "{")],
)
def test_a_value_is_read_as_it_is_meant(text: str, value: object) -> None:
    assert plain_value(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-4, "1e-4"), (0.0005, "5e-4"), (0.00125, "1.25e-3"), (0.5, "0.5"), (1e6, "1e6"), (0.0, "0"), (5, "5")],
)
def test_numbers_are_shown_as_one_writes_them(value: float, text: str) -> None:
    assert shown(value) == text


def test_a_folder_is_named_after_what_differs() -> None:
    assert folder_name(3, {"lr": 1e-4, "n_critic": 5}) == "3_lr=1e-4,n_critic=5"
    assert folder_name(0, {}) == "0"


def test_a_folders_name_is_safe_and_short_whatever_the_values_are() -> None:
    name = folder_name(7, {"root": "../../etc/pass wd:<script>\n", "penalty": "[r1,r2]", "x": "y" * 500})
    assert len(name) <= 100
    assert not set(name) & set("/\\:<>\n *?\"'|[]")
    assert name.startswith("7_root=.._.._etc_pass_wd_script_,penalty=_r1,r2_,x=yyy")
