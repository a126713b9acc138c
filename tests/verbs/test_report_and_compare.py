"""`report` and `compare`."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

_spec = importlib.util.spec_from_file_location("synthetic_sweeps", Path(__file__).parents[1] / "sweeps" / "conftest.py")
assert _spec is not None and _spec.loader is not None
_sweeps = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_sweeps)
sweep, job = _sweeps.sweep, _sweeps.job  # fixtures

Call = Callable[..., tuple[int, list[str], list[str]]]


def test_report_writes_what_was_lost_again(call: Call, sweep: Path, job: Callable[..., Path]) -> None:
    job(0, 0.4, n_critic=1)
    code, out, _ = call("report", sweep)
    assert code == 0 and any("0.4" in line for line in out)
    before = (sweep / "results.csv").read_bytes()
    (sweep / "results.csv").unlink()
    assert call("report", sweep)[0] == 0
    assert (sweep / "results.csv").read_bytes() == before


def test_runs_given_by_hand_are_told_by_what_their_configs_differ_in(
    call: Call, sweep: Path, job: Callable[..., Path], tmp_path: Path
) -> None:
    folders = [job(number, 0.3 + number / 10, n_critic=n) for number, n in enumerate((1, 5))]
    loose = [shutil.copytree(folder, tmp_path / f"run{number}") for number, folder in enumerate(folders)]
    code, out, _ = call("compare", *loose, "--out", tmp_path / "out")
    assert code == 0
    assert any("| 5 | 0.4 | best |" in line for line in out)
    assert (tmp_path / "out" / "report.html").is_file() and (tmp_path / "out" / "samples.png").is_file()
    assert call("compare", *loose, "--out", tmp_path / "out")[0] == 0  # an earlier comparison's folder


def test_mistakes_are_one_line_and_write_nothing(
    call: Call, sweep: Path, job: Callable[..., Path], tmp_path: Path
) -> None:
    first, second = job(0, 0.4, n_critic=1), job(1, 0.5, n_critic=5)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    commands: dict[str, tuple[str | Path, ...]] = {
        "there is no such folder": ("report", tmp_path / "nowhere"),
        "is no sweep's folder": ("report", tmp_path / "mine"),
        "is no run's folder": ("compare", first, tmp_path / "mine"),
        "name two runs or more": ("compare", first, first),
        "is not empty": ("compare", first, second, "--out", tmp_path / "mine"),
        "no run has it at its end": ("compare", first, second, "--objective", "fid", "--out", tmp_path / "out"),
        "can't be written to": ("compare", first, second, "--out", "/proc/nothing"),
    }
    before = sorted(tmp_path.rglob("*"))
    for fragment, arguments in commands.items():
        code, out, err = call(*arguments)
        assert code == 2 and out == []
        assert len(err) == 1 and fragment in err[0], err
    assert sorted(tmp_path.rglob("*")) == before
