"""`resume=RUN`: a run goes on in its own folder, by its own config, from its newest whole checkpoint.

Hydra has no part in it, for nothing is composed: the folder's config.yaml is taken, what the command line says is set
in it, and it is checked like any other. Imports no torch.
"""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from gan_lightning import schema
from gan_lightning.arguments import RESUME, all_asked
from gan_lightning.errors import UsageError
from gan_lightning.paths import quoted
from gan_lightning.runs.intact import check_intact, check_table
from gan_lightning.runs.lock import alone
from gan_lightning.runs.run import CONFIG, LAST, Run, find_run
from gan_lightning.runs.sidecar import flaw
from gan_lightning.runs.status import COMPLETE, Status, begun, read_status
from gan_lightning.runs.whole import iteration, numbered
from gan_lightning.started import rank
from gan_lightning.validation import validate
from gan_lightning.values import standing

_KEY = f"{RESUME}="
_OWN = ("ckpt_path", "folder", "hydra")
"""Keys whose values follow from the run."""


def resumption(arguments: Sequence[str]) -> tuple[DictConfig, Status]:
    """The config of a command line with `resume=RUN`, with the checkpoint to go on from, and the status to go on with.

    Raises:
        UsageError: there is no such run, no whole checkpoint in it, nothing left to do, or another mistake.
    """
    runs = all_asked(arguments)
    if len(runs) != 1:
        raise UsageError(f"{_KEY}{runs[0]} {_KEY}{runs[1]}: one run is gone on with at a time: name one")
    folder = _folder(runs[0])
    overrides = [argument for argument in arguments if not argument.startswith(_KEY)]
    check_intact(folder)
    check_table(folder)
    config = Run(folder, folder).config
    _relocate(config, folder)
    config.folder = str(folder)
    if standing(config, "trainer.max_time") is not None:
        config.trainer.max_time = None  # it has been that of one start
    for override in _parsed(overrides):
        _apply(config, override)
    config.ckpt_path = None
    validate(config)
    with alone(folder) if rank() == 0 else nullcontext():
        before = read_status(folder)
    config.ckpt_path = str(_checkpoint(folder, config, before is not None and before.state in COMPLETE))
    step = iteration(Path(config.ckpt_path))
    if OmegaConf.select(config, "logger.tensorboard") is not None:
        config.logger.tensorboard.purge_step = step + 1 if step else 0  # at the start all is logged again
    return config, _status(before, overrides)


def _folder(reference: str) -> Path:
    if reference == LAST and not Path(reference).exists():
        return find_run(LAST).folder.absolute()
    folder = Path(reference).expanduser().absolute()
    if not reference or not folder.is_dir():
        raise UsageError(f"resume={reference}: there is no such folder; name a run's folder, or last")
    if not (folder / CONFIG).is_file():
        raise UsageError(f"resume={reference}: no run, for it has no {CONFIG}; name a run's folder, or last")
    return folder


def _relocate(config: DictConfig, folder: Path) -> None:
    """A folder may have been moved since: what lies in it is found where it is now."""
    old, new = str(_seen(config, "folder") or folder), str(folder)
    if old != new:
        for key, value in _strings(OmegaConf.to_container(config, resolve=False)):
            if value == old or value.startswith(f"{old}/"):
                OmegaConf.update(config, key, new + value.removeprefix(old))


def _strings(node: Any, prefix: str = "") -> list[tuple[str, str]]:
    if isinstance(node, dict):
        return [found for name, value in node.items() for found in _strings(value, f"{prefix}.{name}".lstrip("."))]
    return [(prefix, node)] if isinstance(node, str) else []


def _parsed(overrides: Sequence[str]) -> list[Override]:
    for word in overrides:
        if word.startswith("-"):
            raise UsageError(f"{word}: resume= goes on with one run and takes no flags; sweep.resume= is for sweeps")
    parsed = OverridesParser.create().parse_overrides([quoted(word) for word in overrides])
    for override in parsed:
        if override.is_delete() or override.is_sweep_override():
            raise UsageError(f"{override.input_line}: behind resume= write KEY=VALUE, a single value")
        if override.key_or_group.split(".")[0] in _OWN:
            raise UsageError(f"{override.input_line}: resume= takes the run's own: remove it")
    return parsed


