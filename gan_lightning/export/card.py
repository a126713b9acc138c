"""The model card of an exported generator: what it is, how to use it, how good it is, and by which protocol."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_lightning.export.formats import Format
from gan_lightning.priors import Prior

UNKNOWN = "unknown"
"""A licence that nobody stated, as model hubs call it."""


@dataclass(frozen=True)
class Facts:
    """What a card says."""

    title: str
    about: Mapping[str, str]
    """Rows of its first table."""
    prior: Prior
    """Of its latents."""
    shape: tuple[int, ...]
    units: str
    """What the numbers of a sample mean."""
    records: Sequence[Mapping[str, Any]]
    """Of this generator at this iteration, as in metrics.jsonl."""
    difference: float
    """From the original, the largest over the samples compared."""
    compared: int
    licence: str


def card(facts: Facts, form: Format) -> str:
    """The card as Markdown, with the head that model hubs read."""
    shape = " x ".join(map(str, facts.shape))
    lines = [
        *("---", f"license: {json.dumps(facts.licence)}", "library_name: gan_lightning", "tags: [gan]", "---", ""),
        *(f"# {facts.title}", "", "| | |", "| --- | --- |"),
        *(f"| {name} | {_cell(value)} |" for name, value in facts.about.items()),
        *("", "## Use", ""),
        f"Latents (N, {facts.prior.dim}) are {facts.prior.words}; samples are float32, (N, {shape}): {facts.units}.",
        *("", "```python", form.usage.format(latents=facts.prior.python).rstrip(), "```", ""),
        f"`{form.file}` was compared with the original on {facts.compared} samples: the largest difference is "
        f"{facts.difference:.2g}.",
        *("", "## Figures", "", *_figures(facts.records), ""),
        *(
            "## Limits",
            "",
            "Samples have the faults and gaps of the data, and may repeat training samples; an authenticity",
        ),
        "share tells how many are suspiciously near to one. A figure says nothing beyond its protocol.",
        *("", "## Licence", "", f"{_licence(facts.licence)} The data's own terms hold beside it.", ""),
    ]
    return "\n".join(lines)


def _licence(name: str) -> str:
    return f"{name}." if name != UNKNOWN else "Whoever exported this did not state one (`export --license NAME`)."


def _figures(records: Sequence[Mapping[str, Any]]) -> list[str]:
    if not records:
        return ["None was measured at this iteration: `python -m gan_lightning evaluate RUN` does."]
    rows = [
        f"| `{record['name']}` | {_value(record['value'], record['spread'])} | {_value(record['floor'], None)} | "
        f"{record['n']} | {record['n_reference'] or ''} | {_cell(record['data'])} | {record['extractor'] or ''} |"
        for record in records
    ]
    return [
        "The floor is the same figure of as many real samples; ± is the deviation over draws.",
        "",
        *("| figure | value | floor | n | n real | data | extractor |", "| --- " * 7 + "|", *rows),
    ]


def _value(value: float | None, spread: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" + ("" if spread is None else f" ± {spread:.2g}")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
