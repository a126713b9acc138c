"""What a run leaves beside its pictures: its config, and its figures in the terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gan_lightning.files import replace_text
from gan_lightning.metrics.records import read


def save_config(config: DictConfig, folder: Path) -> Path:
    """Write the resolved config into the run's folder, as what the run can be repeated from."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    replace_text(path, OmegaConf.to_yaml(config, resolve=True))
    return path


def report(folder: Path, iterations: int, seconds: float) -> str:
    """The last figures as a table, generators beside the floor, and where everything is."""
    first = f"{iterations} iterations in {seconds:.0f} s; everything is in {folder}"
    records = read(folder / "metrics.jsonl")
    last = [record for record in records if record["step"] == records[-1]["step"]]
    return "\n".join([first, *table(last)])


def table(records: Sequence[dict[str, Any]]) -> list[str]:
    """Lines of a table of records, as `metrics.jsonl` holds them: a row a figure, a column a generator, the floor."""
    if not records:
        return []
    columns = list(dict.fromkeys(record["weights"] for record in records))
    rows: dict[str, dict[str, Any]] = {}
    for record in records:
        rows.setdefault(record["name"], {})[record["weights"]] = record
    width = max(30, 2 + max(map(len, rows)))
    repeats = max(record["repeats"] for record in records)
    title = f"mean ± deviation of {repeats}" if repeats > 1 else ""
    lines = [f"{title:<{width}}" + "".join(f"{name:>22}" for name in [*columns, "floor"])]
    for name, row in rows.items():
        floor = next(iter(row.values()))
        cells = [_cell(row[column]["value"], row[column]["spread"]) if column in row else "" for column in columns]
        short = floor["floor_n"] is not None and floor["floor_n"] < floor["n"]
        cells.append("" if floor["floor"] is None else _number(floor["floor"]) + (f" (n {floor['floor_n']})" * short))
        lines.append(f"{name:<{width}}" + "".join(f"{cell:>22}" for cell in cells))
    return lines


def _cell(value: float | None, spread: float | None) -> str:
    if value is None:
        return "diverged"
    return _number(value) + (f" ± {spread:.2g}" if spread is not None else "")


def _number(value: float) -> str:
    return f"{value:.4g}"
