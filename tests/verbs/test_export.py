"""`export`, as it is used."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gan_lightning import noise
from gan_lightning.export import export as exporting
from gan_lightning.export.weights import Safetensors, load_generator
from gan_lightning.runs.opened import open_run
from gan_lightning.runs.run import find_run

Call = Callable[..., tuple[int, list[str], list[str]]]


def test_an_exported_generator_samples_as_the_run_does(call: Call, point_run: Path, tmp_path: Path) -> None:
    code, out, err = call("export", point_run, "--format", "safetensors", "--weights", "raw", "--out", tmp_path / "a")
    assert (code, err) == (0, []) and out[-1] == str(tmp_path / "a" / "generator.safetensors")
    assert out[0].endswith("its samples differ by at most 0 from the original's on 64 latents")
    generator = load_generator(out[-1])
    opened = open_run(find_run(point_run))
    latents = opened.module.latents(9, noise.generator(3))
    with torch.no_grad():
        assert torch.equal(generator(latents), opened.module.sample(latents, "raw"))


@pytest.mark.parametrize("form", ["safetensors", "torch", "onnx"])
def test_a_conditional_generator_takes_its_class_behind_the_noise(
    form: str, call: Call, labelled_run: Path, tmp_path: Path
) -> None:
    code, out, err = call("export", labelled_run, "--format", form, "--out", tmp_path / "a")
    assert (code, err) == (0, [])
    card = (tmp_path / "a" / "README.md").read_text()
    assert "Latents (N, 8) are 5 standard normal numbers and the class, one of 3, one-hot behind them; samples" in card
    opened = open_run(find_run(labelled_run))
    assert opened.module.num_classes == 3  # the checkpoint knows, wherever the pictures are now
    latents = opened.module.latents(9, noise.generator(3))
    samples = exporting.FORMATS[form].read(Path(out[-1]))(latents)
    torch.testing.assert_close(samples, opened.module.sample(latents, "ema"), rtol=0, atol=1e-5)


def test_the_card_has_the_runs_facts_and_the_figures_of_that_generator(
    call: Call, point_run: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(point_run, tmp_path / "run")
    protocol = {"spread": None, "floor": 8.0, "n": 2500, "n_reference": None, "data": "ring", "extractor": None}
    record = {"name": "modes2500", "value": 7.0, "weights": "ema", "step": 3, "repeats": 1, "floor_n": 2500, **protocol}
    others = [{"value": 5.0}, {"weights": "raw", "value": 6.0}, {"step": 2, "value": 4.0}]
    lines = [json.dumps(record | other) for other in others] + [json.dumps(record)]
    (run / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    code, out, _ = call("export", run, "--format", "torch", "--license", "mit")
    assert code == 0 and Path(out[-1]).parent == run / "inference" / "export_00000003_ema_torch"
    card = (Path(out[-1]).parent / "README.md").read_text()
    assert f"sha256 {hashlib.sha256((run / 'config.yaml').read_bytes()).hexdigest()}" in card
    assert "| iterations | 3 |" in card and "| generator | averaged over training (ema) |" in card
    assert card.count("| `modes2500` |") == 1 and "| `modes2500` | 7 | 8 | 2500 |" in card  # the latest of each
    assert "in the data's units when multiplied by 0.70" in card
    assert 'license: "mit"\n' in card


def test_a_file_that_samples_otherwise_is_not_kept(
    call: Call, point_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Safetensors, "read", lambda self, path: lambda latents: torch.full((len(latents), 2), 7.0))
    code, _, err = call("export", point_run, "--format", "safetensors", "--out", tmp_path / "a")
    assert code == 2 and len(err) == 1
    assert err[0].startswith("gan_lightning: the exported samples differ from the original's by ")
    assert not (tmp_path / "a").exists() and exporting.FORMATS["safetensors"].tolerance == 0


def test_mistakes_cost_a_line(call: Call, point_run: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for arguments, fragment in [
        (["nowhere"], "nowhere: there is no such file or folder"),
        ([point_run, "--format", "onx"], "onx"),
        ([point_run, "--weights", "best"], "best"),
        ([point_run, "--out", tmp_path / "there"], "is there already"),
    ]:
        code, out, err = call("export", *arguments)
        assert (code, out) == (2, []) and len(err) == 1 and fragment in err[0], err
    assert list((tmp_path / "there").iterdir()) == []
