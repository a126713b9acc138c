"""Inception's measures: what is said where its weights are missing, and agreement with torchmetrics where they are.

The published weights can't be had everywhere: a file in their format with random weights takes their place.
"""

import hashlib
import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch_fidelity import feature_extractor_inceptionv3 as fidelity
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.inception import InceptionScore

from gan_lightning import noise
from gan_lightning.errors import UsageError
from gan_lightning.metrics import inception
from gan_lightning.metrics.frechet import FrechetDistance, frechet_distance, moments
from gan_lightning.metrics.inception import FILE, InceptionMetrics, InColour
from gan_lightning.metrics.score import classifier_score

CPU = torch.device("cpu")


def metrics(weights: Path | None, folder: Path) -> InceptionMetrics:
    path = None if weights is None else str(weights)
    return InceptionMetrics(path, {"fid": FrechetDistance()}, "train", 50_000, str(folder / "statistics"))


def images(n: int, channels: int, key: int) -> Tensor:
    return torch.randint(0, 256, (n, channels, 32, 32), generator=noise.generator(key), dtype=torch.uint8)


@pytest.fixture
def random_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of random weights that passes for the published one."""
    monkeypatch.setattr(fidelity, "load_state_dict_from_url", lambda *args, **kwargs: {})
    with monkeypatch.context() as context:
        context.setattr(nn.Module, "load_state_dict", lambda self, state: None)
        torch.manual_seed(0)
        network = fidelity.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
    path = tmp_path / FILE
    torch.save(network.state_dict(), path)
    monkeypatch.setattr(inception, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


@pytest.mark.slow
def test_features_and_logits_give_torchmetrics_figures(random_weights: Path, tmp_path: Path):
    extract = metrics(random_weights, tmp_path).extractor
    real, fake = (extract(images(6, 3, key), None, CPU) for key in (0, 1))
    fid = FrechetInceptionDistance(feature=2048, feature_extractor_weights_path=str(random_weights), antialias=False)
    fid.update(images(6, 3, 0), real=True)
    fid.update(images(6, 3, 1), real=False)
    found = frechet_distance(*moments(fake.values), *moments(real.values))
    assert found == pytest.approx(float(fid.compute()), rel=1e-3, abs=1e-6)  # it sums squares in one pass
    assert real.values.shape == (6, 2048) and real.logits.shape == (6, 1008)

    class Logits(nn.Module):
        def forward(self, batch: Tensor) -> Tensor:
            return extract(batch, None, CPU).logits

    with pytest.warns(UserWarning, match="save all extracted features"):
        score = InceptionScore(feature=Logits(), splits=1)
    score.update(images(6, 3, 0))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "std")  # of one split, which nobody asks for
        found = float(score.compute()[0])
    assert classifier_score(real.logits, 1) == pytest.approx(found, rel=1e-4)


def test_grey_images_are_given_three_times():
    class Sums(nn.Module):
        def forward(self, batch: Tensor) -> tuple[Tensor, Tensor]:
            return batch.sum((2, 3)).float(), batch[:, :1, 0, 0].float()

    grey = images(4, 1, 0)
    features, _ = InColour(Sums())(grey)
    assert torch.equal(features, grey.sum((2, 3)).float().repeat(1, 3))


def test_without_the_weights_one_line_says_what_to_fetch_and_where_to_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    reason = metrics(None, tmp_path).unavailable()
    assert reason is not None and "\n" not in reason
    assert reason.startswith(f"fid left out: put {FILE} into {tmp_path / 'checkpoints'}, or set metrics.inception.weig")
    assert reason.endswith(f"it is at https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{FILE}")


def test_without_torch_fidelity_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install 'gan-lightning[fid]'" in str(metrics(None, tmp_path).unavailable())


def test_weights_where_torch_keeps_them_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / FILE).write_bytes(b"here")
    assert metrics(None, tmp_path).unavailable() is None


def test_a_path_that_names_no_file_is_a_mistake(tmp_path: Path):
    with pytest.raises(UsageError, match="there is no such file; fetch https://"):
        metrics(tmp_path / "nowhere.pth", tmp_path)


def test_another_file_is_refused_before_it_is_opened(tmp_path: Path):
    path = tmp_path / FILE
    path.write_bytes(b"cos\nsystem\n")  # a pickle, if it were read
    with pytest.raises(UsageError, match=r"is not the published file \(its sha256 begins \w{8}, not 6726825d\)"):
        metrics(path, tmp_path)


@pytest.mark.parametrize(
    ("name", "stem"),
    [("fd", "fid"), ("kd", "kid"), ("score", "inception_score"), ("recall", "recall_inception")],
)
def test_figures_have_the_fields_names(name: str, stem: str, tmp_path: Path):
    assert metrics(None, tmp_path).stem(name) == stem


def test_a_run_goes_on_with_what_it_can_compute(
    tiny: Callable[..., Any], pixel_metrics: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from gan_lightning.metrics.evaluator import Evaluator

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.warns(UserWarning, match="^fid left out: put"):
        evaluator = Evaluator(
            {"inception": metrics(None, tmp_path), "pixels": pixel_metrics({"fd": FrechetDistance()})}, tiny()
        )
    (record,) = evaluator.evaluate_samples(tiny().split("test").values, None, CPU)
    assert record.name == "fd_pixels20_train"
