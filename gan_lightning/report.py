"""What a run leaves beside its pictures: its config, and its figures in the terminal."""

import json
from pathlib import Path

from omegaconf import DictConfig, OmegaConf


def save_config(config: DictConfig, folder: Path) -> Path:
    """Write the resolved config into the run's folder, as what the run can be repeated from."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(OmegaConf.to_yaml(config, resolve=True))
    return path


def report(folder: Path, iterations: int, seconds: float) -> str:
    """The last figures as a table, generators beside the floor, and where everything is."""
    lines = [f"{iterations} iterations in {seconds:.0f} s; everything is in {folder}"]
    path = folder / "metrics.jsonl"
    if not path.is_file():
        return lines[0]
    records = [json.loads(line) for line in path.read_text().splitlines()]
    last = [record for record in records if record["step"] == records[-1]["step"]]
    columns = list(dict.fromkeys(record["weights"] for record in last))
    lines.append(f"{'n=' + str(last[0]['n']):<30}" + "".join(f"{name:>12}" for name in [*columns, "floor"]))
    for name in dict.fromkeys(record["name"] for record in last):
        values = {record["weights"]: record["value"] for record in last if record["name"] == name}
        floor = next(record["floor"] for record in last if record["name"] == name)
        lines.append(f"{name:<30}" + "".join(_cell(value) for value in [*(values[c] for c in columns), floor]))
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return f"{'diverged':>12}" if value is None else f"{value:>12.4g}"
