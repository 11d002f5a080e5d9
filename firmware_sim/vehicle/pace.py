"""How fast a firmware pushes bytes out, apart from what the line takes."""

from typing import Final

from windsock.firmware_sim.vehicle.model import SECOND_US

_CATCH_UP_US: Final = 20_000


class Pace:
    """A rate in bytes a second. After a pause it goes on at that rate, without a flood."""

    def __init__(self, bytes_per_s: int) -> None:
        self._bytes_per_s = bytes_per_s
        self.next_us = 0

    def spend(self, count: int, now_us: int) -> None:
        """Note that so many bytes went out."""
        start = max(self.next_us, now_us - _CATCH_UP_US)
        self.next_us = start + count * SECOND_US // self._bytes_per_s
