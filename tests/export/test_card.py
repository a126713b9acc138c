"""The model card of an exported generator."""

import yaml

from gan_lightning.export.card import UNKNOWN, Facts, card
from gan_lightning.export.onnx import Onnx
from gan_lightning.priors import Normal

RECORD = {"name": "fid50k_train", "value": 12.34567, "spread": 0.051, "floor": 1.5, "n": 50_000, "n_reference": 60_000}
EMPTY = {"name": "kl8", "value": None, "spread": None, "floor": None, "n": 8, "n_reference": None, "extractor": None}


def facts(**changes: object) -> Facts:
    known = dict(
        title="wgan_gp on MNIST",
        about={"variant": "wgan_gp", "data": "a|b"},
        prior=Normal(7),
        shape=(1, 28, 28),
        units="pixels",
        records=[{**RECORD, "extractor": "inception", "data": "MNIST"}, {**EMPTY, "data": "MNIST"}],
        difference=1.23e-7,
        compared=64,
        licence="cc-by-4.0",
    )
    return Facts(**{**known, **changes})  # type: ignore[arg-type]


def test_it_says_what_it_is_how_good_and_how_to_use_it():
    text = card(facts(), Onnx())
    head = yaml.safe_load(text.split("---")[1])
    assert head == {"license": "cc-by-4.0", "library_name": "gan_lightning", "tags": ["gan"]}
    assert "| data | a\\|b |" in text
    assert "Latents (N, 7) are standard normal; samples are float32, (N, 1 x 28 x 28): pixels." in text
    assert 'latents = numpy.random.standard_normal((16, 7)).astype("float32")' in text
    assert "| `fid50k_train` | 12.35 ± 0.051 | 1.5 | 50000 | 60000 | MNIST | inception |" in text
    assert "| `kl8` |  |  | 8 |  | MNIST |  |" in text
    assert "on 64 samples: the largest difference is 1.2e-07." in text
    assert "cc-by-4.0. The data's own terms" in text


def test_what_nobody_measured_or_stated_is_said():
    text = card(facts(records=[], licence=UNKNOWN), Onnx())
    assert "None was measured at this iteration" in text
    assert "did not state one" in text
