"""A line with faults: takes its time, and loses, damages, doubles, swaps and holds up frames."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

from windsock.firmware_sim.vehicle.model import SECOND_US

T = TypeVar("T")
_BITS_A_BYTE: Final = 10  # with start and stop bit
_ROOM_B: Final = 300
_LATE_US: Final = (2_000, 30_000)


@dataclass(frozen=True)
class Faults:
    """Shares of frames, from 0 to 1; seconds."""

    loss: float = 0.0
    corrupt: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    stall_every_s: float = 0.0
    """Mean time between stalls of random moments; 0 is none."""
    stall_s: float = 1.0
    latency_s: float = 0.0
    baud: int | None = None
    buffer_b: int = 4096
    """What waits for the line at most, before the sender has to."""


class Wire(Generic[T]):
    """One direction. `put` and `take` are given the time, which never goes back."""

    def __init__(
        self, faults: Faults, rng: np.random.Generator, damage: Callable[[T], T | None]
    ) -> None:
        self.faults = faults
        self._rng = rng
        self._damage = damage
        self._arriving: list[tuple[int, int, T]] = []
        self._count = 0
        self._free_us = 0
        self._held_us = 0
        self._stall_us: int | None = None

    def room_us(self) -> int:
        """When the sender may put the next frame; the past if at once."""
        baud = self.faults.baud
        if baud is None:
            return self._free_us
        waiting_b = max(self.faults.buffer_b - _ROOM_B, 0)
        return max(self._free_us - waiting_b * _BITS_A_BYTE * SECOND_US // baud, 0)

    def put(self, item: T, size_b: int, now_us: int) -> None:
        """Send something."""
        self._begin_stall(now_us)
        faults = self.faults
        self._free_us = max(self._free_us, now_us)
        if faults.baud:
            self._free_us += size_b * _BITS_A_BYTE * SECOND_US // faults.baud
        if self._happens(faults.loss):
            return
        damaged = self._damage(item) if self._happens(faults.corrupt) else item
        if damaged is None:
            return
        for _ in range(1 + self._happens(faults.duplicate)):
            late_us = int(self._rng.integers(*_LATE_US)) if self._happens(faults.reorder) else 0
            due_us = self._free_us + round(faults.latency_s * SECOND_US) + late_us
            heapq.heappush(self._arriving, (due_us, self._count, damaged))
            self._count += 1

    def take(self, now_us: int) -> list[T]:
        """What has arrived."""
        self._begin_stall(now_us)
        taken = []
        while self._arriving and max(self._arriving[0][0], self._held_us) <= now_us:
            taken.append(heapq.heappop(self._arriving)[2])
        return taken

    def due_us(self) -> int | None:
        """When the next arrives."""
        return max(self._arriving[0][0], self._held_us) if self._arriving else None

    def stall(self, now_us: int, seconds: float) -> None:
        """Nothing moves for so long."""
        self._held_us = max(self._held_us, now_us + round(seconds * SECOND_US))
        self._free_us = max(self._free_us, self._held_us)

    def clear(self) -> None:
        """Lose all that is on the way."""
        self._arriving.clear()
        self._free_us = self._held_us = 0

    def _happens(self, share: float) -> bool:
        return bool(share) and float(self._rng.random()) < share

    def _begin_stall(self, now_us: int) -> None:
        every_s = self.faults.stall_every_s
        if not every_s:
            return
        if self._stall_us is not None and now_us >= self._stall_us:
            self.stall(now_us, self.faults.stall_s)
            self._stall_us = None
        if self._stall_us is None:
            wait_s = float(self._rng.exponential(every_s))
            self._stall_us = max(now_us, self._held_us) + round(wait_s * SECOND_US)
