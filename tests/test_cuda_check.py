"""What torch asks about CUDA while a game is played."""

import os

import pytest

from gan_lightning.cuda_check import quick_cuda_check

KEY = "PYTORCH_NVML_BASED_CUDA_CHECK"


@pytest.mark.parametrize("before", [None, "1", "0"])
def test_the_runtime_is_asked_inside_and_what_was_asked_before_behind_it(
    before: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(KEY, raising=False)
    if before is not None:
        monkeypatch.setenv(KEY, before)
    with pytest.raises(ValueError), quick_cuda_check():
        assert os.environ[KEY] == "0"
        raise ValueError
    assert os.environ.get(KEY) == before
