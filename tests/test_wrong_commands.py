"""Wrong commands, many in one process: one line, exit code 2, nothing written, and an answer before torch is imported.

`cases` runs a child that calls the entry point again and again, so that Python and Hydra are imported once.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

CHILD = """
import contextlib, io, json, os, pathlib, sys
import gan_lightning.app as app
import gan_lightning.single as single

single._train = lambda config, overrides: print("would train")
for number, arguments in enumerate(json.load(sys.stdin)):
    folder = pathlib.Path(sys.argv[1], str(number))
    folder.mkdir()
    os.chdir(folder)
    said, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(told):
        argv, sys.argv = sys.argv, ["gan_lightning", *arguments]
        try:
            code = app.main()
        except SystemExit as error:
            code = error.code
        sys.argv = argv
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    print(json.dumps([code, said.getvalue(), told.getvalue(), left, "torch" in sys.modules]))
"""

DATA = [
    ("data=image_folder data.root=/dev/null", "/dev/null is not a folder: set data.root=FOLDER"),
    ("data.kind=random data.modes=500", "500 modes with sigma 0.02 don't fit a square"),
    ("+trainer.sync_batchnorm=true", "trainer.sync_batchnorm=true takes several processes: add trainer=ddp"),
    (
        "trainer=ddp_multinode",
        "nothing starts the processes of the other machines: start one for each device, with srun",
    ),
    ("model=infogan data=unpaired_gaussians", "these data are two domains, which this model has no use for"),
    ("model=cyclegan", "this model needs two domains: choose data=unpaired_mnist, unpaired_gaussians or unpaired_"),
    ("model=gan data=unpaired_gaussians", "these data are two domains, which this model has no use for"),
    ("model=cyclegan data=unpaired_folders data.source_root=x", "data.target_root has no default: add data.target_"),
    ("model=cyclegan data=unpaired_mnist data.map=sepia", "data.map=sepia: must be one of colour, invert, rotate"),
]
PARTS = [
    ("model=cyclegan data=unpaired_mnist data.size=30", "resize the data to a multiple of 4, 28 px or 32 px say"),
    (
        "model=cyclegan data=unpaired_mnist network.discriminator.layers=4",
        "until nothing is left to judge: lower",
    ),
    (
        "model=cyclegan data=unpaired_gaussians network=mlp",
        "set network=translator for images, network=point_translator",
    ),
    ("network=point_translator", "this generator translates samples, which model=cyclegan trains: set network=dcgan"),
    ("metrics=[translation]", "metrics.translation measures two domains, and the data are Gaussians: set metrics=[m"),
    ("samples=grid", "a grid shows grey or RGB images, but the data has shape (2,): use samples=scatter"),
    ("data=mnist samples=scatter", "a scatter shows points in the plane, but the data has shape (1, 28, 28)"),
    ("data=mnist metrics=[fid] metrics.inception.weights=/nowhere", "metrics.inception.weights=/nowhere: there is no"),
    ("data=mnist metrics.classifier.name=imagenet", "no classifier imagenet comes with the package: there is mnist"),
    ("data=mnist metrics.classifier.name=cifar10_jpeg", "looks at images of 3 channels, the data have 1: choose mnist"),
    ("data=mnist metrics.inception.n=100", "metrics.inception has settings, but is not chosen: add metrics=[fid"),
    ("model=wgan penalty=[gradient]", "or use model=wgan_gp for the penalty"),
    ("model=cgan data=mnist network.conditioning=film", "must be one of concat, cbn, projection"),
    ("trainer.devices=2", "trainer.devices=2 takes several processes: add trainer=ddp"),
]
KEYS = [
    ("lr=1e-3", "did you mean optimizer.generator.lr and optimizer.discriminator.lr?"),
    ("batch_size=64", "did you mean data.batch_size?"),
    ("penalty.gradient.weight=5", "add penalty=[gradient], which brings it"),
    ("guard.action=ignore", "guard.action=ignore: must be one of stop, rollback"),
    ("callbacks=none guard.every=5", "guard.every: nothing guards this run"),
    ("guard.action=rollback ~callbacks.checkpoint", "don't take callbacks.checkpoint away"),
    ("wgan", "wgan: no such verb, did you mean model=wgan?; there is "),
]

SIZES = [
    ("data.batch_size=1000000000", "the data has 100000 samples, but one iteration takes 1000000000"),
    ("data.batch_size={a:1}", "data.batch_size={'a': 1}: must be a whole number, at least 1"),
    ("trainer=ddp trainer.devices=[0,0]", "trainer.devices=[0, 0]: must be a list of different numbers, as in [0,1]"),
    ("+trainer.strategy=nothing", "trainer.strategy=nothing: must be a node with a _target_: add trainer=ddp"),
    ("trainer.num_nodes=2", "trainer.num_nodes=2 takes several processes: add trainer=ddp_multinode"),
    (f"ckpt_path={'a' * 300}", "File name too long: name another file or folder"),
    ("-m sweep=optuna sweep.search.lr.low=-1", "sweep.search.lr.low=-1: must be above 0 where log=true"),
    ("-m sweep=optuna +sweep.search.x=1", "sweep.search.x=1: must have key, low, high and log"),
    ("-m sweep=optuna sweep.trial=range(0)", "there is nothing to run: give each swept key a value"),
]


REFERENCES = [
    ("seed=${data.kind}", "seed=ring: must be a whole number, at least 0"),
    ("seed=${folder}", "seed=${folder}: must be a whole number"),
    ("seed=${hydra:job.num}", "seed=${hydra:job.num}: must be a whole number"),
    ("threads=${data.kind}", "threads=ring: must be a whole number, at least 1 and at most 1024, or null"),
    ("model.n_critic=${model.ema}", "model.n_critic=0.999: must be a whole number, at least 1"),
    ("model.ema=${oc.env:HOME}", "must be a number at least 0 and below 1"),
    ("model.loss=${data.kind}", "model.loss=ring: must be a node with a _target_; leave it to loss"),
    ("optimizer.generator.lr=${data.kind}", "optimizer.generator.lr=ring: must be a number above 0"),
    ("optimizer.generator.betas=[${nothing},0.9]", "can't be resolved: Interpolation key 'nothing' not found"),
    ("guard.every=${model.max_grad_norm}", "guard.every=null: must be a whole number, at least 1"),
    ("data.kind=${model.ema}", "data.kind=0.999: must be one of ring, grid, random, swiss_roll"),
    ("data.num_samples=${oc.env:HOME}", "must be a whole number, at least 1 and at most 1000000000"),
    ('data.batch_size=${oc.decode:"0"}', "data.batch_size=0: must be a whole number, at least 1"),
    ("data.batch_size=${model}", "must be a whole number, at least 1"),
    ("callbacks.checkpoint.every_n_iterations=${data.kind}", "every_n_iterations=ring: must be a whole number"),
    ("folder=${seed}", "folder=0: must be text"),
    ("hydra.run.dir=${oc.env:NOTHING}", "hydra.run.dir=${oc.env:NOTHING} can't be resolved"),
    ("hydra.run.dir=${nothing:}", "hydra.run.dir=${nothing:} can't be resolved: Unsupported interpolation type"),
    ("hydra.run.dir='???'", "hydra.run.dir=???: must be a folder"),
    ("-m seed=0,1 hydra.sweep.dir='???'", "hydra.sweep.dir=???: must be a folder"),
]
PASSED_OVER = [
    ("needs=null", "needs=null: must be a list, as in [] or [labels,pairs]"),
    ("~needs", "needs is missing: don't delete it, give it a value"),
    ("~threads", "threads is missing: don't delete it, give it a value"),
    ("~objective", "~objective: this is null and can't be taken away"),
    ("threads=99999999999", "threads=99999999999: must be a whole number, at least 1 and at most 1024, or null"),
    ("recipe=foo", "recipe=foo: no such option; recipe has: gaussians_began"),
    ("+trainer.plugins=[]", "trainer.plugins=[]: a run sets it itself"),
    ("+trainer.callbacks=[]", "add +callbacks.NAME={_target_: ...}"),
    ("+trainer.logger=true", "add +logger.NAME={_target_: ...}"),
    ("+trainer.default_root_dir=x", "name it as hydra.run.dir"),
    ("+trainer.enable_progress_bar=true", "~callbacks.progress takes it away"),
    ("trainer.num_sanity_val_steps=x", "trainer.num_sanity_val_steps=x: must be a whole number, at least -1"),
    ("trainer.enable_checkpointing=5", "trainer.enable_checkpointing=5: must be one of true, false"),
    ("trainer.use_distributed_sampler=maybe", "must be one of true, false"),
    ("+trainer.deterministic=maybe", "must be one of true, false, warn, or null"),
    ("+trainer.min_steps=x", "trainer.min_steps=x: must be a whole number, at least 0, or null"),
    ("+trainer.limit_train_batches=0", "trainer.limit_train_batches=0: must be a number above 0, or null"),
    ("trainer.max_steps=0", "trainer.max_steps=0 trains nothing: set it to 1 or more"),
    ("trainer.max_epochs=0", "trainer.max_epochs=0 trains nothing: set it to 1 or more"),
    ("--cfg job --package nothing", "--package=nothing: there is no such part"),
    ("--package model", "--package=model picks what --cfg shows: add --cfg job, or remove it"),
    ("optimizer.generator._target_=torch.optim.LBFGS", "can't train a player: choose one of torch.optim.ASGD"),
    ("optimizer.generator._target_=torch.optim.lr_scheduler.StepLR", "can't train a player: choose one of"),
    ("optimizer.generator._target_=torch.optim.SGD optimizer.generator.betas=[0.5,0.9]", "takes no such setting: rem"),
    ("+optimizer.generator.epss=1", "torch.optim.Adam takes no such setting, did you mean optimizer.generator.eps?"),
    ("-m seed=a,b", "seed=a: must be a whole number, at least 0 and at most 4294967295; so it is with 1 of the 2 jobs"),
    ("-m seed=", "seed=: must be a whole number, at least 0 and at most 4294967295"),
    ("-m seed=0,1 model.n_critic=0", "at least 1; so it is with 2 of the 2 jobs, and none can run"),
    ("sample nowhere --num 1000000000000", "1000000000000 is not in the range 1<=x<=10000000"),
    ("invert nowhere 1,2 --restarts 10000000000", "10000000000 is not in the range 1<=x<=10000"),
    ("invert nowhere 1,2 --steps 10000000000", "10000000000 is not in the range 1<=x<=1000000"),
    ("directions nowhere --range 1e308", "--range 1e+308: it must be a number above 0 and at most 1000"),
    ("evaluate nowhere --repeats 1000000", "1000000 is not in the range 1<=x<=1000"),
]
TOLD_ELSEWHERE_TOO = [
    ("data=mnist data.root=/nowhere data.download=false", "MNIST was not found under /nowhere (looked for /nowhere/"),
    ("data=cifar10 data.root=/nowhere data.download=false", "put the files of cifar-10-python.tar.gz there, set "),
    ("data=image_folder data.root=/nowhere", "/nowhere is not a folder: set data.root=FOLDER, a folder with pictures"),
    ("data=image_folder data.root=.", "holds no pictures (.bmp .gif .jpeg"),
    ("data=image_folder", "data.root has no default: add data.root=VALUE"),
    ("data.kind=grid data.modes=24", "a square number of modes, at least 4; got data.modes=24"),
    ("data.kind=swiss_roll data.modes=3", "data.kind=swiss_roll has no modes: remove data.modes=3"),
    ("data=linear_gaussian data.offset=[1]", "data.offset has 1 entries and data.matrix 2 columns"),
    ("data=linear_gaussian data.matrix=[[1,2],[2,4]]", "data.matrix is singular"),
    ("data=linear_gaussian data.matrix=[[1,2,3],[4,5,6]]", "data.matrix must be square"),
    ("data=linear_gaussian data.offset=[a,b]", "must be a list of numbers, as in [1.0,2.0]"),
    ("trainer=ddp trainer.sync_batchnorm=maybe", "trainer.sync_batchnorm=maybe: must be one of true, false"),
    (
        "model=cyclegan data=unpaired_folders data.source_root=. data.target_root=/nowhere",
        "holds no pictures (.bmp .gif .jpeg .jpg .png .tif .tiff .webp): set data.source_root=FOLDER",
    ),
    ("data.num_samples=1000", "the data has 1000 samples, but one iteration takes 1024"),
    ("model=gan network=dcgan", "network=dcgan makes images, but the data has shape (2,): use network=mlp"),
    ("data=mnist data.size=30", "network=dcgan can't make images of 30 x 30 px: resize the data to 28 or 32 px"),
    ("network.discriminator.norm=instance", "norm=instance normalises each map, and vectors have none"),
    ("data=mnist network=linear", "network=linear makes points, but the data has shape (1, 28, 28)"),
    ("network.generator.norm=group network.generator.width=40", "make the width a multiple of 16"),
    ("model=dcgan data.batch_size=1", "norm=batch has no moments over data.batch_size=1: raise it"),
    ("model=pacgan model.pack=3", "packs of model.pack=3 can't part data.batch_size=1024: set it to 1023"),
    ("model=mmdgan loss=hinge", "a critic of many outputs, which loss=mmd alone reads"),
    ("model=mmdgan loss.kernel.alphas=[0.0]", "must be a list of numbers above 0, as in [1.0,2.0]"),
    (
        "data=mnist metrics=[modes]",
        "metrics.modes measures data=gaussians, and the data are MNIST: set metrics=[f",
    ),
    ("metrics=[fid]", "metrics.inception measures images, and the data are Gaussians: set metrics=[modes,wasserstein]"),
    ("data.kind=swiss_roll metrics=[jensen_shannon]", "needs a known mixture, and data.kind=swiss_roll is none"),
    ("callbacks.checkpoint.best_mode=least", "callbacks.checkpoint.best_mode=least: must be one of min, max"),
    ("model=wgan_gp network.discriminator.norm=batch", "set network.discriminator.norm=layer"),
    ("model=wgan loss=minimax", "set loss=wasserstein"),
    ("model=cgan", "this model needs labelled data: choose data=mnist, fashion_mnist, cifar10, stacked_mnist, or"),
    ("model=acgan data=linear_gaussian", "this model needs labelled data"),
    ("model=cgan data=mnist network.conditioning=cbn network.generator.norm=layer", "set network.generator.norm=batch"),
    ("network.conditioning=concat", "network.conditioning"),
    ("model=infogan model.categories=1", "model.categories=1: must be a whole number, at least 2"),
    ("model=infogan model.continuous=-1", "model.continuous=-1: must be a whole number, at least 0"),
    ("needs=[colours]", "needs=['colours']: must be a list, as in [] or [labels,pairs]"),
    ("ckpt_path=nothing.ckpt", "ckpt_path=nothing.ckpt: there is no such file"),
    ("ckpt_path=last", "there is no run with a checkpoint in outputs/: train one, or name its folder"),
    ("resume=last", "there is no run with a checkpoint in outputs/: train one, or name its folder"),
    ("resume=/nowhere trainer.max_steps=9", "resume=/nowhere: there is no such folder; name a run's folder, or last"),
    ("callbacks.checkpoint.every_n_minutes=0", "callbacks.checkpoint.every_n_minutes=0: must be a number above 0"),
    ("callbacks.checkpoint.every_n_iterations=0", "must be a whole number, at least 1"),
    ("data._target_=os.system", "_target_=os.system is refused"),
    ("optimizer.generator.lr=fast", "optimizer.generator.lr=fast: must be a number above 0"),
    ("model.n_critic=0", "model.n_critic=0: must be a whole number, at least 1"),
    ("model.n_critc=5", "did you mean model.n_critic?"),
    ("+penalty.gradient.weight=5", "penalty.gradient has settings, but is not chosen: add penalty=[gradient]"),
    ("+nothing=1", "nothing: nothing reads this key"),
    ("seed=${nothing}", "seed=${nothing} can't be resolved"),
    ("model=wgann", "model=wgann: no such option, did you mean wgan?"),
    ("~penalty", "write penalty=[]"),
    ("~model", "~model: this group can't be taken away: model has: "),
    ("~network", "network.generator describes nothing"),
    ("guard.every=0", "guard.every=0: must be a whole number, at least 1"),
    ("guard.factor=1.5", "guard.factor=1.5: must be a number above 0 and at most 1"),
    ("~callbacks.nothing", "callbacks.nothing: no such key; callbacks has: "),
    ("~data.kind", "data.kind is missing"),
    ("--model=wgan", "--model=wgan: no such flag: write model=wgan, without dashes"),
    ("=3", "can't read the override '=3': write KEY=VALUE"),
    ("network.generator.width=1000000000", "must be a whole number, at least 1 and at most 65536"),
    ("network.generator.depth=1000000000", "must be a whole number, at least 1 and at most 1024"),
    ("data.num_samples=1000000000000", "must be a whole number, at least 1 and at most 1000000000"),
    ("trainer=ddp trainer.devices=0", "trainer.devices=0: must be a whole number, at least 1"),
    ("+trainer.profiler=xla", "trainer.profiler=xla: must be one of simple, advanced, pytorch, or null"),
    ("~hydra.callbacks.validate", "hydra.callbacks are the program's own: leave them alone"),
    ("-m sweep=optuna sweep.search.lr.low=x", "sweep.search.lr.low=x: must be a number"),
    ("-m sweep=optuna sweep.search.lr.low=1", "sweep.search.lr.low=1 is above its high=0.01: lower it"),
    ("-m sweep=optuna sweep.search.lr.key=lr", "sweep.search.lr.key=lr: no such key"),
]
TABLES = {
    "data": DATA,
    "parts": PARTS,
    "keys": KEYS,
    "sizes": SIZES,
    "references": REFERENCES,
    "passed over": PASSED_OVER,
    "told elsewhere too": TOLD_ELSEWHERE_TOO,
}
SLOW = {name: pytest.mark.slow for name in ("references", "passed over", "told elsewhere too")}
"""What `tests/test_values.py` and others look at without a command line."""


def run(commands: list[list[str]], folder: Path) -> list[Any]:
    """What became of each command: code, stderr, stdout, files, and whether torch was imported."""
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)],
        **{"input": json.dumps(commands), "env": environment, "cwd": folder, "capture_output": True, "text": True},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "cases", [pytest.param(cases, marks=SLOW.get(name, ()), id=name) for name, cases in TABLES.items()]
)
def test_a_mistake_is_one_line_and_exit_code_2_and_leaves_nothing_and_imports_no_torch(
    cases: list[tuple[str, str]], tmp_path: Path
) -> None:
    results = run([command.split() for command, _ in cases], tmp_path)
    assert len(results) == len(cases)
    for (command, fragment), (code, said, told, left, torch) in zip(cases, results, strict=True):
        assert fragment in said, (command, said)
        assert said.startswith("gan_lightning: ") and len(said.splitlines()) == 1, (command, said)
        assert (code, told, left, torch) == (2, "", [], False), command


def test_what_is_right_goes_on_to_train(tmp_path: Path) -> None:
    """The child can tell the difference."""
    (code, said, told, left, torch), _ = run([["model=gan"], ["~callbacks"]], tmp_path)
    assert (code, said, told, torch) == (0, "", "would train\n", False)
    assert not any(name.endswith((".yaml", ".hydra")) for name in left)
