import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    """Weights, latents and samples are the same in every run of a test, alone or among others."""
    torch.manual_seed(0)
