"""What libraries say of themselves is not said, and what we say stands in one line."""

import logging
import threading
import warnings

from gan_lightning.errors import UsageWarning

_FORMATTED = warnings.formatwarning
_TOLD = threading.excepthook


def quieten() -> None:
    """Silence what libraries say of themselves at every start."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=r".*isinstance\(treespec, LeafSpec\)")
    warnings.filterwarnings("ignore", message=".*smaller than the logging interval.*")
    warnings.filterwarnings("ignore", message=".*GPU available but not used.*")
    warnings.formatwarning = _in_one_line
    threading.excepthook = _but_of_events


def _in_one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Our own warnings are about what was asked for: one line each, without the place in the code."""
    if category is UsageWarning:
        return f"gan_lightning: {message}\n"
    return _FORMATTED(message, category, filename, lineno, line)


def _but_of_events(raised: threading.ExceptHookArgs) -> None:
    """What the thread that writes TensorBoard's events stumbles over, the logger raises as well: once is enough."""
    if not type(raised.thread).__module__.startswith("tensorboard."):
        _TOLD(raised)
