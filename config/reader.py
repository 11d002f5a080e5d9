"""Whoever reads what a command prints may have read enough: ``windsock-agent read ... | head``."""

import os
import select
import sys
from typing import Final

_STDOUT: Final = 1


def open_stdout() -> None:
    """Where standard output is closed (``>&-``), what is printed goes nowhere and is no error."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def reader_left(error: Exception) -> bool:
    """Whether *error*, which ends a command, says only that nobody reads its output any more.

    What can't be written goes nowhere from then on, lest Python complain of it at its end.
    """
    stdout = select.poll()
    stdout.register(_STDOUT, 0)  # of errors it tells unasked
    gone = any(events & select.POLLERR for _, events in stdout.poll(0))
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
    return gone and isinstance(error, BrokenPipeError)
