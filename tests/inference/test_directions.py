"""Principal directions, of generators whose own are known."""

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.inference.directions import METHODS, along, first_weight, of_features, of_weights
from gan_lightning.networks import dcgan, linear, mlp
from gan_lightning.priors import Normal

CPU = torch.device("cpu")


@pytest.fixture
def known() -> tuple[linear.Generator, Tensor]:
    """A linear generator with singular values 3 and 1 by construction, and its right singular vectors, rows."""
    angle = torch.tensor(0.4)
    turn = torch.stack([torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])])
    generator = linear.Generator((2,), 2)
    with torch.no_grad():
        generator.affine.weight.copy_(torch.tensor([[0.0, 1.0], [3.0, 0.0]]) @ turn)  # rows of turn, by 3 and by 1
        generator.affine.bias.fill_(5.0)
    return generator, turn


def test_weights_give_the_right_singular_vectors_and_their_share(known: tuple[linear.Generator, Tensor]) -> None:
    vectors, shares = of_weights(known[0], Normal(known[0].latent_dim), CPU, 2, 0)
    expected = known[1] * torch.tensor([[1.0], [1.0]])  # the largest entries, cos 0.4, are positive
    torch.testing.assert_close(vectors, expected)
    torch.testing.assert_close(shares, torch.tensor([0.9, 0.1]))


def test_features_of_a_linear_generator_give_the_same(known: tuple[linear.Generator, Tensor]) -> None:
    vectors, shares = of_features(known[0], Normal(known[0].latent_dim), CPU, 2, 0)
    torch.testing.assert_close(vectors, known[1], rtol=0, atol=0.05)
    torch.testing.assert_close(shares, torch.tensor([0.9, 0.1]), rtol=0, atol=0.02)


def test_features_see_the_norm_that_weights_do_not() -> None:
    """BatchNorm's running statistics turn the order of two directions round."""
    generator = mlp.Generator((2,), 2, 16, 1, "leaky_relu", "batch").eval()
    with torch.no_grad():
        weight = torch.zeros(16, 2)
        weight[0, 0], weight[1, 1] = 2.0, 1.0
        generator.layers[0].weight.copy_(weight)
        generator.layers[1].running_var[0] = 100.0
    assert of_weights(generator, Normal(generator.latent_dim), CPU, 1, 0).vectors.abs().argmax() == 0
    assert of_features(generator, Normal(generator.latent_dim), CPU, 1, 0).vectors.abs().argmax() == 1


def test_the_matrix_of_a_transposed_convolution_is_its_kernel() -> None:
    generator = dcgan.Generator((1, 8, 8), 5, 8, "layer")
    kernel = generator.layers[0].weight.detach()  # (latent_dim, channels, 4, 4)
    torch.testing.assert_close(first_weight(generator, CPU), kernel.flatten(1).T.double())


@pytest.mark.parametrize("method", METHODS)
def test_vectors_are_of_norm_one_no_more_than_there_are_and_strongest_first(method: str) -> None:
    torch.manual_seed(0)
    generator = mlp.Generator((2,), 3, 8, 2, "relu", "none")
    vectors, shares = METHODS[method](generator, Normal(generator.latent_dim), CPU, 8, 0)
    assert len(vectors) == len(shares) == (3 if method == "weights" else 8)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(vectors)))
    assert shares.sum() <= 1.0001 and torch.equal(shares, shares.sort(descending=True).values)
    assert (vectors.gather(1, vectors.abs().argmax(1, keepdim=True)) > 0).all()
    few = METHODS[method](generator, Normal(generator.latent_dim), CPU, 2, 0)
    torch.testing.assert_close(few.vectors, vectors[:2])
    torch.testing.assert_close(few.shares, shares[:2])


def test_a_generator_without_variance_is_no_matter() -> None:
    generator = linear.Generator((2,), 2)
    nn.init.zeros_(generator.affine.weight)
    for method in METHODS.values():
        assert method(generator, Normal(2), CPU, 2, 0).vectors.isfinite().all()


def test_a_latent_moves_along_each_direction() -> None:
    moved = along(torch.tensor([1.0, 1.0]), torch.eye(2), torch.tensor([-2.0, 0.0, 2.0]))
    assert moved.tolist() == [[[-1, 1], [1, 1], [3, 1]], [[1, -1], [1, 1], [1, 3]]]
