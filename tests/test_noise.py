"""Seeds as a pure function of integers."""

import random

import pytest
import torch

from gan_lightning import noise

# The first outputs of splitmix64 as published with it (Steele, Lea & Flood 2014; Vigna's splitmix64.c).
SPLITMIX64 = {0: 0xE220A8397B1DCDAF, 1234567: 6457827717110365317}


@pytest.mark.parametrize(("key", "output"), SPLITMIX64.items())
def test_one_key_gives_the_upper_63_bits_of_splitmix64(key: int, output: int):
    assert noise.mix(key) == output >> 1


def test_mix_depends_on_its_keys_alone():
    first = noise.mix(3, 1, 4)
    torch.manual_seed(5)
    random.seed(9)
    assert noise.mix(3, 1, 4) == first


def test_mix_draws_nothing_from_torch():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    noise.mix(1, 2)
    noise.generator(1, 2)
    assert torch.equal(torch.rand(1), expected)


def test_the_order_and_the_number_of_keys_matter():
    assert len({noise.mix(*keys) for keys in [(1, 2), (2, 1), (1,), (2,), (1, 2, 0), (0, 1, 2), (), (0,), (0, 0)]}) == 9


def test_near_keys_differ():
    seeds = {noise.mix(seed, rank, step) for seed in range(20) for rank in range(20) for step in range(50)}
    assert len(seeds) == 20 * 20 * 50


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bit_of_any_key_changes_half_of_the_seeds_bits(place: int):
    changed = 0
    for base in range(500):
        keys = [base, base + 1, base + 2]
        neighbour = [key ^ (1 if index == place else 0) for index, key in enumerate(keys)]
        changed += (noise.mix(*keys) ^ noise.mix(*neighbour)).bit_count()
    assert changed / 500 == pytest.approx(63 / 2, abs=4 * (63**0.5 / 2) / 500**0.5)


@pytest.mark.parametrize("keys", [(), (0,), (-1,), (2**64 - 1,), (2**64,), (-(2**70), 2**70), (1, -2, 3)])
def test_a_seed_is_a_63_bit_number_that_torch_takes(keys: tuple[int, ...]):
    assert 0 <= noise.mix(*keys) < 2**63
    torch.manual_seed(noise.mix(*keys))
    noise.generator(*keys)


def test_seeds_fill_their_range():
    seeds = [noise.mix(key) for key in range(1000)]
    assert min(seeds) < 2**63 * 0.01 and max(seeds) > 2**63 * 0.99


def test_equal_keys_give_equal_draws_and_others_do_not():
    draws = [torch.randn(4, generator=noise.generator(*keys)) for keys in [(0, 1), (0, 1), (1, 0)]]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_seeding_is_what_torch_does_for_all_devices_and_looks_for_none(monkeypatch: pytest.MonkeyPatch):
    torch.manual_seed(noise.mix(3, 1))
    expected = torch.randn(4)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", None)
    noise.seed(torch.device("cpu"), 3, 1)
    assert torch.equal(torch.randn(4), expected)


def test_a_gpu_is_seeded_too(monkeypatch: pytest.MonkeyPatch):
    seeds: list[int] = []
    monkeypatch.setattr(torch.cuda, "manual_seed", seeds.append)
    noise.seed(torch.device("cuda", 0), 3, 1)
    assert seeds == [noise.mix(3, 1)]
