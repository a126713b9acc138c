"""Several processes in one game: ranks start from the run's saved config, and share gradients, not wrappers."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, final

from lightning import Trainer
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.strategies.launchers.subprocess_script import _SubprocessScriptLauncher
from torch import distributed as dist
from torch import nn
from torch.distributed import TCPStore

from gan_lightning.distributed import connect_cpus
from gan_lightning.errors import Diverged, GoBack
from gan_lightning.interruption import Interrupted
from gan_lightning.meeting import meet
from gan_lightning.networks.shared_norm import SharedBatchNorms
from gan_lightning.others import GLANCE
from gan_lightning.ranks import Ranks

_PATIENCE = 60  # seconds for the other ranks to end when the first one has


@final
class AdversarialDDP(DDPStrategy):
    """Data parallelism for two networks and two optimizers.

    Nothing is wrapped: parameters and buffers are broadcast once at the start, and the module averages the gradients
    of the network that it steps (`gan_lightning.distributed`). So several backward passes an iteration need no search
    for unused parameters.

    Args:
        config: the run's resolved config file, from which the other ranks of this machine are started.
        meeting_minutes: how long a rank waits for the others to come, once it has read the data itself.
        timeout_hours: how long it waits for them in the game; the first one evaluates while they wait.
        **settings: as for Lightning's `DDPStrategy`.

    Raises:
        RankFailed: some have not come, which are named.
    """

    def __init__(self, config: str, meeting_minutes: float, timeout_hours: float, **settings: Any) -> None:
        super().__init__(timeout=timedelta(hours=timeout_hours), **settings)
        self.config = Path(config)
        self.meeting_minutes = meeting_minutes

    def setup_distributed(self) -> None:
        """Wait for the others where a signal can still be heard, then let torch connect them."""
        store = None if dist.is_initialized() else self._meet()
        super().setup_distributed()
        del store  # until now the others had to find it
        assert self._timeout is not None
        connect_cpus(self._timeout)

    def _meet(self) -> TCPStore:
        environment = self.cluster_environment
        assert environment is not None
        self.set_world_ranks()
        place = environment.main_address, environment.main_port
        return meet(place, environment.global_rank(), environment.world_size(), self.meeting_minutes)

    def setup(self, trainer: Trainer) -> None:
        """Set up the model; where BatchNorm is to be synchronised, by a norm that penalties can see through."""
        if self._layer_sync is not None:
            self._layer_sync = SharedBatchNorms()
        super().setup(trainer)

    def _setup_model(self, model: nn.Module) -> nn.Module:  # type: ignore[override]
        own: tuple[str, ...] = model.rank_state  # type: ignore[assignment]
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if not (own and name.startswith(own)):
                dist.broadcast(tensor.detach(), src=0)
        return model

    def _register_ddp_hooks(self) -> None:
        """There is no wrapper to hook into."""

    def _configure_launcher(self) -> None:
        assert self.cluster_environment is not None
        self._launcher = _ConfigLauncher(self.config, self.cluster_environment, self.num_processes, self.num_nodes)


class _ConfigLauncher(_SubprocessScriptLauncher):
    """Starts each further rank as `gan_lightning.worker`, by the run's config.

    Lightning's own launcher repeats the command line, which under `--multirun` would start the whole sweep again.
    """

    def __init__(self, config: Path, *settings: Any) -> None:
        super().__init__(*settings)
        self.ranks = Ranks(config)

    def launch(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """As Lightning's, and leave no rank behind: those that agreed to stop have time to, others have none."""
        patience: float | None = 0.0
        try:
            with self.ranks.watched(), self.ranks.explained(GLANCE):
                result = super().launch(function, *args, **kwargs)
            patience = _PATIENCE
            return result
        except GoBack:
            patience = None  # all ranks go back together, and on
            raise
        except Diverged:
            patience = _PATIENCE  # all see it
            raise
        except Interrupted as stopped:
            patience = 0.0 if stopped.iteration is None else _PATIENCE
            raise
        finally:
            if patience is not None:
                self.ranks.end(patience)

    def kill(self, signum: int) -> None:
        """Send a signal to the other ranks."""
        self.ranks.kill(signum)

    def _call_children_scripts(self) -> None:
        """Start them; Lightning's own list of processes stays empty, and so its observer has nobody to kill."""
        self._check_can_spawn_children()
        environment = self.cluster_environment
        os.environ |= {
            "MASTER_ADDR": environment.main_address,
            "MASTER_PORT": str(environment.main_port),
            "NODE_RANK": str(environment.node_rank()),
            "LOCAL_RANK": str(environment.local_rank()),
            "WORLD_SIZE": str(self.num_processes * self.num_nodes),
        }
        self.ranks.start(self.num_processes - 1, os.environ)
