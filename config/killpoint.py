"""Places where a test can have a process die, as a power cut would have it: SIGKILL, no clean-up.

``WINDSOCK_KILL_AT=<point>[:n]@<pid>`` kills this process when it comes to *point* for the n-th
time, and only if *pid* is its own parent. So nothing but the very process that started us can ask
for it: a variable forgotten in a shell, a unit file or an image names somebody else, and is
ignored. It is read once, when this module is loaded; unset, a point is one comparison.
"""

import os
import signal
from typing import Final, Literal

Point = Literal[
    "after-spool",  # agent: batches are in the spool, the catalogue does not know yet
    "after-publish",  # agent: a batch went to the broker
    "mid-delete",  # agent: acknowledged batches are deleted, not committed
    "before-ledger",  # collector: all is decoded and stored, not committed
    "after-ledger",  # collector: committed, InfluxDB has nothing
    "after-influx",  # collector: InfluxDB has it, the ledger does not know that it does
    "after-ack",  # collector: the acknowledgement is out, the PUBACK is not
]
VARIABLE: Final = "WINDSOCK_KILL_AT"


class KillPoint:
    """Counts how often one point was reached; the n-th time is the last thing it does."""

    def __init__(self, asked: str, parent: int) -> None:
        """*asked* is the variable's value; anything but a request of *parent* asks for nothing."""
        place, _, pid = asked.partition("@")
        self._point, _, count = place.partition(":")
        self._left = int(count or 1) if pid == str(parent) and (count or "1").isdecimal() else 0

    def due(self, point: str) -> bool:
        """True where *point* was reached the n-th time."""
        if point != self._point or not self._left:
            return False
        self._left -= 1
        return self._left == 0


_asked = KillPoint(os.environ[VARIABLE], os.getppid()) if VARIABLE in os.environ else None


def reached(point: Point) -> None:
    """Say that this process has come to *point*: it does not return where a test wants that."""
    if _asked is not None and _asked.due(point):
        os.kill(os.getpid(), signal.SIGKILL)
