"""A classifier as one file: safetensors, half precision, the constructor's arguments in its header."""

import hashlib
import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from gan_lightning.classifiers.network import Classifier
from gan_lightning.errors import UsageError

_KEY = "classifier"  # one key: with several, safetensors orders the header anew in every process
_SHOWN = 12  # characters of a digest that tell two files apart


def write(classifier: Classifier, path: Path) -> str:
    """Store the weights as float16; the same weights give the same bytes. Returns the file's sha256, hexadecimal.

    Raises:
        UsageError: the file can't be written.
    """
    tensors = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in classifier.state_dict().items()
        if tensor.is_floating_point()  # BatchNorm also counts its batches, for nothing
    }
    content = save(tensors, {_KEY: json.dumps(classifier.settings)})
    try:
        unfinished = _beside(path)
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    return hashlib.sha256(content).hexdigest()


def check_writable(path: Path) -> None:
    """Raise UsageError if the file can't be written; called before a training, which takes long."""
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        unfinished = _beside(path)
        unfinished.touch()
        unfinished.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def read(path: Path, sha256: str | None = None) -> Classifier:
    """The classifier in a file, in eval mode, float32, no parameter of it asking for a gradient.

    Args:
        path: the file.
        sha256: the digest that it must have, hexadecimal; None takes any.

    Raises:
        UsageError: it can't be read, has another digest, or holds no classifier.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror})") from error
    if sha256 is not None and found != sha256:
        raise UsageError(
            f"{path} is damaged: its sha256 starts with {found[:_SHOWN]}, not with {sha256[:_SHOWN]}; "
            "install the package again"
        )
    try:
        with safe_open(path, framework="pt") as file:
            classifier = Classifier(**json.loads((file.metadata() or {})[_KEY]))
            classifier.load_state_dict({name: file.get_tensor(name).float() for name in file.keys()})
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise UsageError(f"{path} holds no classifier ({str(error).splitlines()[0]})") from error
    return classifier.eval().requires_grad_(False)


def _beside(path: Path) -> Path:
    """A name next to the file's, in a folder that is there now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.tmp")


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} can't be written ({error.strerror}): choose another place with --out FILE")
