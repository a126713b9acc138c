"""A run's folder and one of its checkpoints, found without importing torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lightning.errors import UsageError
from gan_lightning.runs.complete import complete
from gan_lightning.runs.whole import whole
from gan_lightning.targets import check_place, targets

if TYPE_CHECKING:
    from omegaconf import DictConfig

OUTPUTS = Path("outputs")
"""Where runs are, unless the command line put them elsewhere."""
LAST = "last"
"""Stands for the run in `OUTPUTS` whose checkpoint is the newest."""
CONFIG = "config.yaml"
_NEWEST = Path("checkpoints", "last.ckpt")
_SECTIONS = {"model", "data", "metrics"}


@dataclass(frozen=True)
class Run:
    """A run's folder and one of its checkpoints."""

    folder: Path
    checkpoint: Path

    @cached_property
    def config(self) -> DictConfig:
        """The resolved config that the run was made from, with what later versions have added.

        Raises:
            UsageError: it is missing, damaged, or would have something called that must not be.
        """
        from omegaconf import DictConfig, OmegaConf  # here: the help of many verbs imports this file

        path = self.folder / CONFIG
        try:
            config = OmegaConf.load(path)
            assert isinstance(config, DictConfig)
            plain: Any = OmegaConf.to_container(config, resolve=False)
            assert all(isinstance(plain[section], dict) for section in _SECTIONS)
        except Exception as error:  # YAML's own, OmegaConf's, the operating system's
            raise UsageError(f"{path} can't be read as a run's config: restore the one it was made with") from error
        for target in targets(plain):
            check_place(target)
        complete(plain)
        return OmegaConf.create(plain)

    @property
    def variant(self) -> str:
        """The option of `model=` where the config says it, else the class."""
        return self._chosen("model")

    @property
    def source(self) -> str:
        """The option of `data=` where the config says it, else the class."""
        return self._chosen("data")

    def _chosen(self, group: str) -> str:
        from omegaconf import OmegaConf

        chosen = OmegaConf.select(self.config, f"callbacks.hparams.parameters.{group}")
        return str(chosen or self.config[group]["_target_"].split(".")[-1])


def find_run(reference: str | Path) -> Run:
    """The run of a folder (its last checkpoint), of one of its checkpoints, or the newest, `last`.

    Raises:
        UsageError: there is no such run, or it has no checkpoint.
    """
    if str(reference) == LAST and not Path(reference).exists():
        return _newest()
    path = Path(reference).expanduser()
    if path.is_file():
        return _of_checkpoint(path)
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such file or folder")
    if not (path / CONFIG).is_file():
        raise UsageError(f"{path} is no run, for it has no {CONFIG}: name a run, one of its checkpoints, or last")
    checkpoint = _last_of(path)
    if checkpoint is None:
        raise UsageError(f"{path} has no {_NEWEST}: let the run reach its first checkpoint, or name one")
    return Run(path, checkpoint)


def name_last(config: DictConfig) -> None:
    """Write the file that `ckpt_path=last` stands for into a config. Raises UsageError where there is none."""
    if config.get("ckpt_path") == LAST and not Path(LAST).exists():
        config.ckpt_path = str(find_run(LAST).checkpoint.resolve())


def is_run(folder: Path) -> bool:
    """Whether a folder is a run's: its config.yaml has the sections of one, or can't be told."""
    path = folder / CONFIG
    if not path.is_file():
        return False
    lines = path.read_text(errors="replace").splitlines()
    return not lines or {line.split(":")[0] for line in lines} >= _SECTIONS


def _of_checkpoint(path: Path) -> Run:
    folder = path.absolute().parent.parent
    if path.suffix != ".ckpt" or not (folder / CONFIG).is_file():
        raise UsageError(f"{path} is no checkpoint of a run: name a run, one of its checkpoints/*.ckpt, or last")
    return Run(folder, path)


def _last_of(folder: Path) -> Path | None:
    """`last.ckpt` in a run's folder; where what it points to is gone, the newest whole checkpoint, if there is one."""
    path = folder / _NEWEST
    return path if path.is_file() else next(whole(path.parent), None)


def _newest() -> Run:
    folders = {path.parent.parent for path in OUTPUTS.rglob(str(_NEWEST.with_name("*.ckpt")))}
    checkpoints = [path for path in map(_last_of, filter(is_run, folders)) if path is not None]
    if not checkpoints:
        raise UsageError(f"there is no run with a checkpoint in {OUTPUTS}/: train one, or name its folder")
    newest = max(checkpoints, key=lambda path: path.stat().st_mtime)
    return Run(newest.parent.parent, newest)
