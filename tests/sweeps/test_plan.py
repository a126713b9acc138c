"""What a sweep was asked to do, and whether another command asks for the same."""

from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.sweeps.plan import Plan, check_same, make_plan, read_plan, write_plan


def test_a_plan_tells_what_is_shared_from_what_is_swept() -> None:
    plan = make_plan(Path("x"), ["seed=0,1", "model=gan", "sweep.resume=y"], {"model.n_critic": "1,2"}, [])
    assert plan.fixed == ["model=gan"]
    assert plan.keys == ["model.n_critic", "seed"]
    assert plan.jobs == 4


def test_the_command_line_wins_over_the_preset() -> None:
    plan = make_plan(Path("x"), ["model.n_critic=5", "seed=range(3)"], {"model.n_critic": "1,2"}, [])
    assert (plan.fixed, plan.keys) == (["model.n_critic=5"], ["seed"])


def test_a_search_varies_its_keys_too() -> None:
    plan = make_plan(Path("x"), [], {"sweep.trial": "range(4)"}, ["optimizer.generator.lr"])
    assert plan.keys == ["sweep.trial", "optimizer.generator.lr"]


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    plan = Plan(tmp_path, ["a=1"], ["b"], 3, "ema/share2500", "max")
    write_plan(plan)
    assert read_plan(tmp_path) == plan


@pytest.mark.parametrize(
    ("content", "fragment"), [(None, "is no sweep's folder"), ("{", "damaged"), ("[1]", "damaged")]
)
def test_what_is_no_sweep_is_refused(tmp_path: Path, content: str | None, fragment: str) -> None:
    if content is not None:
        (tmp_path / "sweep.json").write_text(content)
    with pytest.raises(UsageError, match=fragment):
        read_plan(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        read_plan(tmp_path / "nowhere")


def test_only_the_same_command_goes_on_but_values_may_be_added() -> None:
    before = make_plan(Path("x"), ["seed=0,1", "model=gan"], {}, [])
    check_same(make_plan(Path("x"), ["model=gan", "seed=0,1,2"], {}, []), before)
    with pytest.raises(UsageError, match="settings differ, here model=wgan, there model=gan"):
        check_same(make_plan(Path("x"), ["model=wgan", "seed=0,1"], {}, []), before)
    with pytest.raises(UsageError, match="swept keys differ, here every"):
        check_same(make_plan(Path("x"), ["model=gan", "seed=0,1", "every=1,2"], {}, []), before)
