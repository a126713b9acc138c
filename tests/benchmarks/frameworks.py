"""`make frameworks && .venv/bin/python tests/benchmarks/frameworks.py`: an iteration of the framework against other
frameworks' own.

They are what is on PyPI, without what they depend on, and play with the same networks, batches and optimizers' settings
in float32, see `adapters.py`; what is printed is as in `iteration.py`. ROUNDS, THREADS, SIDES and TINY are read from
the environment.
"""

import os
from pathlib import Path

from adapters import MODULES
from iteration import LEANEST, ROUNDS, ready, rounds, told
from named import named
from sides import as_played, asked, loading
from workloads import WORKLOADS

PLACE = Path(__file__).resolve().parents[2] / ".venv" / "frameworks"
"""Where `make frameworks` installs them: apart, for one of them needs another Lightning."""


def installed() -> list[str]:
    """Those that are there."""
    return [name for name, module in MODULES.items() if (PLACE / module).is_dir()]


def main() -> None:
    """Time the workloads that are asked for, or all that a framework can play."""
    ready()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PLACE), os.environ.get("PYTHONPATH")]))
    others = installed()
    if not others:
        raise SystemExit("there is no other framework here: run `make frameworks` first")
    print(f"against {', '.join(others)}, {ROUNDS} rounds")
    playable = [name for name, workload in WORKLOADS.items() if set(others) & set(workload.others)]
    for name in named(WORKLOADS, playable):
        for side in asked("exact,as shipped"):
            workload, overrides = as_played(name, side)
            with loading(side):
                found = rounds(workload, overrides, ROUNDS, [LEANEST, *others])
            print(told(name, side, found, workload.block), flush=True)


if __name__ == "__main__":
    main()
