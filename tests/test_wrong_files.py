"""Damaged files, folders that are none, runs that can't go on: one line, exit code 2, and every file as it was."""

import copy
import errno
import gzip
import io
import os
import pickle
import shutil
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf
from PIL import Image

from gan_lightning import app, single
from gan_lightning.errors import UsageError
from gan_lightning.memory import enough_memory
from gan_lightning.report import save_config
from gan_lightning.runs.checkpoint import FORMAT_KEY
from gan_lightning.runs.status import FAILED, FINISHED, begun, read_status, write_status
from gan_lightning.runs.storage import store
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen

QUIET = ["callbacks=none", "~callbacks.samples", "logger=none", "metrics=[]"]
SMALL = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=64", "threads=1"]
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


class _Evil:
    def __reduce__(self) -> Any:
        return os.system, ("touch mark",)


def idx(*shape: int, size: int | None = None, magic: int = 8) -> bytes:
    """An IDX file of zeros; `size` bytes of them whatever the header says."""
    header = bytes([0, 0, magic, len(shape)]) + b"".join(length.to_bytes(4, "big") for length in shape)
    return header + bytes(torch.Size(shape).numel() if size is None else size)


def png(width: int, height: int) -> bytes:
    """A PNG whose header says so and whose pixels are missing."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    chunks = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (header, data)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def picture(kind: str) -> bytes:
    """A small one."""
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, kind)
    return file.getvalue()


def digits(folder: Path) -> None:
    """Sets of digits, each with one fault."""
    good = {IMAGES: idx(2, 28, 28), LABELS: idx(2)}
    wrong: dict[str, dict[str, bytes]] = {
        "magic": {IMAGES: idx(2, 28, 28, magic=9)},
        "empty": {IMAGES: b""},
        "none": {IMAGES: idx(0, 28, 28)},
        "cut": {IMAGES: idx(2, 28, 28, size=1000)},
        "long": {IMAGES: idx(2, 28, 28, size=2000)},
        "huge": {IMAGES: idx(2**32 - 1, 2**32 - 1, 2**32 - 1, size=100)},
        "text": {IMAGES: b"These are no digits, but words.\n"},
        "swapped": {IMAGES: idx(2), LABELS: idx(2, 28, 28)},
        "other": {},
        "labels": {LABELS: idx(3, size=2)},
    }
    for name, changed in wrong.items():
        for file, content in (good | changed).items():
            write(folder / name / file, content)
    for name, content in (("gzip_cut", gzip.compress(good[IMAGES])[:-9]), ("gzip_none", b"no gzip")):
        write(folder / name / f"{IMAGES}.gz", content)
        write(folder / name / LABELS, good[LABELS])
    (folder / "folder" / IMAGES).mkdir(parents=True)
    for name, content in (("batch_empty", b""), ("batch_text", b"no pickle"), ("batch_evil", pickle.dumps(_Evil()))):
        for number in range(1, 6):
            write(folder / name / "cifar-10-batches-py" / f"data_batch_{number}", content)


def pictures(folder: Path) -> None:
    """Folders of pictures, each with one fault."""
    good = {"a.png": picture("PNG"), "b.jpg": picture("JPEG")}
    for name, changed in {
        "good": {},
        "text": {"c.png": b"no picture"},
        "empty": {"c.png": b""},
        "cut": {"c.jpg": picture("JPEG")[:-200]},
        "cut_png": {"c.png": picture("PNG")[:40]},
        "zero": {"c.png": png(0, 0)},
        "bomb": {"c.png": png(100_000, 100_000)},
        "pdf": {"c.png": b"%PDF-1.4\n"},
        "mixed": {"class/c.png": picture("PNG")},
    }.items():
        for file, content in (good | changed).items():
            write(folder / name / file, content)
    write(folder / "words" / "a.txt", b"no picture")
    write(folder / "one_class" / "only" / "a.png", picture("PNG"))
    (folder / "nothing").mkdir()
    (folder / "dangling").mkdir()
    (folder / "dangling" / "a.png").symlink_to("nowhere.png")


CONTENT: dict[str, Callable[[dict[str, Any]], object]] = {
    "loops": lambda content: content["loops"].update(fit_loop="x"),
    "groups": lambda content: content["optimizer_states"][0].update(param_groups=5),
    "no_groups": lambda content: content["optimizer_states"][0].update(param_groups=[]),
    "words": lambda content: content["state_dict"].update({"generator.layers.0.bias": "text"}),
    "moment": lambda content: content["optimizer_states"][0]["state"][0].update(exp_avg="text"),
    "no_step": lambda content: content.pop("global_step"),
    "no_loops": lambda content: content.pop("loops"),
    "progress": lambda content: content["loops"]["fit_loop"].update({"epoch_progress": {}}),
    "loader": lambda content: content["loops"]["fit_loop"]["state_dict"].update(combined_loader=[{"epoch": 1}]),
    "game": lambda content: content.update(game=5),
}
"""What is wrong in a file of the right format, without a sidecar."""


def _changed(whole: dict[str, Any], change: Callable[[dict[str, Any]], object], path: Path) -> None:
    content = copy.deepcopy(whole)
    change(content)
    torch.save(content, path)


def checkpoints(folder: Path, run: Path, other: Path) -> None:
    """Runs that would be fine, but for their one checkpoint."""
    whole = torch.load(run / "checkpoints" / "00000003.ckpt", weights_only=True)
    written: dict[str, Callable[[Path], object]] = {
        "text": lambda path: path.write_text("no checkpoint"),
        "empty": lambda path: path.touch(),
        "cut": lambda path: path.write_bytes((run / "checkpoints" / "00000003.ckpt").read_bytes()[:-500]),
        "evil": lambda path: torch.save(_Evil(), path),
        "raw": lambda path: path.write_bytes(pickle.dumps(_Evil())),
        "weights": lambda path: store({"state_dict": whole["state_dict"]}, path),
        "list": lambda path: torch.save([1, 2], path),
        "newer": lambda path: store(whole | {FORMAT_KEY: 99}, path),
        "older": lambda path: store({key: value for key, value in whole.items() if key != FORMAT_KEY}, path),
        "variant": lambda path: shutil.copy(other / "checkpoints" / "00000003.ckpt", path),
        **{name: partial(_changed, whole, change) for name, change in CONTENT.items()},
        "hash": lambda path: (
            store(whole, path),
            path.with_name(f"{path.name}.sha256").write_text(f"{'0' * 64}  {path.name}\n"),
        ),
    }
    for name, write_it in written.items():
        (folder / name / "checkpoints").mkdir(parents=True)
        shutil.copy(run / "config.yaml", folder / name)
        write_it(folder / name / "checkpoints" / "00000002.ckpt")
    (folder / "folder" / "checkpoints" / "00000002.ckpt").mkdir(parents=True)
    shutil.copy(run / "config.yaml", folder / "folder")


def configs(folder: Path, run: Path) -> None:
    """Runs that would be fine, but for their config."""
    text = (run / "config.yaml").read_text()
    for name, content in {
        "empty": b"",
        "cut": text.encode()[: len(text) // 3],
        "words": b"no config at all",
        "list": b"- 1\n- 2\n",
        "binary": bytes(range(256)),
        "yaml": b"model: {\n",
        "tag": b"model: !!python/object/apply:os.system [touch mark]\ndata: {}\nmetrics: {}\n",
        "target": text.replace("gan_lightning.models.gan.GAN", "os.system").encode(),
        "nested": (text + "extra:\n- - _target_: os.system\n    command: touch mark\n").encode(),
        "gone": text.replace("gan_lightning.models.gan.GAN", "gan_lightning.models.gone.Gone").encode(),
        "reference": text.replace("model:\n", "model:\n  extra: ${nope}\n", 1).encode(),
        "threads": text.replace("threads: 1\n", "threads: lots\n").encode(),
        "bare": b"model: {}\ndata: {}\nmetrics: {}\n",
    }.items():
        (folder / name).mkdir(parents=True)
        shutil.copytree(run / "checkpoints", folder / name / "checkpoints", symlinks=True)
        (folder / name / "config.yaml").write_bytes(content)


def composed(*overrides: str) -> DictConfig:
    """A config as a run has it."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", list(overrides))
    drop_unchosen(config)
    return config


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(scope="session")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    saved_run: Callable[..., Any],
) -> Path:
    """Runs, sets and checkpoints, right and wrong ones, for tests that leave them as they are."""
    folder = tmp_path_factory.mktemp("wrong")
    saved_run(folder / "ring", "model=gan", knobs=SMALL)
    saved_run(folder / "lsgan", "model=lsgan", knobs=SMALL)
    write_status(folder / "ring", replace(begun([]), state=FINISHED))
    digits(folder / "sets")
    pictures(folder / "pictures")
    checkpoints(folder / "checkpoint", folder / "ring", folder / "lsgan")
    configs(folder / "config", folder / "ring")
    good = folder / "pictures" / "good"
    for name, line in {
        "digits": "model=gan data=mnist data.root=x data.download=false",
        "colours": "model=gan data=cifar10 data.root=x data.download=false",
        "pictures_run": f"model=gan data=image_folder data.size=8 data.root={good} data.cache=cache",
        "labels_run": f"model=cgan data=image_folder data.size=8 data.root={good} data.cache=cache",
        "pairs_run": "model=cyclegan data=unpaired_folders data.size=8 data.cache=cache "
        "network.discriminator.layers=1 "
        f"data.source_root={good} data.target_root={good}",
    }.items():
        where = folder / name
        save_config(composed(*QUIET, *line.split(), "data.batch_size=2", f"folder={where}"), where)
        store({"step": torch.tensor(1)}, where / "checkpoints" / "00000001.ckpt")
    (folder / "file").write_text("no folder")
    (folder / "nothing").mkdir()
    shutil.copytree(folder / "ring", folder / "bare")
    shutil.rmtree(folder / "bare" / "checkpoints")
    return folder


