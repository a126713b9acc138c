"""Which command lines are a verb's, and what a verb's mistakes look like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lightning import app
from gan_lightning.app import names_a_verb
from gan_lightning.verbs.app import VERBS

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of a command line, in this process."""
    monkeypatch.setattr(sys, "argv", ["gan_lightning", *arguments])
    return app.main()


@pytest.mark.parametrize("argument", ["classifier", "evaluate", "nothing"])
def test_a_plain_word_names_a_verb(argument: str) -> None:
    assert names_a_verb(argument)


@pytest.mark.parametrize(
    "argument", ["model=gan", "=3", "-m", "--help", "--cfg", "+nothing=1", "++seed=1", "~metrics", ""]
)
def test_everything_else_is_for_hydra(argument: str) -> None:
    assert not names_a_verb(argument)


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["nothing"], ["nothing: no such verb;", *VERBS]),
        (["clasifier", "mnist"], ["clasifier: no such verb, did you mean classifier?", *VERBS]),
        (["classifier"], ["NAME", "--help"]),
        (["classifier", "mnst"], ["mnst", "mnist"]),
        (["classifier", "mnist", "--epochs", "0"], ["--epochs"]),
        (["classifier", "mnist", "--epoch", "1"], ["--epoch"]),
        (["classifier", "mnist", "more"], ["more"]),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], fragments: list[str]
) -> None:
    assert call(monkeypatch, *arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and err.startswith("gan_lightning: ")
    assert all(fragment in err for fragment in fragments), err


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_help(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    assert call(monkeypatch, verb, "--help") == 0
    assert f"Usage: python -m gan_lightning {verb}" in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_the_main_entry_mentions_the_verb(verb: str) -> None:
    assert f"\n    {verb} " in (CHECKOUT / "conf" / "hydra" / "help" / "gan_lightning.yaml").read_text()


@pytest.mark.parametrize(
    "arguments", [["classifier", "--help"], ["classifier", "mnst"], ["nothing"], ["invert", "nowhere", "0,0"]]
)
def test_help_and_mistakes_of_a_verb_do_not_import_torch(tmp_path: Path, arguments: list[str]) -> None:
    code = "import sys; from gan_lightning.app import main; main(); sys.exit('torch' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=tmp_path, env=environment, timeout=60)
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []
