"""Standard streams that can't hurt: what can't be told is not told, and the run goes on; imports no torch."""

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO, final


def harmless() -> None:
    """Make this process's stdout and stderr harmless, if they still are those that it was started with.

    A reader that goes away, as `| head -1` does, or a log on a full disk then costs what would have been said there.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is getattr(sys, f"__{name}__"):
            setattr(sys, name, _made_harmless(stream))
            setattr(sys, f"__{name}__", getattr(sys, name))


@final
class _Raw(io.FileIO):
    """Takes what its file does not."""

    def write(self, data: Any) -> int:
        """As much as was written; all of it where nothing can be."""
        with suppress(OSError):
            written = super().write(data)
            if written is not None:  # none: it would have to wait
                return written
        return memoryview(data).nbytes


def _made_harmless(stream: TextIO | None) -> TextIO:
    if stream is None:  # the process was started with it closed
        return open(os.devnull, "w")
    if not isinstance(stream, io.TextIOWrapper) or _is_harmless(stream):
        return stream
    with suppress(OSError):
        stream.flush()
    raw = _Raw(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering or stream.write_through,
    )


def _is_harmless(stream: io.TextIOWrapper) -> bool:
    return isinstance(getattr(stream.buffer, "raw", None), _Raw)