SETS = [
    *[
        (f"resume=digits data.root=sets/{name}", f"{IMAGES} is damaged ({why}")
        for name, why in [
            ("magic", "starts with 00000903, not with the magic number 00000803"),
            ("empty", "0 bytes are shorter than an IDX header of 16"),
            ("none", "empty: its header says 0 x 28 x 28"),
            ("cut", "shorter than its header says: 1000 bytes of data, not 1568"),
            ("long", "longer than its header says: 2000 bytes of data, not 1568"),
            ("huge", "shorter than its header says: 100 bytes of data"),
            ("text", "starts with 54686573"),
            ("swapped", "10 bytes are shorter than an IDX header of 16"),
            ("other", "sha256 differs from the official file's"),
        ]
    ],
    ("resume=digits data.root=sets/labels", "is damaged (sha256 differs"),
    ("resume=digits data.root=sets/gzip_cut", f"{IMAGES}.gz is damaged (cannot be read: Compressed file ended"),
    ("resume=digits data.root=sets/gzip_none", f"{IMAGES}.gz is damaged (cannot be read: Not a gzipped file"),
    ("resume=digits data.root=sets/folder", "MNIST was not found under sets/folder"),
    ("resume=digits data.root=sets/nowhere", "MNIST was not found under sets/nowhere"),
    ("resume=digits data.root=file", "MNIST was not found under file"),
    ("resume=colours data.root=sets/batch_empty", "data_batch_1 is damaged (MD5 differs"),
    ("resume=colours data.root=sets/batch_text", "data_batch_1 is damaged (MD5 differs"),
    ("resume=colours data.root=sets/batch_evil", "data_batch_1 is damaged (MD5 differs"),
    ("resume=colours data.root=nothing", "CIFAR10 was not found under nothing"),
    *[
        (
            f"resume=pictures_run data.root=pictures/{name}",
            f"1 of 3 files under pictures/{name} cannot be read as pictures",
        )
        for name in ("text", "empty", "cut", "cut_png", "zero", "bomb", "pdf")
    ],
    ("resume=pictures_run data.root=pictures/mixed", "holds pictures itself (a.png) and in subfolders (class/c.png)"),
    ("resume=pictures_run data.root=pictures/words", "pictures/words holds no pictures"),
    ("resume=pictures_run data.root=pictures/nothing", "pictures/nothing holds no pictures"),
    (
        "resume=pictures_run data.root=pictures/dangling",
        "cannot be read (No such file or directory): mend or remove it",
    ),
    ("resume=pictures_run data.root=file", "file is not a folder: set data.root=FOLDER"),
    ("resume=pictures_run data.cache=file/cache", "cannot be written (Not a directory): set data.cache=FOLDER"),
    ("resume=pictures_run data.batch_size=1000000000", "the data has 2 samples, but one iteration takes 1000000000"),
    ("resume=labels_run", "this model needs labelled data: choose data=mnist"),
    ("resume=labels_run data.root=pictures/one_class", "this model needs labelled data: choose data=mnist"),
    ("resume=pairs_run", "data.source_root and data.target_root are both "),
    ("resume=pairs_run data.target_root=pictures/nothing", "holds no pictures"),
    ("resume=pairs_run data.source_root=nowhere", "nowhere is not a folder: set data.source_root=FOLDER"),
    ("resume=pairs_run data.target_root=pictures/text", "cannot be read as pictures"),
]
RUNS = [
    *[
        (f"sample checkpoint/{name}/checkpoints/00000002.ckpt", why)
        for name, why in [
            ("text", "can't be read as a checkpoint: it is damaged, or another file; no other beside it is whole"),
            ("empty", "can't be read as a checkpoint: it is empty"),
            ("cut", "can't be read as a checkpoint: it is damaged, or another file"),
            ("evil", "can't be read as a checkpoint: it is damaged, or another file"),
            ("raw", "can't be read as a checkpoint: it is damaged, or another file"),
            ("weights", "is no checkpoint of gan_lightning: name one of a run's checkpoints/*.ckpt"),
            ("list", "is no checkpoint of gan_lightning"),
            ("newer", "is a checkpoint of format 99, this version reads 1: install its version"),
            ("older", "is a checkpoint of format None, this version reads 1"),
            ("hash", "it is damaged, for it is not what 00000002.ckpt.sha256 says"),
            ("folder", "is no run, for it has no config.yaml"),
        ]
    ],
    *[
        (f"resume=checkpoint/{name} trainer.max_steps=9", f"00000002.ckpt can't be {why}; no other beside it is whole")
        for name, why in [
            ("loops", "read as a checkpoint: its loops.fit_loop is of type str"),
            ("words", "read as a checkpoint: its state_dict.generator.layers.0.bias is of type str"),
            ("moment", "read as a checkpoint: its optimizer_states.0.state.0.exp_avg is of type str"),
            ("no_step", "read as a checkpoint: it has no global_step"),
            ("no_loops", "read as a checkpoint: it has no loops"),
            ("game", "read as a checkpoint: its game is of type int"),
        ]
    ],
    ("sample checkpoint/words/checkpoints/00000002.ckpt", "its state_dict.generator.layers.0.bias is of type str"),
    ("sample config/reference", "model.extra=${nope} can't be resolved"),
    ("sample config/threads", "threads=lots: must be a whole number, at least 1 and at most 1024, or null"),
    ("resume=ring trainer.max_steps=null", "trainer.max_steps=null: must be a whole number, at least -1"),
    ("resume=ring needs=null", "needs=null: must be a list, as in [] or [labels,pairs]"),
    ("resume=ring trainer.max_steps=9 loss._target_=torch.nn.MSELoss", "is no Loss: choose from loss=hinge"),
    (
        "resume=ring trainer.max_steps=9 data._target_=gan_lightning.losses.Hinge",
        "is no MemoryData: choose from data=cifar10",
    ),
    ("resume=ring trainer.max_steps=9 trainer._target_=torch.nn.Identity", "is no Trainer: choose from trainer=auto"),
    ("resume=ring trainer.max_steps=9 +trainer.profiler.a=1", "must be one of simple, advanced, pytorch, or null"),
    ("resume=ring trainer.max_steps=9 +trainer.benchmark=true +trainer._args_=5", "can't build lightning.Trainer: Un"),
    ("resume=ring trainer.max_steps=9 +optimizer.generator.eps=-1", "optimizer.generator: Invalid epsilon value: -1"),
    (
        "resume=ring trainer.max_steps=9 model._target_=gan_lightning.models.base.AdversarialModule",
        "is what others are made of, not one itself: choose from model=acgan",
    ),
    (
        "resume=ring trainer.max_steps=9 +callbacks.x={_target_:torch.nn.Linear,in_features:-2,out_features:2}",
        "callbacks.x._target_=torch.nn.Linear is no Callback: choose from callbacks=default, none",
    ),
    ("directions ring --range 1e308", "--range 1e+308: it must be a number above 0 and at most 1000"),
    ("invert ring 1e308,1", "1e308,1: this run's samples are points in the plane"),
    ("sample ring --num 9999999", "--num 9999999 is too many for one picture: add --files, or take 1000000 at most"),
    ("resume=checkpoint/variant trainer.max_steps=9", "the checkpoint's loss is LeastSquares"),
    ("resume=checkpoint/evil trainer.max_steps=9", "can't be read as a checkpoint: it is damaged, or another file"),
    (
        "resume=checkpoint/text trainer.max_steps=9",
        "has no whole checkpoint: 00000002.ckpt: it is damaged, or another f",
    ),
    ("resume=checkpoint/newer trainer.max_steps=9", "is a checkpoint of format 99"),
    ("resume=checkpoint/folder trainer.max_steps=9", "has no whole checkpoint: 00000002.ckpt: it can't be read"),
    *[
        (f"{verb}config/{name}{more}", "can't be read as a run's config: restore the one it was made with")
        for name in ("empty", "cut", "words", "list", "binary", "yaml", "tag")
        for verb, more in (("sample ", ""), ("resume=", " trainer.max_steps=9"))
    ],
    ("resume=config/target trainer.max_steps=9", "_target_=os.system is refused"),
    ("sample config/target", "_target_=os.system is refused"),
    ("evaluate config/nested", "_target_=os.system is refused"),
    ("resume=config/nested trainer.max_steps=9", "_target_=os.system is refused"),
    ("sample config/gone", "can't build gan_lightning.models.gone.Gone"),
    ("resume=config/bare", "model describes nothing: choose one of model="),
    ("resume=config/bare trainer.max_steps=9", "trainer.max_steps: no such key in the run's config"),
    ("sample config/bare", "config/bare/config.yaml can't be read as a run's config: its data are damaged"),
    ("resume=nothing", "no run, for it has no config.yaml; name a run's folder, or last"),
    ("resume=file", "there is no such folder"),
    ("resume=bare trainer.max_steps=9", "has no checkpoint to go on from: train again"),
    ("resume=ring", "there is nothing left to do: the checkpoint has 3 iterations; raise trainer.max_steps"),
    ("resume=ring trainer.max_steps=9 trainer.accelerator=tpu", "must be one of auto, cpu, gpu, cuda, mps"),
    ("resume=ring trainer.max_steps=9 trainer.precision=16-true", "must be one of 32-true, 64-true, bf16-mixed"),
    ("resume=ring trainer.max_steps=9 trainer.devices=7", "takes several processes: add trainer=ddp"),
    ("resume=ring trainer.max_steps=9 trainer.devices=0", "trainer.devices=0: must be a whole number, at least 1"),
    ("resume=ring trainer.max_steps=9 data.batch_size=1000000000", "one iteration takes 1000000000"),
    (
        "resume=ring trainer.max_steps=9 data.num_samples=1000000000000",
        "must be a whole number, at least 1 and at most",
    ),
    ("resume=ring trainer.max_steps=9 network.generator.width=1000000000", "at least 1 and at most 65536"),
    ("resume=ring trainer.max_steps=9 network.generator.width=16", "generator.width is 8, this run's 16"),
    (
        "resume=ring trainer.max_steps=9 network.generator.activation=tanh",
        "generator.activation is relu, this run's tanh",
    ),
    ("resume=ring trainer.max_steps=9 +optimizer.generator.amsgrad=true", "needs max_exp_avg_sq, which"),
    ("resume=ring trainer.max_steps=9 speed.compile=cuda_graphs", "takes a CUDA device, this run has cpu"),
    ("resume=ring trainer.max_steps=9 +trainer.gradient_clip_val=0.1", "set model.max_grad_norm instead"),
    ("resume=ring trainer.max_steps=9 +trainer.accumulate_grad_batches=3", "set data.batch_size instead"),
    ("resume=ring trainer.max_steps=9 model.seed=5", "the checkpoint's seed is 0, this run's 5"),
    *[
        (f"{verb} {where}", why)
        for verb in ("sample", "evaluate", "export", "interpolate", "directions")
        for where, why in (("nothing", "is no run"), ("nowhere", "no such file or folder"))
    ],
    ("compare nowhere", "nowhere is no run's folder, for it has no config.yaml"),
    ("compare nothing", "nothing is no run's folder, for it has no config.yaml"),
    ("sample ring --number 0", "sample: "),
    ("sample ring --seed -1", "sample: "),
    ("sample ring --nothing", "sample: No such option: --nothing"),
    ("sample ring --out file", "file"),
    ("sample ring --out file/inside.png", "file is a file, no folder"),
    ("export ring --format nothing", "export: "),
    ("export ring --format torch --out file/inside", "file is a file, no folder"),
    ("export ring --format torch --out /proc/inside", "/proc"),
    ("translate ring file", "translate"),
    ("invert ring", "invert: Missing"),
    ("smaple ring", "smaple: no such verb, did you mean sample?"),
]


