"""`explain`: every variant's page, and the list of them."""

import sys

import pytest

from gan_lightning import app
from gan_lightning.variants import card, names


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "argv", ["gan_lightning", "explain", *arguments])
    return app.main()


@pytest.mark.parametrize("variant", names())
def test_a_variant_has_a_page(
    variant: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, variant) == 0
    out = capsys.readouterr().out
    assert card(variant).title in " ".join(out.split())
    assert f"model/{variant}.yaml" in out and f"python -m gan_lightning model={variant} data=mnist" in out


def test_without_a_name_all_variants_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == names()
