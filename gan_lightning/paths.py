"""Paths on the command line."""

import re
from pathlib import Path

_PATHS = re.compile(r"^(ckpt_path|folder|sweep\.resume|[\w.]*root)=([^'\"\[{$].*)$")


def quoted(argument: str) -> str:
    """An override with a path as a shell completes it, in Hydra's quotes: a sweep's job has = and , in its name."""
    match = _PATHS.match(argument)
    if match is None or not re.search(r"[=, ]", match.group(2)) or not Path(match.group(2)).exists():
        return argument
    escaped = match.group(2).replace("\\", "\\\\").replace("'", "\\'")
    return f"{match.group(1)}='{escaped}'"
