"""Hydra's own part of a config, checked as soon as it is composed: Hydra makes objects of it before a run begins.

Its callbacks, its launcher and its sweeper are instantiated, and its two logging sections go to `logging.config`, which
calls what they name. Nothing in them may name anything else than what Hydra, its plugins and this package ship.
"""

import copy
from collections.abc import Iterator
from typing import Any, final

from hydra._internal import hydra as hydras
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from gan_lightning import schema
from gan_lightning.errors import UsageError
from gan_lightning.reading import read_once
from gan_lightning.targets import check_written_out

_PLUGINS: dict[str, Any] = {"launcher": Launcher, "sweeper": Sweeper}
_LOGGING = ("hydra_logging", "job_logging")
_CALLED = ("class", "()")
"""Keys of `logging.config` whose values are called."""
_LOGGERS = {
    *("logging.StreamHandler", "logging.FileHandler", "logging.NullHandler", "logging.Formatter"),
    "colorlog.ColoredFormatter",
}
_STREAMS = ("ext://sys.stdout", "ext://sys.stderr")
_FETCHED = ("ext://", "cfg://")
"""What `logging.config` takes a value from elsewhere by."""


@final
class SharedSources(ConfigRepository):
    """Where configs come from. Hydra copies it each time that it composes or lists, with every config of its own.

    A copy has its own list of sources, which is all that changes in it: what a source gives away it copies itself.
    """

    def initialize_sources(self, config_search_path: ConfigSearchPath) -> None:
        """Hydra's, of which files are read once."""
        super().initialize_sources(config_search_path)
        self.sources = read_once(self.sources)

    def __deepcopy__(self, memo: dict[int, Any]) -> "SharedSources":
        copied = copy.copy(self)
        copied.sources = list(self.sources)
        return copied


@final
class CheckedLoader(ConfigLoaderImpl):
    """Composes as Hydra does, for runs, for sweeps and for each of their jobs, and refuses what must not be called."""

    def __init__(self, config_search_path: ConfigSearchPath) -> None:
        super().__init__(config_search_path)
        self.repository = SharedSources(config_search_path)

    def load_configuration(self, config_name: str | None, *args: Any, **kwargs: Any) -> DictConfig:
        """Raises UsageError besides what Hydra raises."""
        config = super().load_configuration(config_name, *args, **kwargs)
        check_hydra(config.hydra)
        if config_name is not None:  # none: Hydra's own help
            _check_callbacks_are_there(config.hydra)
        return config


def check_all_compositions() -> None:
    """Have whatever is composed in this process checked; Hydra lets nobody choose the loader."""
    hydras.ConfigLoaderImpl = CheckedLoader  # type: ignore[misc]


def check_hydra(settings: DictConfig) -> None:
    """Refuse a composed part `hydra` that would have anything called but what Hydra, its plugins or this package ship.

    Raises:
        UsageError: with the key and the value.
    """
    for path, target in _targets(settings.get("callbacks"), "hydra.callbacks"):
        if target not in schema.hydra_callbacks().values():
            raise _refused(path, target)
    for name, kind in _PLUGINS.items():
        _check_plugin(settings, name, kind)
    for name in _LOGGING:
        for path, key, value in _leaves(settings.get(name), f"hydra.{name}"):
            _check_logging(path, key, value)


def _check_callbacks_are_there(settings: DictConfig) -> None:
    """What checks a config before a run must neither be taken away nor be joined by others."""
    found = OmegaConf.to_container(settings.get("callbacks") or OmegaConf.create({}), resolve=False)
    if found != {name: {"_target_": target} for name, target in schema.hydra_callbacks().items()}:
        raise UsageError("hydra.callbacks are the program's own: leave them alone; those of a run are in callbacks")


def _check_plugin(settings: DictConfig, name: str, kind: Any) -> None:
    known = {f"{plugin.__module__}.{plugin.__qualname__}" for plugin in Plugins.instance().discover(kind)}
    place = f"hydra.{name}"
    found = list(_targets(settings.get(name), place))
    for path, target in found:
        if path != f"{place}._target_" or target not in known:
            raise _refused(path, target)
    if not found:
        raise UsageError(f"{place} describes nothing: write hydra/{name}=basic")


def _check_logging(path: str, key: str, value: Any) -> None:
    if key == "mode" and value != "a":
        raise UsageError(f"{path}={value} is refused: what a log file holds is kept: leave mode out")
    if key in _CALLED and value not in _LOGGERS:
        raise UsageError(f"{path}={value} is refused: logging is done with {', '.join(sorted(_LOGGERS))}")
    if isinstance(value, str) and value.startswith(_FETCHED) and value not in _STREAMS:
        raise UsageError(f"{path}={value} is refused: it is one of {', '.join(_STREAMS)}")


def _refused(path: str, target: str) -> UsageError:
    return UsageError(f"{path}={target} is refused: it is set to what Hydra, its plugins or this program ship")


def _targets(node: Any, path: str) -> Iterator[tuple[str, str]]:
    return ((where, str(value)) for where, key, value in _leaves(node, path) if key == "_target_")


def _leaves(node: Any, path: str, above: str = "") -> Iterator[tuple[str, str, Any]]:
    """Path, key and value of everything in a node, with what it refers to in the place of the reference.

    The key of what stands in a list is the list's, `above`.
    """
    if isinstance(node, DictConfig | ListConfig) and not (node._is_missing() or node._is_none()):
        keys = list(node) if isinstance(node, DictConfig) else range(len(node))
        for key in keys:
            name = str(key) if isinstance(node, DictConfig) else above
            value = None if OmegaConf.is_missing(node, key) else _value(node, key, f"{path}.{key!s}")
            if isinstance(value, DictConfig | ListConfig):
                yield from _leaves(value, f"{path}.{key!s}", name)
            else:
                yield f"{path}.{key!s}", name, value


def _value(node: Any, key: Any, path: str) -> Any:
    """A value; text that can be known in a run alone stays as it is written, for it will be text then too."""
    written = str(node._get_node(key)._value())
    if "\\$" in written:
        raise UsageError(f"{path}={written} is refused: it would be a reference where Hydra resolves it again")
    try:
        value = node[key]
    except OmegaConfBaseException as error:
        if _is_one_reference(written):  # it could come to be anything
            raise UsageError(f"{path}={written} can't be resolved here: write what it stands for") from error
        return written
    if isinstance(value, str):
        check_written_out(value)
    return value


def _is_one_reference(written: str) -> bool:
    """Whether nothing stands before or behind the `${...}`: only then can its value be anything but text."""
    if not written.startswith("${"):
        return False
    depth = 0
    for position, character in enumerate(written):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0 and position > 0:
            return position == len(written) - 1
    return True
