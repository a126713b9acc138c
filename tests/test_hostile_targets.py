"""Configs from strangers: whatever a `_target_` names and wherever it stands, it is refused in one line, not called."""

import itertools
import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hydra.core.hydra_config import HydraConfig
from hydra.utils import get_object
from omegaconf import OmegaConf

from gan_lightning import app


class Trap(NamedTuple):
    """A call that changes the folder it is made in."""

    target: str
    args: tuple[Any, ...] = ()
    settings: Mapping[str, Any] = {}

    @property
    def node(self) -> dict[str, Any]:
        """As it stands in a config."""
        return {"_target_": self.target, **({"_args_": list(self.args)} if self.args else {}), **self.settings}


TOUCH = "touch mark"
OPEN = "open('mark', 'w').close()"
TRAPS = [
    Trap("os.system", (), {"command": TOUCH}),
    Trap("posix.system", (), {"command": TOUCH}),
    Trap("os.popen", (TOUCH,)),
    Trap("os.mkdir", ("mark",)),
    Trap("os.remove", ("victim",)),
    Trap("subprocess.Popen", (["touch", "mark"],)),
    Trap("subprocess.run", (), {"args": TOUCH, "shell": True}),
    Trap("subprocess.check_output", (["touch", "mark"],)),
    Trap("builtins.eval", (OPEN,)),
    Trap("builtins.exec", (OPEN,)),
    Trap("builtins.open", ("mark", "w")),
    Trap("builtins.__import__", ("evil",)),
    Trap("importlib.import_module", ("evil",)),
    Trap("runpy.run_path", ("evil.py",)),
    Trap("torch.load", ("evil.pt",), {"weights_only": False}),
    Trap("torch.hub.load", (".", "entry"), {"source": "local"}),
    Trap("numpy.load", ("evil.npy",), {"allow_pickle": True}),
    Trap("pickle.loads", ("evil",), {"encoding": "bytes"}),
    Trap("pathlib.Path.unlink", ("victim",)),
    Trap("shutil.rmtree", ("folder",)),
    Trap("shutil.copy", ("victim", "mark")),
    Trap("hydra.utils.instantiate", ({"_target_": "os.system", "command": TOUCH},)),
    Trap("hydra.utils.call", ({"_target_": "os.system", "command": TOUCH},)),
    Trap("gan_lightning.files.os.system", (), {"command": TOUCH}),
    Trap("gan_lightning.runs.lock.os.rename", ("victim", "mark")),
    Trap("gan_lightning.folders.shutil.rmtree", ("folder",)),
    Trap("gan_lightning.ranks.subprocess.Popen", (["touch", "mark"],)),
    Trap("gan_lightning.report.Path.unlink", ("victim",)),
    Trap("gan_lightning.build.instantiate", ({"_target_": "os.system", "command": TOUCH},)),
    Trap("torch.nn.Module.__init__.__globals__", ("mark",)),
    Trap("torch.nn.modules.module.torch.load", ("evil.pt",), {"weights_only": False}),
    Trap("torch.optim.optimizer.torch.hub.load", (".", "entry"), {"source": "local"}),
    Trap("lightning.pytorch.callbacks.model_checkpoint.os.system", (), {"command": TOUCH}),
    Trap("lightning.pytorch.strategies.launchers.subprocess_script.subprocess.Popen", (["touch", "mark"],)),
    Trap("lightning.pytorch.loggers.csv_logs.os.remove", ("victim",)),
]
LIVE = [trap for trap in TRAPS if not trap.target.endswith(("loads", "globals__", "instantiate", "utils.call"))]
"""Those that do harm when they are called; the others can't with what a config can say, or Hydra itself stops them."""


ANSWERS = ("is refused", "can't build", "must be", "remove it", "describes nothing", "takes no such setting")
"""What a trap may be answered with: its target, or that its place takes nothing of the kind."""


class _Evil:
    def __reduce__(self) -> Any:
        return os.system, (TOUCH,)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with what the traps work on."""
    for name in ("victim", "folder/inside", "conf/experiment/keep.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "evil.py").write_text("import pathlib\npathlib.Path('mark').touch()\n")
    (tmp_path / "hubconf.py").write_text("import pathlib\npathlib.Path('mark').touch()\n\n\ndef entry():\n    pass\n")
    (tmp_path / "evil.pt").write_bytes(pickle.dumps(_Evil()))
    np.save(tmp_path / "evil.npy", np.array([_Evil()], dtype=object), allow_pickle=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    monkeypatch.setattr(HydraConfig.instance(), "cfg", None)
    return tmp_path


def tree() -> dict[str, bytes | None]:
    """Everything below the current folder, links as links."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(Path().rglob("*"))}


_QUOTE = re.compile(r"(\\*)'")


def written(value: Any) -> str:
    """A value in the grammar of Hydra's command line."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    return str(value).lower() if isinstance(value, bool) else "'{}'".format(_QUOTE.sub(r"\1\1\'", str(value)))


def on_the_command_line(node: Any, run: Path) -> list[str]:
    return [f"+callbacks.evil={written(node)}"]


def in_a_list(node: Any, run: Path) -> list[str]:
    return [f"+model.generator.parts=[1,[{written(node)}]]"]


def among_positional_arguments(node: Any, run: Path) -> list[str]:
    return [f"+trainer.plugins=[{{_target_:torch.nn.Sequential,_args_:[{written(node)}]}}]"]


def _in_file(tree: Any) -> list[str]:
    text = OmegaConf.to_yaml(OmegaConf.create(tree))
    Path("conf/experiment/evil.yaml").write_text(f"# @package _global_\n{text}")
    return ["--config-dir=conf", "experiment=evil"]


def in_an_experiment(node: Any, run: Path) -> list[str]:
    return _in_file({"callbacks": {"evil": node}})


def as_a_callback_of_hydra(node: Any, run: Path) -> list[str]:
    return [f"+hydra.callbacks.evil={written(node)}"]


def as_a_callback_of_hydra_in_an_experiment(node: Any, run: Path) -> list[str]:
    return _in_file({"hydra": {"callbacks": {"evil": node}}})


def in_the_launcher(node: Any, run: Path) -> list[str]:
    return ["-m", "seed=0,1", f"+hydra.launcher.evil={written(node)}"]


def as_the_launcher(node: Any, run: Path) -> list[str]:
    return ["-m", "seed=0,1", *(f"++hydra.launcher.{key}={written(value)}" for key, value in node.items())]


def as_the_sweeper(node: Any, run: Path) -> list[str]:
    return ["-m", "seed=0,1", *(f"++hydra.sweeper.{key}={written(value)}" for key, value in node.items())]


def behind_a_reference(node: Any, run: Path) -> list[str]:
    return [f"+callbacks.evil={written(node)}", "+hydra.launcher.evil=${callbacks.evil}", "-m", "seed=0,1"]


def escaped(node: Any) -> str:
    """A reference that makes the node only when it is resolved a second time."""
    return f"\\${{oc.create:{written(node)}}}"


def behind_an_escape(node: Any, run: Path) -> list[str]:
    timer = {"_target_": "lightning.pytorch.callbacks.Timer", "duration": escaped(node)}
    return _in_file({"callbacks": {"evil": timer}})


def behind_two_escapes(node: Any, run: Path) -> list[str]:
    timer = {"_target_": "lightning.pytorch.callbacks.Timer", "duration": "\\\\" + escaped(node)}
    return _in_file({"callbacks": {"evil": timer}})


def behind_an_escape_in_the_launcher(node: Any, run: Path) -> list[str]:
    return ["-m", "seed=0,1", f"+hydra.launcher.evil={written(escaped(node))}"]


def behind_an_escape_in_a_run_that_is_sampled(node: Any, run: Path) -> list[str]:
    config = OmegaConf.load(run / "config.yaml")
    config.data.num_samples = escaped(node)
    (run / "config.yaml").write_text(OmegaConf.to_yaml(config))
    return ["sample", str(run)]


def in_the_config_of_a_run_that_is_resumed(node: Any, run: Path) -> list[str]:
    config = OmegaConf.load(run / "config.yaml")
    config.trainer.max_steps = 9
    config.callbacks.evil = node
    (run / "config.yaml").write_text(OmegaConf.to_yaml(config))
    return [f"resume={run}"]


def in_the_config_of_a_run_that_is_sampled(node: Any, run: Path) -> list[str]:
    config = OmegaConf.load(run / "config.yaml")
    config.model.generator = node
    (run / "config.yaml").write_text(OmegaConf.to_yaml(config))
    return ["sample", str(run)]


QUICK = [
    *(in_the_config_of_a_run_that_is_resumed, in_the_config_of_a_run_that_is_sampled),
    behind_an_escape_in_a_run_that_is_sampled,
]
COMPOSED = [
    *(on_the_command_line, in_a_list, among_positional_arguments, in_an_experiment),
    *(as_a_callback_of_hydra, as_a_callback_of_hydra_in_an_experiment),
    *(in_the_launcher, as_the_launcher, as_the_sweeper, behind_a_reference),
    *(behind_an_escape, behind_two_escapes, behind_an_escape_in_the_launcher),
]
"""A quarter of a second each."""
WAYS = [*QUICK, *COMPOSED]


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory, saved_run: Callable[..., Any]) -> Path:
    """A run that could go on."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    saved_run(folder, knobs=["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=64"])
    return folder


