"""Whatever stands in a run's config.yaml: what `resume=` goes on with, or one line. Nothing else."""

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.resuming import resumption
from gan_lightning.runs.storage import store
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen

VALUES: list[Any] = [
    *(None, 0, -1, 2, 0.5, float("nan"), True, False, "", "x", "last", "${", "???"),
    *("${foo}", "${seed}", "${model}", "${hydra:job.num}", [], [1], ["${foo}"], {}, {"a": 1}),
    *({"_target_": value} for value in (None, 5, "${foo}")),
]
"""Values that fit some key or none."""
PLACES = ["model", "callbacks", "logger", "metrics", "loss", "optimizer", "trainer", "speed", "trainer.max_steps"]
"""Those that most others hang on, which are tried each time."""
SAMPLE = 3  # values of each of them, and as many other places
NAMES = ("model", "data", "network", "loss", "optimizer")
"""Which option was chosen of each: known where Hydra composes, alone."""

Run = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run's folder with a checkpoint of which only the name counts, and its config."""
    folder = tmp_path_factory.mktemp("any") / "run"
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [f"folder={folder}"])
    drop_unchosen(config)
    for name in NAMES:
        OmegaConf.update(config, f"callbacks.hparams.parameters.{name}", "x")
    store({"step": torch.tensor(1)}, folder / "checkpoints" / "00000001.ckpt")
    return folder, OmegaConf.to_container(config, resolve=True)  # type: ignore[return-value]


def places(node: Any, above: str = "") -> Iterator[str]:
    """The path of everything below."""
    for name, value in node.items() if isinstance(node, dict) else ():
        yield f"{above}{name}"
        yield from places(value, f"{above}{name}.")


def check(run: Run, place: str, value: Any) -> None:
    """What stands at a place is another value: a UsageError at most, and only the config is looked at."""
    folder, config = run
    changed = copy.deepcopy(config)
    *above, name = place.split(".")
    node = changed
    for part in above:
        node = node[part]
    node[name] = value
    (folder / "config.yaml").write_text(yaml.dump(changed, Dumper=yaml.CSafeDumper))
    try:
        resumption([f"resume={folder}", "trainer.max_steps=9"])
    except UsageError as error:
        assert len(str(error).splitlines()) == 1
    except Exception as error:
        raise AssertionError(f"{place}: {value!r} raises {error!r}") from error


@pytest.mark.parametrize("place", PLACES)
def test_a_damaged_config_is_one_line(run: Run, place: str) -> None:
    dealer = random.Random(place)
    for value in ("${foo}", [], *dealer.sample(VALUES, SAMPLE)):
        check(run, place, value)
    for other in dealer.sample(list(places(run[1])), SAMPLE):
        check(run, other, dealer.choice(VALUES))


@pytest.mark.slow
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_any_value_at_any_place_is_one_line(run: Run, value: Any) -> None:
    for place in places(run[1]):
        check(run, place, value)
