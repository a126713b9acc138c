"""`explain`: every variant's page, and the list of them."""

from collections.abc import Callable

import pytest

from gan_lightning.variants import card, fitting_data, names

Call = Callable[..., tuple[int, list[str], list[str]]]


@pytest.mark.parametrize("variant", names())
def test_a_variant_has_a_page(variant: str, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    code, out, _ = call("explain", variant)
    text = " ".join(" ".join(out).split())
    assert code == 0 and card(variant).title in text
    data = fitting_data(variant)
    assert f"model/{variant}.yaml" in text and f"python -m gan_lightning model={variant} data={data}" in text


def test_without_a_name_all_variants_are_listed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    code, out, _ = call("explain")
    assert code == 0 and [line.split()[0] for line in out] == names()