def refuse(trap: Trap, way: Callable[[Any, Path], list[str]], run: Path, capsys: Any, monkeypatch: Any) -> None:
    """Check that a command line is answered with one line, and that nothing is called or left."""
    shutil.copytree(run, "run", symlinks=True)
    monkeypatch.setattr("sys.argv", ["gan_lightning", *way(trap.node, Path("run"))])
    before = tree()
    try:
        code: Any = app.main()
    except SystemExit as error:
        code = error.code
    told = capsys.readouterr()
    assert (code, told.out) == (2, ""), told
    assert told.err.startswith("gan_lightning: ") and len(told.err.splitlines()) == 1, told.err
    assert any(words in told.err for words in ANSWERS), told.err
    assert tree() == before


def once_each() -> list[Any]:
    """Each trap by one way, each way at least once."""
    ways = [*COMPOSED, *itertools.islice(itertools.cycle(QUICK), len(TRAPS) - len(COMPOSED))]
    return [named(trap, way) for trap, way in zip(TRAPS, ways[::-1], strict=True)]


def named(trap: Trap, way: Any) -> Any:
    return pytest.param(trap, way, id=f"{trap.target}-{way.__name__}")


@pytest.mark.parametrize("trap", LIVE, ids=[trap.target for trap in LIVE])
def test_the_traps_are_live(place: Path, trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    """What is refused below would do harm."""
    before = tree()
    with suppress(RuntimeError, AttributeError), ExitStack() as opened:  # from torch.load, behind the harm
        result = get_object(trap.target)(*trap.args, **trap.settings)
        opened.callback(getattr(result, "wait", getattr(result, "close", lambda: None)))
    sys.modules.pop("evil", None)
    assert tree() != before


@pytest.mark.parametrize(("trap", "way"), once_each())
def test_a_hostile_target_is_refused(
    place: Path, trap: Trap, way: Any, whole_run: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(trap, way, whole_run, capsys, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(("trap", "way"), [named(*pair) for pair in itertools.product(TRAPS, WAYS)])
def test_a_hostile_target_is_refused_wherever_it_stands(
    place: Path, trap: Trap, way: Any, whole_run: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(trap, way, whole_run, capsys, monkeypatch)