def answer(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The exit code of a command line."""
    monkeypatch.setattr("sys.argv", ["gan_lightning", *arguments])
    try:
        return app.main()
    except SystemExit as error:
        return error.code


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of everything below a folder."""
    found = ((path, path.lstat()) for path in folder.rglob("*"))
    return {str(path): (status.st_size, status.st_mtime_ns) for path, status in found}


@pytest.mark.parametrize(("command", "fragment"), [*SETS, *RUNS], ids=[command for command, _ in [*SETS, *RUNS]])
def test_a_mistake_is_one_line_and_exit_code_2_and_every_file_is_as_it_was(
    command: str, fragment: str, place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    before = tree(place)
    code = answer(command.split(), monkeypatch)
    told = capfd.readouterr()
    said = told.err.split("\r")[-1].splitlines()[-1:] if "decoding" in told.err else told.err.splitlines()
    assert len(said) == 1 and said[0].startswith("gan_lightning: "), told
    assert fragment in said[0]
    assert (code, told.out) == (2, "")
    assert tree(place) == before


@pytest.mark.parametrize(
    ("more", "fragment"),
    [
        ("checkpoint/no_groups", "loaded state dict has a different number of parameter groups; no other beside it is"),
        ("checkpoint/groups", "00000002.ckpt can't be gone on from: TypeError: object of type 'int' has no len()"),
        ("checkpoint/progress", "00000002.ckpt can't be gone on from: KeyError"),
        ("checkpoint/loader", "00000002.ckpt can't be gone on from: KeyError: 'position'"),
        pytest.param(
            "ring +callbacks.x={_target_:lightning.pytorch.callbacks.BatchSizeFinder}",
            "callbacks.x (BatchSizeFinder) can't go on",
            marks=pytest.mark.slow,
        ),
        (
            "ring +callbacks.x={_target_:lightning.pytorch.callbacks.GradientAccumulationScheduler,scheduling:{2:2}}",
            "callbacks.x (GradientAccumulationScheduler) can't go on: Automatic gradient accumulation",
        ),
        (
            "ring +callbacks.x={_target_:lightning.pytorch.callbacks.EarlyStopping,monitor:nothing}",
            "callbacks.x (EarlyStopping) can't go on: Early stopping conditioned on metric `nothing`",
        ),
        (
            "ring +logger.x={_target_:lightning.pytorch.loggers.CSVLogger,save_dir:/dev/null}",
            "logger.x (CSVLogger) can't go on: [Errno 20] Not a directory",
        ),
    ],
)
def test_what_shows_only_behind_the_start_is_one_line_and_no_checkpoint_is_lost(
    more: str, fragment: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    name, *overrides = more.split()
    shutil.copytree(place / name, tmp_path / "run", symlinks=True)
    monkeypatch.chdir(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "run" / "checkpoints").glob("0*")}
    code = answer(["resume=run", "trainer.max_steps=9", *overrides], monkeypatch)
    said = capfd.readouterr().err.splitlines()
    assert (code, len(said)) == (2, 1) and said[0].startswith("gan_lightning: ") and fragment in said[0], said
    assert before == {name: (tmp_path / "run" / "checkpoints" / name).read_bytes() for name in before}
    told = read_status(tmp_path / "run")
    assert told is not None and told.state == FAILED and fragment in str(told.reason)


def test_the_table_is_long_and_says_nothing_twice() -> None:
    commands = [command for command, _ in [*SETS, *RUNS]]
    assert len(set(commands)) == len(commands) >= 60


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_disk_that_is_full_before_the_run_is_one_line(
    error: int, place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, text: str) -> None:
        raise OSError(error, os.strerror(error), str(path))

    monkeypatch.chdir(place)
    monkeypatch.setattr("gan_lightning.report.replace_text", refuse)
    before = tree(place)
    assert answer(["resume=ring", "trainer.max_steps=9"], monkeypatch) == 2
    said = capfd.readouterr().err
    ring, why = f"{place}/ring", os.strerror(error)
    full = error in (errno.ENOSPC, errno.EDQUOT)
    advice = f": {why}: make room, then resume={ring} goes on" if full else f" can't be written to ({why}): set hydra."
    assert said.startswith(f"gan_lightning: {ring}") and advice in said and len(said.splitlines()) == 1
    assert tree(place) == before


@pytest.mark.parametrize(
    ("command", "fragment"),
    [
        ("hydra.run.dir=file", "file is a file, no folder: name another folder as hydra.run.dir"),
        ("hydra.run.dir=file/run", "file is a file, no folder: name another folder as hydra.run.dir"),
        (
            "hydra.run.dir=/proc/run",
            "/proc/run can't be made (No such file or directory): name another folder as hydra",
        ),
        ("folder=file", "file is a file, no folder: name another folder as folder=FOLDER, or leave it out"),
        ("-m seed=0,1 hydra.sweep.dir=file", "can't be made: File exists; name another folder as hydra.sweep.dir"),
    ],
)
def test_a_folder_that_cant_be_made_is_one_line(
    command: str, fragment: str, place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setattr(single, "_train", lambda config, overrides: pytest.fail("it would train"))
    before = tree(place)
    assert answer(command.split(), monkeypatch) == 2
    said = capfd.readouterr().err
    assert fragment in said and said.startswith("gan_lightning: ") and len(said.splitlines()) == 1
    assert tree(place) == before


def test_too_little_memory_is_one_line() -> None:
    with (
        pytest.raises(UsageError, match="there is not enough memory for this run: lower data.batch_size"),
        enough_memory(),
    ):
        torch.empty(2**55)
    with pytest.raises(UsageError, match="there is not enough memory"), enough_memory():
        raise ValueError("building") from torch.OutOfMemoryError("CUDA out of memory")
    with pytest.raises(RuntimeError, match="another"), enough_memory():
        raise RuntimeError("another mistake")


def test_configs_of_the_runs_are_right(place: Path) -> None:
    """What is wrong is what the table says, not the run that it is done with."""
    for name in ("ring", "digits", "colours", "pictures_run"):
        assert "_target_" in OmegaConf.load(place / name / "config.yaml").model
