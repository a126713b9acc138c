"""Randomness as a pure function of where a run stands.

Every iteration starts by seeding torch from (seed, rank, iteration), and every epoch's order comes from (seed, epoch).
So a resumed run draws what an uninterrupted one would have drawn, ranks never share their noise, and whatever an
evaluation draws in between changes nothing.
"""

import torch

_MASK = (1 << 64) - 1


def mix(*keys: int) -> int:
    """A 63-bit seed from any number of integers; near keys give unrelated seeds (splitmix64's finaliser)."""
    state = 0
    for key in keys:
        state = (state + (key & _MASK) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state >> 1


def generator(*keys: int) -> torch.Generator:
    """A CPU generator seeded with `mix(*keys)`."""
    return torch.Generator().manual_seed(mix(*keys))


def seed(device: torch.device, *keys: int) -> None:
    """Seed torch's own generators, of the CPU and of the device that is played on, with `mix(*keys)`.

    `torch.manual_seed` does so for every kind of device; where there is none, it writes down a stack trace each time.
    """
    value = mix(*keys)
    torch.default_generator.manual_seed(value)
    if device.type != "cpu":
        torch.get_device_module(device).manual_seed(value)
