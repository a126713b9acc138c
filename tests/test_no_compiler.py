"""torch's compiler is put off in a process of the program's own; whoever needs it has it."""

import subprocess
import sys

import pytest
import torch
from torch._dynamo import OptimizedModule as RealOptimizedModule

from gan_lightning import no_compiler
from gan_lightning.no_compiler import OptimizedModule, disable

PROGRAM = """
import sys
from gan_lightning.heavy import import_torch, own_process
own_process()
import_torch()
import torch
def there():
    return "torch._dynamo.eval_frame" in sys.modules
weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.Adam([weight], lr=0.5)
def step():
    optimizer.zero_grad()
    weight.sum().backward()
    optimizer.step()
step()
print("there:", there())
"""
UNCOMPILED = """
import lightning.pytorch as pl
from lightning.pytorch.utilities.compile import _maybe_unwrap_optimized
module = pl.LightningModule()
assert _maybe_unwrap_optimized(module) is module
optimizer.load_state_dict(optimizer.state_dict())
assert not there()
"""
COMPILED = """
assert _maybe_unwrap_optimized(torch.compile(module, backend="eager")) is module
assert there()
torch.compile(step, backend="eager")()
step()
print([round(number, 4) for number in weight.tolist()])
"""
MODULE = """
layer = torch.nn.Linear(2, 2)
outer = torch.nn.Sequential(torch.compiler.disable(layer))
print(type(outer[0]).__name__, sorted(outer.state_dict()), there())
"""
INSIDE = """
import torch._dynamo.config as config
assert torch._dynamo.config is config is sys.modules["torch._dynamo.config"] and config.__spec__.origin
print(there(), config.cache_size_limit > 0)
"""
POOLED = """
from torchvision.ops import roi_align
sys.modules[roi_align.__module__]._has_ops = lambda: False  # then it is compiled, if it can be
sys.modules[roi_align.__module__]._roi_align = lambda *inputs: "compiled"
print(roi_align(torch.ones(1, 1, 4, 4), torch.zeros(1, 5), output_size=1), there())
"""


def told(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM + program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_plain_training_does_without_and_whoever_compiles_has_it() -> None:
    assert told(UNCOMPILED + COMPILED) == ["there: False", "[-0.5, -0.5]"]


def test_a_module_that_is_to_be_left_alone_stays_one() -> None:
    assert told(MODULE) == ["there: False", "OptimizedModule ['0._orig_mod.bias', '0._orig_mod.weight'] True"]


def test_so_has_whoever_imports_what_is_inside() -> None:
    assert told(INSIDE) == ["there: False", "True True"]


@pytest.mark.slow
def test_so_has_whoever_asks_whether_it_could() -> None:
    assert told(POOLED) == ["there: False", "compiled True"]


def test_a_function_is_left_alone_by_the_compiler_that_is_there() -> None:
    seen: list[bool] = []

    def look(number: torch.Tensor) -> torch.Tensor:
        seen.append(torch.compiler.is_compiling())
        return number + 1

    def both(number: torch.Tensor) -> torch.Tensor:
        return look(number * 2)

    look = disable(look)
    assert look.__name__ == "look"
    assert torch.compile(both, backend="eager")(torch.ones(1)).item() == 3 and seen == [False]


def test_a_function_is_itself_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(no_compiler, "_there", lambda name: None)
    assert disable(reason="none")(lambda number: number + 1)(1) == 2
    assert not isinstance(torch.nn.Linear(1, 1), OptimizedModule)


def test_only_what_is_compiled_is_an_instance() -> None:
    module = torch.nn.Linear(1, 1)
    compiled = torch.compile(module, backend="eager")
    assert isinstance(compiled, RealOptimizedModule)
    assert isinstance(compiled, OptimizedModule) and not isinstance(module, OptimizedModule)
