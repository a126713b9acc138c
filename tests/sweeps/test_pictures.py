"""Heat maps, curves and the sheet of samples."""

import io
import json
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from gan_lightning.sweeps.curves import curve_pictures
from gan_lightning.sweeps.heat_map import heat_maps
from gan_lightning.sweeps.result import sweep_result
from gan_lightning.sweeps.sheet import contact_sheet, thumbnail
from gan_lightning.sweeps.write import write_sweep


def test_there_is_a_heat_map_for_every_pair_of_swept_numbers(sweep: Path, job: Callable[..., Path]) -> None:
    number = 0
    for lr in (1e-4, 1e-3):
        for n_critic in (1, 5):
            for width in (8, 16):
                job(number, 0.1 * number, lr=lr, n_critic=n_critic, width=width, model="gan", seed=0)
                number += 1
    names = [name for name, _ in heat_maps(sweep_result(sweep))]
    assert names == ["heat_map_lr_n_critic.png", "heat_map_lr_width.png", "heat_map_n_critic_width.png"]


def test_a_heat_map_is_drawn_though_runs_failed_or_are_missing(sweep: Path, job: Callable[..., Path]) -> None:
    job(0, None, "failed", "no", lr=1e-4, n_critic=1)
    job(1, 0.5, lr=1e-3, n_critic=5)
    ((_, png),) = heat_maps(sweep_result(sweep))
    assert Image.open(io.BytesIO(png)).format == "PNG"


def test_values_that_are_no_numbers_and_one_value_alone_make_no_map(sweep: Path, job: Callable[..., Path]) -> None:
    job(0, 0.4, lr=1e-4, n_critic=1, norm="none")
    job(1, 0.5, lr=1e-3, n_critic=1, norm="batch")
    assert list(heat_maps(sweep_result(sweep))) == []


def test_curves_are_drawn_against_iterations_and_against_seconds(sweep: Path, job: Callable[..., Path]) -> None:
    assert curve_pictures(sweep_result(sweep)) == {}
    job(0, 0.4, lr=1e-4)
    assert list(curve_pictures(sweep_result(sweep))) == ["curves_iterations.png", "curves_seconds.png"]


def test_a_curve_has_one_protocol_only(sweep: Path, job: Callable[..., Path]) -> None:
    """Cheap figures on the way and a full one at the end are no curve together: sample size moves them."""
    folder = job(0, 0.4, lr=1e-4)
    with (folder / "metrics.jsonl").open("a") as file:
        full = {"name": "share10k", "weights": "ema", "value": 0.7, "step": 200, "spread": None, "repeats": 1}
        file.write(json.dumps(full | {"floor": None, "floor_n": None, "n": 1}) + "\n")
        file.write('{"name": "share10k", "wei')  # killed while it was written
    (row,) = sweep_result(sweep).rows
    curve = row.curve("ema/share10k")
    assert [(point.step, point.value) for point in curve.points] == [(0, 0.1), (100, 0.5), (200, 0.4)]
    result = sweep_result(sweep)
    assert curve.name == "ema/share2500" and result.curve == curve
    assert result.figures == ["ema/share2500", "ema/share10k", "raw/share2500", "ema/w2_1k"]  # of a kind, the full one


def test_the_sheet_has_a_tile_a_setting(sweep: Path, job: Callable[..., Path]) -> None:
    assert contact_sheet(sweep_result(sweep)) is None
    for seed in (0, 1):
        for n_critic in (1, 2, 5, 7):
            job(n_critic * 10 + seed, 0.5, n_critic=n_critic, seed=seed)
    sheet = contact_sheet(sweep_result(sweep))
    assert sheet is not None
    assert Image.open(io.BytesIO(sheet)).size == (3 * 256 + 16, 2 * (240 + 34 + 16) + 16)


def test_small_images_stay_sharp_and_large_ones_become_small(tmp_path: Path) -> None:
    Image.new("RGB", (32, 16)).save(tmp_path / "small.png")
    Image.new("RGB", (900, 600)).save(tmp_path / "large.png")
    assert Image.open(io.BytesIO(thumbnail(tmp_path / "small.png", 300))).size == (300, 150)
    assert Image.open(io.BytesIO(thumbnail(tmp_path / "large.png", 300))).size == (300, 200)


def test_everything_is_written_into_the_sweeps_folder(sweep: Path, job: Callable[..., Path]) -> None:
    for number, (lr, n_critic) in enumerate([(1e-4, 1), (1e-3, 5)]):
        job(number, 0.4, lr=lr, n_critic=n_critic)
    assert write_sweep(sweep) == sweep / "report.html"
    files = {path.name for path in sweep.iterdir() if path.is_file()}
    tables = {"results.csv", "results.md", "report.html", "samples.png"}
    assert files == tables | {"curves_iterations.png", "curves_seconds.png", "heat_map_lr_n_critic.png", "sweep.json"}
