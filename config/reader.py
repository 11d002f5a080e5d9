"""Whoever reads what a command prints may have read enough: ``windsock-agent read ... | head``."""

import contextlib
import os
import select
import sys
from typing import Final

_STDOUT: Final = 1


def reader_left() -> bool:
    """Whether nobody reads standard output any more; what is left of it goes nowhere then."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    stdout = select.poll()
    stdout.register(_STDOUT, 0)  # of errors it tells unasked
    left = any(events & select.POLLERR for _, events in stdout.poll(0))
    if left:
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
    return left
