"""The autopilot's time of each DataFlash message, also of those that carry none."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.records import Offsets

Times = NDArray[np.int64]


class Clock:
    """Time since boot at any file offset, interpolated between the messages that have stamps."""

    __slots__ = ("_anchors", "_find_anchors")

    def __init__(self, find_anchors: Callable[[], tuple[Offsets, Times]]) -> None:
        """`find_anchors` returns offsets in increasing order and their times; called when needed."""
        self._find_anchors = find_anchors
        self._anchors: tuple[Offsets, Times] | None = None

    @property
    def anchors(self) -> tuple[Offsets, Times]:
        """Return offset and time of every message that has a stamp, in file order."""
        if self._anchors is None:
            self._anchors = self._find_anchors()
        return self._anchors

    def at(self, offsets: Offsets) -> Times:
        """Return the time at file offsets; zeros where no message of the log has a stamp."""
        places, times = self.anchors
        if not len(places):
            return np.zeros(len(offsets), np.int64)
        return np.rint(np.interp(offsets, places, times)).astype(np.int64)

    def span(self) -> tuple[int, int] | tuple[None, None]:
        """Return the earliest and the latest stamp of the log."""
        _, times = self.anchors
        return (int(times.min()), int(times.max())) if len(times) else (None, None)
