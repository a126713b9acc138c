"""The README's commands and pictures exist."""

import re
import shlex
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from gan_lightning.validation import validate

CHECKOUT = Path(__file__).resolve().parent.parent
README = (CHECKOUT / "README.md").read_text()
COMMANDS = re.findall(r"^python -m gan_lightning ?(.*?)(?:\s+#.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_command_of_the_readme_composes(arguments: str, picture_folder: Path) -> None:
    words = [word for word in shlex.split(arguments) if word not in ("-m", "--help")]
    single = [re.sub(r"=([^\[\]]*?),.*", r"=\1", word) for word in words]  # a sweep's first job
    single = [re.sub(r"=range\((\d+)\)", "=0", word) for word in single]
    single = [word.replace("FOLDER", str(picture_folder)) for word in single if not word.startswith("ckpt_path")]
    with initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        validate(compose("config", ["folder=unused", *single]))


def test_the_readme_has_commands() -> None:
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_what_the_readme_links_to_is_there(target: str) -> None:
    assert (CHECKOUT / target).exists()


@pytest.mark.parametrize("target", re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
def test_make_targets_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
