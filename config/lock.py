"""One service per state folder, one per ledger: a file that a second process finds locked."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class AlreadyRunningError(Exception):
    """Another process holds the lock; the message names it."""


@contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file *path* for *what*, and write into it who does.

    The kernel lets go of it when the process ends, however it ends. The file stays: a lock on a
    file that somebody else deletes is none. Raises AlreadyRunningError, or OSError where the file
    can't be made. Windows has no such lock: there nobody is kept out.
    """
    with path.open("a+", encoding="utf-8") as file:
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "another process"
                raise AlreadyRunningError(f"{what} already runs: {holder} holds {path}") from None
        with suppress(OSError):  # a full disk: locked it is all the same
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
