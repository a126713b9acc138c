"""Paths as a shell completes them."""

from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from gan_lightning.paths import quoted


def test_a_jobs_checkpoint_can_be_named_as_it_is(tmp_path: Path) -> None:
    checkpoint = tmp_path / "0_lr=1e-4,n_critic=5" / "it's last.ckpt"
    checkpoint.parent.mkdir()
    checkpoint.touch()
    (parsed,) = OverridesParser.create().parse_overrides([quoted(f"ckpt_path={checkpoint}")])
    assert (parsed.key_or_group, parsed.value()) == ("ckpt_path", str(checkpoint))


@pytest.mark.parametrize(
    "argument", ["ckpt_path=a=b,c", "ckpt_path='a=b'", "model.n_critic=1,5", "-m", "data.root=.", "sweep=lr_n_critic"]
)
def test_everything_else_stays_as_it_is_written(argument: str) -> None:
    assert quoted(argument) == argument
