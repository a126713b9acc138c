import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.classifiers.network import Classifier
from gan_lightning.errors import UsageError


def make_classifier(channels: int = 1, size: int = 16) -> Classifier:
    torch.manual_seed(0)
    return Classifier(channels, size, width=8, features=12, num_classes=5).eval()


def noise(*shape: int, high: int = 256) -> Tensor:
    return torch.randint(high, shape, generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [16, 28, 32])
def test_features_and_logits_have_their_shapes_in_float32(channels: int, size: int) -> None:
    features, logits = make_classifier(channels, size)(noise(6, channels, size, size))
    assert features.shape == (6, 12) and logits.shape == (6, 5)
    assert features.dtype == logits.dtype == torch.float32


def test_logits_are_the_head_of_the_features_which_are_not_negative() -> None:
    classifier = make_classifier()
    features, logits = classifier(noise(6, 1, 16, 16))
    assert features.min() >= 0
    assert torch.equal(logits, classifier.head(features))


def test_an_image_is_classified_as_without_its_batch_and_the_same_each_time() -> None:
    classifier, images = make_classifier(), noise(6, 1, 16, 16)
    whole = classifier(images).features
    assert torch.equal(whole, classifier(images).features)
    torch.testing.assert_close(whole[2:3], classifier(images[2:3]).features)


@pytest.mark.parametrize("shape", [(8, 8), (32, 32), (40, 20)])
def test_images_of_another_size_are_resized_bilinearly_with_antialias(shape: tuple[int, int]) -> None:
    classifier, images = make_classifier(), noise(3, 1, *shape)
    seen: list[Tensor] = []
    classifier.stages.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    classifier(images)
    expected = F.interpolate(images.float(), (16, 16), mode="bilinear", antialias=True)
    torch.testing.assert_close(seen[0], (expected - 127.5) / 127.5)


def test_a_plain_image_is_the_same_at_every_size() -> None:
    classifier = make_classifier()
    plain = [torch.full((1, 1, side, side), 200, dtype=torch.uint8) for side in (16, 32, 61)]
    native, double, odd = (classifier(image).features for image in plain)
    torch.testing.assert_close(native, double)
    torch.testing.assert_close(native, odd)


def test_pixels_are_scaled_by_the_mean_and_deviation_that_it_holds() -> None:
    classifier = make_classifier()
    classifier.mean.fill_(100.0)
    classifier.std.fill_(50.0)
    seen: list[Tensor] = []
    classifier.stages.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    classifier(torch.tensor([0, 100, 150, 250], dtype=torch.uint8)[:, None, None, None].expand(4, 1, 16, 16))
    assert seen[0][:, 0, 3, 5].tolist() == [-2, 0, 1, 3]


def test_autocast_changes_nothing_in_eval_mode() -> None:
    classifier, images = make_classifier(), noise(6, 1, 16, 16)
    plain = classifier(images)
    with torch.autocast("cpu", torch.bfloat16):
        under_autocast = classifier(images)
    assert torch.equal(plain.features, under_autocast.features) and torch.equal(plain.logits, under_autocast.logits)


def test_settings_make_the_same_network() -> None:
    classifier = make_classifier(3, 32)
    other = Classifier(**classifier.settings)
    assert {name: value.shape for name, value in other.state_dict().items()} == {
        name: value.shape for name, value in classifier.state_dict().items()
    }


@pytest.mark.parametrize(
    ("channels", "images", "fragments"),
    [
        (3, noise(2, 1, 16, 16), ["colour (3 channels)", "grey (1 channel)"]),
        (1, noise(2, 3, 16, 16), ["grey (1 channel)", "colour (3 channels)"]),
        (1, noise(2, 4, 16, 16), ["grey (1 channel)", "of 4 channels"]),
        (1, torch.zeros(2, 1, 16, 16), ["uint8", "torch.float32"]),
        (1, noise(2, 16, 16), ["(N, C, H, W)", "(2, 16, 16)"]),
    ],
)
def test_images_that_it_cannot_take_are_refused_in_one_line(
    channels: int, images: Tensor, fragments: list[str]
) -> None:
    with pytest.raises(UsageError) as error:
        make_classifier(channels)(images)
    assert "\n" not in str(error.value)
    assert all(fragment in str(error.value) for fragment in fragments)
