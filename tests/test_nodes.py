"""A node has the names that its class takes, all of them and no others."""

from collections.abc import Callable

import pytest
from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.nodes import check_nodes

Composed = Callable[..., DictConfig]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("~loss", "loss describes nothing: choose one of loss=hinge, least_squares, margin, "),
        ("~network.generator", "network.generator describes nothing: choose one of network=dcgan, infogan, linear, "),
        ("network.generator=5", "network.generator describes nothing: choose one of network=dcgan, infogan, linear, "),
        ("~data.kind", "data.kind is missing: don't delete it, give it a value"),
        ("~model.n_critic", "model.n_critic is missing: don't delete it, give it a value"),
        ("+data.sigmas=1", "data.sigmas: gan_lightning.data.gaussians.Gaussians takes no such setting, did you mean "),
        ("+model.clip=1", "model.clip: gan_lightning.models.gan.GAN takes no such setting"),
        ("+penalty.r1.target=1", "penalty.r1.target: gan_lightning.penalties.R1 takes no such setting"),
        ("penalty.r1=null", "penalty.r1=null: must be a node with a _target_; remove it with ~"),
        (
            "+trainer.profiler={_target_: lightning.pytorch.profilers.XLAProfiler}",
            "trainer.profiler._target_=lightning.pytorch.profilers.XLAProfiler: it is for TPUs, ",
        ),
        ("callbacks.guard='${foo}'", "callbacks.guard=${foo} can't be resolved: Interpolation key 'foo' not found"),
        ("callbacks.guard='???'", "callbacks.guard=???: must be a node with a _target_; remove it with ~"),
        ("network.generator='${foo}'", "network.generator=${foo} can't be resolved"),
        ("data._target_=os.system", "_target_=os.system is refused: a target is a class from one of "),
    ],
)
def test_a_node_that_its_class_would_not_take_is_refused(override: str, message: str, composed: Composed):
    with pytest.raises(UsageError) as raised:
        check_nodes(composed(override))
    assert str(raised.value).startswith(message)


def test_a_class_from_elsewhere_takes_what_it_takes(composed: Composed):
    check_nodes(composed("+trainer.profiler={_target_: lightning.pytorch.profilers.SimpleProfiler}"))
    check_nodes(composed("+optimizer.generator.weight_decay=0.1", "+trainer.benchmark=true"))
