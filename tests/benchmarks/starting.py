"""What a start costs: `python tests/benchmarks/starting.py [ROUNDS [WORD]]`.

Whole processes, in turns: the imports of torch and of Lightning alone, `--help`, `--cfg job`, and runs of an iteration,
of the workloads of `iteration.py` too: the time to the first iteration, and the memory that it takes. Prints the median
of the seconds, their range, and the largest memory. With a WORD only those whose names have it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from workloads import WORKLOADS

RUN = [sys.executable, "-m", "gan_lightning"]
AS_A_GUEST = [sys.executable, "-c", "import sys; from gan_lightning.launch import launch; sys.exit(launch())"]
"""The same in a process that is not the program's own, whose garbage is searched for as ever: see `heavy.py`."""
ONE = ["trainer.max_steps=1"]
IMAGES = ["data=mnist", "data.download=false", *ONE]
GAMES = ("mnist_mlp", "mnist_dcgan", "mnist_wgan_gp", "resnet_wgan_gp")
COMMANDS = {
    "import torch": [sys.executable, "-c", "import torch"],
    "import torch, lightning.pytorch": [sys.executable, "-c", "import torch, lightning.pytorch"],
    "--help": [*RUN, "--help"],
    "--cfg job": [*RUN, "--cfg", "job"],
    "one iteration, the ring": [*RUN, *ONE],
    "one iteration, the ring, as another program's guest": [*AS_A_GUEST, *ONE],
    "one iteration, the ring, nothing measured": [*RUN, *ONE, "metrics=[]"],
    "one iteration, model=dcgan data=mnist, nothing measured": [*RUN, "model=dcgan", *IMAGES, "metrics=[]"],
    "one iteration, model=dcgan data=mnist": [*RUN, "model=dcgan", *IMAGES],
    **{
        f"one iteration, {name}, nothing measured": [*RUN, *WORKLOADS[name].command(), *ONE, "metrics=[]"]
        for name in GAMES
    },
}


def timed(command: list[str], folder: str) -> tuple[float, float]:
    """Seconds, and MB at most."""
    call = [*command, f"hydra.run.dir={folder}"] if "one" in folder else command
    begun = time.perf_counter()
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(call)}: exit code {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1e3


def main() -> None:
    """Time every command in turns."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS if word in name}
    for _ in range(rounds):
        for name in found:
            with tempfile.TemporaryDirectory(suffix="one" if name.startswith("one") else "") as folder:
                found[name].append(timed(COMMANDS[name], folder))
    for name, measures in found.items():
        seconds, memory = zip(*measures, strict=True)
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{name:58} {statistics.median(seconds):6.2f} s ({spread}, n {rounds}), {max(memory):6.0f} MB")


if __name__ == "__main__":
    main()
