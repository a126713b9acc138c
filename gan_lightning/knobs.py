"""The rule of every knob. A knob means the same wherever it stands, so the rules go by its name alone."""

from gan_lightning.data.kinds import KINDS
from gan_lightning.data.known_maps import MAPS
from gan_lightning.data.sources import NEEDS
from gan_lightning.guards import GRAPHS
from gan_lightning.networks.limits import ACTIVATIONS, CONDITIONINGS, NORMS
from gan_lightning.rules import Betas, Choice, Choices, Integer, Number, Optional, Row, Rows, Rule, Text

COUNT = Integer(1)
BREADTH = Integer(1, 2**16)
"""Of a layer: two such layers on each other already take 17 GB."""
DEPTH = Integer(1, 2**10)
MANY = 10**9
"""Samples that may be asked for at once."""
POSITIVE = Number(above=0)
AT_LEAST_ZERO = Number(least=0)
SHARE = Number(least=0, below=1)
FLAG = Choice((True, False))

ADDED: dict[str, Rule] = {
    **dict.fromkeys(("min_steps", "min_epochs"), Optional(Integer(0))),
    "limit_train_batches": Optional(POSITIVE),
    **dict.fromkeys(("limit_val_batches", "limit_test_batches", "limit_predict_batches"), Optional(AT_LEAST_ZERO)),
    "overfit_batches": AT_LEAST_ZERO,
    "reload_dataloaders_every_n_epochs": Integer(0),
    "check_val_every_n_epoch": Optional(COUNT),
    "val_check_interval": Optional(POSITIVE),
    **dict.fromkeys(("inference_mode", "detect_anomaly", "enable_autolog_hparams"), FLAG),
    "benchmark": Optional(FLAG),
    "deterministic": Optional(Choice((True, False, "warn"))),
    "profiler": Optional(Choice(("simple", "advanced", "pytorch"))),
}
"""Settings of Lightning's trainer that no config sets, but a command line may add: it would pass over wrong ones."""
DURATION: dict[str, Rule] = dict.fromkeys(("weeks", "days", "hours", "minutes", "seconds"), AT_LEAST_ZERO)
"""What the trainer's max_time may be made of."""

RULES: dict[str, Rule] = {
    # how Hydra builds a node
    "_partial_": FLAG,
    # the run
    "seed": Integer(0, 2**32 - 1),
    "every": COUNT,
    "threads": Optional(Integer(1, 2**10)),
    "ckpt_path": Optional(Text()),
    "folder": Text(),
    "needs": Choices(tuple(NEEDS)),
    "objective": Optional(Text()),
    "objective_mode": Optional(Choice(("min", "max"))),
    "action": Choice(("stop", "rollback")),
    "rollbacks": COUNT,
    "factor": Number(above=0, most=1),
    # sweeps
    "resume": Optional(Text()),
    "trial": Optional(Integer(0)),
    "key": Text(),
    "low": Number(),
    "high": Number(),
    "log": FLAG,
    # the game
    "n_critic": COUNT,
    "ema": SHARE,
    "max_grad_norm": Optional(POSITIVE),
    "clip": POSITIVE,
    "pack": COUNT,
    "features": Integer(2, 2**16),
    "unrolling": Integer(0),
    "unrolling_lr": POSITIVE,
    "cycle": AT_LEAST_ZERO,
    "identity": AT_LEAST_ZERO,
    "pool": Integer(0),
    "class_weight": AT_LEAST_ZERO,
    "learns_from_fakes": FLAG,
    "categories": Integer(2, 2**16),
    "continuous": Integer(0, 2**16),
    "categorical_weight": AT_LEAST_ZERO,
    "continuous_weight": AT_LEAST_ZERO,
    "beta": AT_LEAST_ZERO,
    "code_dim": BREADTH,
    "eta": Number(least=1),
    "gamma": Number(least=0, most=1),
    "lambda_k": POSITIVE,
    "pull_away": AT_LEAST_ZERO,
    "learnt": FLAG,
    "head_width": Integer(0, 2**16),
    "one_pass": FLAG,
    "channels_last": Choice((True, False, "auto")),
    "im2col": Choice((True, False, "auto")),
    "share_fakes": FLAG,
    "compile": Choice((True, False, GRAPHS)),
    # losses, penalties, optimizers, schedules
    "alphas": Row(POSITIVE),
    "a": Number(),
    "b": Number(),
    "c": Number(),
    "margin": POSITIVE,
    "weight": AT_LEAST_ZERO,
    "target": AT_LEAST_ZERO,
    "one_sided": FLAG,
    "noise": AT_LEAST_ZERO,
    "lr": POSITIVE,
    "betas": Betas(),
    "alpha": SHARE,
    "fused": FLAG,
    "start": SHARE,
    "final": Number(least=0, most=1),
    # networks
    "latent_dim": BREADTH,
    "width": BREADTH,
    "hidden": BREADTH,
    "depth": DEPTH,
    "blocks": DEPTH,
    "layers": DEPTH,
    "norm": Choice(NORMS),
    "activation": Choice(ACTIVATIONS),
    "conditioning": Choice(CONDITIONINGS),
    # data
    "kind": Choice(tuple(KINDS)),
    "map": Choice(tuple(MAPS)),
    "modes": Optional(COUNT),
    "radius": Optional(POSITIVE),
    "sigma": Optional(POSITIVE),
    "matrix": Rows(),
    "offset": Row(),
    "num_samples": Integer(1, MANY),
    "num_test": Integer(1, MANY),
    "batch_size": COUNT,
    "minibatches": COUNT,
    "root": Text(),
    "test_root": Optional(Text()),
    "source_root": Text(),
    "target_root": Text(),
    "source_test_root": Optional(Text()),
    "target_test_root": Optional(Text()),
    "cache": Text(),
    "download": FLAG,
    "size": Integer(1, 2**13),
    "channels": Choice((1, 3)),
    "flip": FLAG,
    # callbacks, metrics, loggers
    "n": Integer(2, MANY),
    "interval_n": Optional(Integer(2, MANY)),
    "repeats": COUNT,
    "reference": Choice(("train", "test")),
    "subsets": COUNT,
    "splits": COUNT,
    "k": COUNT,
    "weights": Optional(Text()),
    "every_n_iterations": COUNT,
    "every_n_minutes": Optional(POSITIVE),
    "keep": Optional(COUNT),
    "best": Optional(Text()),
    "best_mode": Choice(("min", "max")),
    **dict.fromkeys(KINDS, COUNT),  # iterations of each kind
    "sigmas": POSITIVE,
    "refresh_rate": COUNT,
    "milliseconds": Integer(1, 655_350),  # as long as a GIF can say
    "max_frames": Integer(2),
    "max_side": Integer(16),
    "purge_step": Optional(Integer(0)),
    # the trainer
    "num_sanity_val_steps": Integer(-1),
    **dict.fromkeys(("enable_checkpointing", "enable_model_summary", "use_distributed_sampler"), FLAG),
    "max_steps": Integer(-1),
    "max_epochs": Integer(-1),
    "log_every_n_steps": COUNT,
    "num_nodes": Integer(1, 2**16),
    "sync_batchnorm": FLAG,
    "meeting_minutes": Number(above=0, most=10**4),
    "timeout_hours": Number(above=0, most=10**4),
    "precision": Choice(("32-true", "64-true", "bf16-mixed", "auto")),
    "accelerator": Choice(("auto", "cpu", "gpu", "cuda", "mps")),
    **ADDED,
    **DURATION,
}
"""The rule of each knob, by name. A knob without one is checked by what it is passed to."""