def _apply(config: DictConfig, override: Override) -> None:
    """Set a value, and everything that the config folder says is the same, unless the run had it otherwise."""
    key, value = override.key_or_group, override.value()
    if not override.is_add():
        _check_known(config, key)
    if isinstance(_seen(config, key), DictConfig) and not isinstance(value, dict):
        raise UsageError(f"{key}={value}: resume= keeps the run's own parts; set values, as in trainer.max_steps=20000")
    for path in [key, *_followers(config, key)]:
        OmegaConf.update(config, path, value, merge=False, force_add=True)


def _check_known(config: DictConfig, key: str) -> None:
    above, _, name = key.rpartition(".")
    node = standing(config, above) if above else config
    names: set[str] = set()
    if isinstance(node, DictConfig):
        names = {str(known) for known in node} | (schema.names_of(node.get("_target_", ""), above) or set())
    if name not in names:
        close = get_close_matches(name, names, n=1)
        guess = f", did you mean {above}{'.' if above else ''}{close[0]}?" if close else ""
        raise UsageError(f"{key}: no such key in the run's config{guess}")


def _followers(config: DictConfig, key: str) -> list[str]:
    """The paths that refer to `key`, or to a part that it is in, and stand in the run as it does."""
    found: list[str] = []
    for path, source in schema.references():
        if key != source and not key.startswith(f"{source}."):
            continue
        follower = path + key.removeprefix(source)
        if follower not in found and _stands(config, follower, key):
            found += [follower, *(further for further in _followers(config, follower) if further not in found)]
    return found


def _stands(config: DictConfig, path: str, key: str) -> bool:
    """Whether it is there as `key` is, or both are yet to be added."""
    parent = _seen(config, path.rpartition(".")[0])
    if not isinstance(parent, DictConfig):
        return False
    if path.rpartition(".")[2] not in parent:
        above, _, name = key.rpartition(".")
        return name not in ((_seen(config, above) or ()) if above else config)
    return bool(_seen(config, path) == _seen(config, key))


def _seen(config: DictConfig, path: str) -> Any:
    """What stands at a path; None where nothing does, or nothing at what it refers to: a value may be set there."""
    try:
        return standing(config, path)
    except UsageError:
        return None


def _checkpoint(folder: Path, config: DictConfig, complete: bool) -> Path:
    """The newest whole one; behind the last iteration, if what follows training is missing."""
    found = numbered(folder / "checkpoints")
    if not found:
        raise UsageError(f"{folder} has no checkpoint to go on from: train again")
    most = OmegaConf.select(config, "trainer.max_steps", default=-1)
    damaged: list[str] = []
    for path in found:
        wrong = flaw(path)
        if wrong is None:
            _check_left(iteration(path), most, complete)
            for told in damaged:
                print(f"gan_lightning: {told}; going on from {path.name}", file=sys.stderr)
            return path
        damaged.append(f"{path.name}: {wrong}")
    raise UsageError(f"{folder} has no whole checkpoint: {'; '.join(damaged)}; train again")


def _check_left(done: int, most: int, complete: bool) -> None:
    if 0 <= most < done or (most == done and complete):
        raise UsageError(f"there is nothing left to do: the checkpoint has {done} iterations; raise trainer.max_steps")


def _status(before: Status | None, overrides: list[str]) -> Status:
    """Of the whole run: what was asked for first, and now."""
    if before is None:
        return begun(overrides)
    keys = {override.split("=")[0] for override in overrides}
    kept = [override for override in before.overrides if override.split("=")[0] not in keys]
    return replace(begun([*kept, *overrides]), varied=before.varied, trial=before.trial)
