"""Who holds a serial port: lock files, honoured and made, and what the kernel knows.

A lock file is ``LCK..ttyUSB0`` with the holder's process id in ten columns (UUCP's, in the
Filesystem Hierarchy Standard 3.0, 5.9): what minicom, cu and ModemManager go by.
"""

import contextlib
import os
from pathlib import Path

from windsock.agent.link.ports import PortBusyError

FOLDER = Path("/run/lock")
_PROCESSES = Path("/proc")
_PSEUDO = "/dev/pts/"


class PortLock:
    """The lock file of one device, or none where there is no folder for it."""

    def __init__(self, device: str, folder: Path = FOLDER) -> None:
        self._device = device
        # The name of the device itself, behind links such as /dev/serial/by-id/...
        self._path = folder / f"LCK..{Path(os.path.realpath(device)).name}"
        self._ours = False

    def take(self) -> None:
        """Make the file; a dead holder's is replaced. Raises PortBusyError."""
        for _ in range(2):
            try:
                number = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            except FileExistsError:
                self._clear_dead_holder()
                continue
            except OSError:
                return  # no such folder or not ours to write: the kernel's lock has to do
            with os.fdopen(number, "w") as file:
                file.write(f"{os.getpid():10d}\n")
            self._ours = True
            return
        raise PortBusyError(f"{self._device} was locked by somebody else just now")

    def give_back(self) -> None:
        """Remove the file, if it is ours."""
        if self._ours:
            self._path.unlink(missing_ok=True)
            self._ours = False

    def _clear_dead_holder(self) -> None:
        holder = self._holder()
        if holder is not None and _alive(holder) and holder != os.getpid():
            raise PortBusyError(
                f"{self._device} is locked by {_name(holder)} ({self._path}, process {holder})"
            )
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise PortBusyError(
                f"{self._path} is left over from a dead process: {error}"
            ) from error

    def _holder(self) -> int | None:
        try:
            return int(self._path.read_text("ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return None


def holders(device: str) -> list[str]:
    """The programs that have *device* open, as far as we may see, this one excepted.

    None for a pseudo-terminal: the program behind it, which plays the drone, has it open, too.
    """
    real = os.path.realpath(device)
    found: list[str] = []
    if real.startswith(_PSEUDO):
        return found
    for process in _PROCESSES.glob("[0-9]*"):
        number = int(process.name)
        if number != os.getpid() and _has_open(process, real):
            found.append(f"{_name(number)} (process {number})")
    return found


def _has_open(process: Path, real: str) -> bool:
    with contextlib.suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(descriptor.readlink()) == real:
                    return True
    return False


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _name(process: int) -> str:
    try:
        return (_PROCESSES / str(process) / "comm").read_text("utf-8").strip()
    except OSError:
        return "a program"
