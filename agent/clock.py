"""The station's clocks. Injected, so that tests can turn them."""

import ctypes
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from windsock.agent.timekeeper import Timekeeper

_TIMESYNCD = Path("/run/systemd/timesync/synchronized")
_TIME_ERROR = 5
_TIMEX_BYTES = 512
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_BOOT_ID_LENGTH = 8
"""32 random bits tell the boots of one station apart, in each of its messages."""


def _ignored(_utc_us: int) -> None:
    """A clock that needs nobody's word."""


class Clock(NamedTuple):
    """UTC as the station believes it, time since some start, and the id of this boot."""

    wall_us: Callable[[], int]
    monotonic_us: Callable[[], int]
    boot_id: str
    told: Callable[[int], None] = _ignored
    """An autopilot says what UTC is (`agent/timekeeper`)."""


def system_clock() -> Clock:
    """The real ones; off Linux the boot id is this process's own."""
    boot_id = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else str(uuid.uuid4())
    keeper = Timekeeper(lambda: time.time_ns() // 1000, _since_boot_us)
    return Clock(keeper.wall_us, _since_boot_us, boot_id[:_BOOT_ID_LENGTH], keeper.told)


def _since_boot_us() -> int:
    """Through a laptop's sleep, too: else one moment could not date the whole boot."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
    return time.monotonic_ns() // 1000


def synchronised() -> bool | None:
    """Whether something keeps the wall clock right; None where nobody can tell.

    systemd-timesyncd's mark, else what the kernel says (adjtimex(2), read only).
    """
    if _TIMESYNCD.exists():
        return True
    try:
        state = int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError, TypeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
