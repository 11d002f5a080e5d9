"""What time it is at a station without a clock of its own. Pure; both clocks are passed in.

A small computer without a battery boots in 1970, or when it was last switched off. Until its clock
is set, UTC is what an autopilot with GPS said it is, plus the time since then. What was noted
before that the collector repairs, by boot id and monotonic time (docs/wire-format.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

EARLIEST_US: Final = 1_735_689_600_000_000
"""2025-01-01: the software is not older, so the time isn't, either."""
LATEST_US: Final = 4_102_444_800_000_000


@dataclass
class Timekeeper:
    """UTC as well as this station knows it."""

    raw_wall_us: Callable[[], int]
    monotonic_us: Callable[[], int]
    _offset_us: int | None = None
    """UTC less monotonic time, as an autopilot had it."""

    def wall_us(self) -> int:
        """The station's own clock, unless it can't be right and somebody knows better."""
        raw_us = self.raw_wall_us()
        if raw_us < EARLIEST_US and self._offset_us is not None:
            return self.monotonic_us() + self._offset_us
        return raw_us

    def told(self, utc_us: int) -> None:
        """An autopilot says what time it is; one without GPS says a time that can't be."""
        if EARLIEST_US <= utc_us <= LATEST_US:
            self._offset_us = utc_us - self.monotonic_us()
