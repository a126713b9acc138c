"""Config files as Hydra reads them, but by libyaml, and each text once in a process.

A command composes its config of some twenty files, a run twice, and a sweep again for each job: reading them as YAML,
in Python, is a third of that.
"""

import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, final

import yaml
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader


def read_once(sources: list[ConfigSource]) -> list[ConfigSource]:
    """The sources, of which folders of config files are read by `ParsedFiles`."""
    return [ParsedFiles(each.provider, each.path) if each.scheme() == "file" else each for each in sources]


@final
class ParsedFiles(FileConfigSource):
    """A folder of config files. What isn't a mapping or a list, or no YAML, is left to Hydra, and to its messages."""

    def load_config(self, config_path: str) -> ConfigResult:
        """The config in a file, as Hydra's own source has it."""
        path = Path(os.path.realpath(os.path.join(self.path, self._normalize_file_name(config_path))))
        try:
            text = path.read_text(encoding="utf-8")
            found = parsed(text)
        except (OSError, UnicodeError, yaml.YAMLError):
            return super().load_config(config_path)
        if not isinstance(found, dict | list):
            return super().load_config(config_path)
        return ConfigResult(
            config=OmegaConf.create(found),
            path=f"{self.scheme()}://{self.path}",
            provider=self.provider,
            header=self._get_header_dict(text[:512]),
        )


@lru_cache(maxsize=512)
def parsed(text: str) -> Any:
    """What a text says, by OmegaConf's rules: shared, so not to be changed.

    Raises:
        yaml.YAMLError: it is no YAML, or has a key twice.
    """
    return yaml.load(text, Loader=_loader())  # OmegaConf's, which is safe


@cache
def _loader() -> Any:
    """OmegaConf's loader with libyaml's parser in the place of PyYAML's, where PyYAML came with it."""
    rules = get_yaml_loader()
    if not yaml.__with_libyaml__:
        return rules

    class Loader(yaml.cyaml.CParser, rules):  # type: ignore[misc, valid-type]
        def __init__(self, stream: str) -> None:
            yaml.cyaml.CParser.__init__(self, stream)
            yaml.constructor.SafeConstructor.__init__(self)
            yaml.resolver.Resolver.__init__(self)

    return Loader
