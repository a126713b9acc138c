"""What a shell may put where the cursor is."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lightning.completion import candidates
from gan_lightning.schema import options
from gan_lightning.verbs.app import VERBS

CHECKOUT = Path(__file__).resolve().parent.parent


def test_the_first_word_is_a_verb_a_group_or_a_key():
    found = candidates("")
    assert {*VERBS, "model=", "data.batch_size=", "trainer.max_steps="} <= set(found)
    assert found == sorted(found) and len(found) == len(set(found))
    assert not {"model.loss=", "model.seed="} & set(found)  # they pass on what stands elsewhere
    assert candidates("sam") == ["sample", "samples="]


def test_behind_overrides_there_are_no_verbs():
    assert candidates("data=mnist sam") == ["samples="]
    assert candidates("-m model=") == [f"model={option}" for option in options("model")]
    assert candidates("data.root=") == []  # files are the shell's own affair


def test_a_verb_has_its_own_flags():
    assert candidates("sample --tr") == ["--truncation"]
    assert candidates("sample la") == ["last"]
    assert "--mode" in candidates("interpolate last --")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gan-lightning model=wg", "wgan wgan_gp"),
        ("gan-lightning data=mnist penalty.gradient.w", "penalty.gradient.weight="),
    ],
)
def test_bash_completes_with_it(line: str, expected: str, tmp_path: Path):
    command = tmp_path / "gan-lightning"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m gan_lightning "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    told = 'COMP_LINE="$1"; COMP_POINT=${#1}; _gan_lightning; echo "${COMPREPLY[*]}"'
    script = f'eval "$(gan-lightning completion bash)"; {told}'
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        ["bash", "-c", script, "bash", line], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == expected
