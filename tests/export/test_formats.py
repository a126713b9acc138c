"""A generator of each family, in each format, gives the original's samples."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.errors import UsageError
from gan_lightning.export.export import FORMATS
from gan_lightning.export.formats import Format
from gan_lightning.export.weights import NETWORK, SHAPE, load_generator
from gan_lightning.networks import conditional, dcgan, infogan, linear, mlp, resnet

_SMALL = partial(dcgan.Generator, latent_dim=3, width=8, norm="batch")
FAMILIES: dict[str, Callable[[], nn.Module]] = {
    "mlp": lambda: mlp.Generator((1, 6, 6), 3, width=8, depth=2, norm="batch", activation="relu"),
    "linear": lambda: linear.Generator((2,), 2),
    "dcgan": lambda: dcgan.Generator((1, 28, 28), 4, width=16, norm="batch"),
    "resnet": lambda: resnet.Generator((3, 32, 32), 4, width=16, norm="batch"),
    "infogan": lambda: infogan.Generator((1, 8, 8), 4, width=4, hidden=8, norm="batch"),
    "concat": lambda: conditional.ConcatGenerator(_SMALL, 3, (1, 8, 8)),
    "norms of maps": lambda: conditional.NormGenerator(_SMALL, 3, (1, 8, 8)),
    "norms of vectors": lambda: conditional.NormGenerator(
        partial(mlp.Generator, latent_dim=3, width=8, depth=2, norm="batch", activation="relu"), 3, (2,)
    ),
}


SLOW = {"linear", "infogan", "norms of vectors"}
"""Whose layers the others have, or none; recorded they take seconds."""


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in FAMILIES])
def generator(request: pytest.FixtureRequest) -> nn.Module:
    """One of each family, whose norms have seen data."""
    torch.manual_seed(0)
    made = FAMILIES[request.param]()
    made(torch.randn(16, made.latent_dim))
    return made.eval()


def samples(function: Callable[[Tensor], Tensor], n: int, dimensions: int) -> Tensor:
    with torch.no_grad():
        return function(torch.randn(n, dimensions, generator=torch.Generator().manual_seed(n)))


@pytest.mark.parametrize("form", [FORMATS["onnx"], FORMATS["torch"]], ids=["onnx", "torch"])
def test_a_recorded_graph_gives_the_originals_samples(form: Format, generator: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / form.file
    form.write(generator, path, {"variant": "gan"})
    for n in (1, 5):
        expected = samples(generator, n, generator.latent_dim)
        found = samples(form.read(path), n, generator.latent_dim)
        assert found.shape == expected.shape
        assert (found - expected).abs().max() <= form.tolerance


def test_weights_give_the_originals_samples_to_the_bit(tmp_path: Path) -> None:
    form, path = FORMATS["safetensors"], tmp_path / "generator.safetensors"
    torch.manual_seed(0)
    generator = FAMILIES["mlp"]().eval()
    settings = '"latent_dim": 3, "width": 8, "depth": 2, "norm": "batch", "activation": "relu", "_partial_": true'
    head = {NETWORK: '{"_target_": "gan_lightning.networks.mlp.Generator", ' + settings + "}", SHAPE: "[1, 6, 6]"}
    form.write(generator, path, head)
    assert torch.equal(samples(form.read(path), 5, 3), samples(generator, 5, 3))
    assert load_generator(path).latent_dim == 3


@pytest.mark.parametrize("name", ["safetensors", "torch"])
def test_what_a_full_disk_says_is_told(name: str) -> None:
    with pytest.raises(OSError, match="No space left on device"):
        FORMATS[name].write(FAMILIES["linear"](), Path("/dev/full"), {"variant": "gan"})


def test_a_file_of_weights_builds_nothing_but_networks(tmp_path: Path) -> None:
    path = tmp_path / "hostile.safetensors"
    FORMATS["safetensors"].write(nn.Linear(1, 1), path, {NETWORK: '{"_target_": "os.system"}', SHAPE: "[2]"})
    with pytest.raises(UsageError, match="_target_=os.system is refused"):
        load_generator(path)


@pytest.mark.parametrize("content", [b"no such file", None])
def test_another_file_is_no_generator(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    if content is None:
        FORMATS["safetensors"].write(nn.Linear(1, 1), path, {})
    else:
        path.write_bytes(content)
    with pytest.raises(UsageError, match="is no generator that gan_lightning exported"):
        load_generator(path)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnxscript" else object())
    line = "this format needs onnxscript: pip install 'gan-lightning[export]', or choose --format safetensors"
    with pytest.raises(UsageError, match=re.escape(line)):
        FORMATS["onnx"].check()
    FORMATS["torch"].check()
