"""A run's game, opened again from its folder."""

from pathlib import Path

import pytest
import torch
from omegaconf import OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.runs.opened import open_run
from gan_lightning.runs.run import CONFIG, find_run


def test_it_samples_as_the_trained_game_did(trained: tuple[Path, torch.nn.Module]) -> None:
    folder, module = trained
    opened = open_run(find_run(folder))
    latents = opened.module.latents(600, torch.Generator().manual_seed(1))
    assert opened.step == 3 and not opened.module.training
    for weights in ("ema", "raw"):
        expected = opened.data.restore(module.sample(latents, weights))
        assert torch.equal(opened.draw(latents, opened.weights(weights)), expected)
    assert not torch.equal(opened.draw(latents, "ema"), opened.draw(latents, "raw"))


def test_the_averaged_generator_is_the_one_unless_asked(trained: tuple[Path, torch.nn.Module]) -> None:
    opened = open_run(find_run(trained[0]))
    assert (opened.weights(None), opened.weights("raw")) == ("ema", "raw")
    with pytest.raises(UsageError, match="--weights nothing: this run has ema and raw"):
        opened.weights("nothing")


def test_a_checkpoint_stands_for_its_own_iteration(trained: tuple[Path, torch.nn.Module]) -> None:
    assert open_run(find_run(trained[0] / "checkpoints" / "00000002.ckpt")).step == 2


def test_a_config_of_other_networks_does_not_fit(trained: tuple[Path, torch.nn.Module]) -> None:
    path = trained[0] / CONFIG
    config = OmegaConf.load(path)
    config.model.generator.width = 16
    OmegaConf.save(config, path)
    with pytest.raises(UsageError, match="does not fit .*config.yaml: size mismatch for"):
        open_run(find_run(trained[0]))
