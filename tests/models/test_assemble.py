"""What a game knows of its config."""

from gan_lightning.models.assemble import told_networks


def test_networks_are_told_by_class_and_plain_settings() -> None:
    node = {"_target_": "gan_lightning.networks.mlp.Generator", "_partial_": True, "width": 8, "norm": "none", "x": {}}
    found = told_networks({"generator": node, "discriminator": {"_target_": "some.package.of.Critic"}})
    assert found == {
        **{"generator": "mlp.Generator", "generator.width": 8, "generator.norm": "none"},
        **{"discriminator": "of.Critic"},
    }
