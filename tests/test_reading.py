"""Config files by libyaml: what they say is what Hydra's own source reads in them."""

from pathlib import Path

import pytest
import yaml
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.errors import HydraException
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader

from gan_lightning import reading
from gan_lightning.reading import ParsedFiles, parsed
from gan_lightning.schema import CONF

FILES = sorted(str(path.relative_to(CONF)) for path in CONF.rglob("*.yaml"))
ODD = {
    "numbers": "a: [1e3, 1_000, 0x1f, .5, 1., -.inf, .nan, 1e-4, 010, 1:30]\n",
    "texts": "a: [yes, no, on, ~, null, 2020-01-01, 'it''s', \"\\u00e9\", é, 1.2.3]\n",
    "blocks": "b: |\n  two\n  lines\nc: >-\n  as\n  one\n",
    "references": "a: ${b}\nb: ${oc.env:HOME,none}\nc: ['${a}', '${.b}']\n",
    "paths": "a: !!python/object/apply:pathlib.PosixPath [a, b]\n",
    "anchors": "a: &a {b: 1}\nc: {<<: *a, d: 2}\n",
    "a header": "# @package _global_\na: 1\n",
    "nothing": "",
    "a comment": "# nothing\n",
    "a text": "a\n",
}
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=10,
)


def both(folder: Path, name: str) -> tuple[object, object]:
    """What this source and Hydra's own make of a file."""
    results = [source("test", str(folder)).load_config(name) for source in (ParsedFiles, FileConfigSource)]
    ours, theirs = ((OmegaConf.to_yaml(found.config), found.header, found.path, found.provider) for found in results)
    return ours, theirs


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_file_reads_as_before(name: str) -> None:
    ours, theirs = both(CONF, name)
    assert ours == theirs


@pytest.mark.parametrize("name", ODD)
def test_odd_ones_do(name: str, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(ODD[name], encoding="utf-8")
    ours, theirs = both(tmp_path, "odd")
    assert ours == theirs


@given(PLAIN)
def test_anything_that_can_be_written_does(value: object) -> None:
    text = yaml.safe_dump({"value": value}, allow_unicode=True)
    assert parsed(text) == yaml.load(text, Loader=get_yaml_loader())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a: [1\n", "expected ',' or ']'"),
        (b"a: 1\na: 2\n", "found duplicate key a"),
        (b"a: 1\n\tb: 2\n", "cannot start any token"),
        (b"a: \xff\n", "'utf-8' codec can't decode byte 0xff"),
        (b"3\n", "Invalid loaded object type: int"),
    ],
)
def test_what_cant_be_read_is_told_as_hydra_tells_it(text: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_bytes(text)
    said = []
    for source in (ParsedFiles, FileConfigSource):
        with pytest.raises((yaml.YAMLError, UnicodeError, OSError)) as caught:
            source("test", str(tmp_path)).load_config("wrong")
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1] and told in said[0][1]


def test_a_file_that_is_not_there_is_hydras_to_miss(tmp_path: Path) -> None:
    with pytest.raises(HydraException, match="Config not found"):
        ParsedFiles("test", str(tmp_path)).load_config("nothing")


def test_a_file_that_was_changed_is_read_again_and_what_was_read_is_nobodys(tmp_path: Path) -> None:
    source = ParsedFiles("test", str(tmp_path))
    path = tmp_path / "file.yaml"
    path.write_text("a: {b: 1}")
    first = source.load_config("file").config
    first.a.b = 2
    assert source.load_config("file").config.a.b == 1
    path.write_text("a: {b: 3}")
    assert source.load_config("file").config.a.b == 3


def test_without_libyaml_it_is_pyyamls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    loader = reading._loader.__wrapped__()
    assert issubclass(loader, yaml.parser.Parser) and yaml.load("a: 1e3", Loader=loader) == {"a": 1000.0}


def test_with_it_its_is_the_parser() -> None:
    assert yaml.__with_libyaml__ and issubclass(reading._loader(), yaml.cyaml.CParser)
