"""From values to places on a plot, and where its ticks go. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from windsock.collector.explain.quantities import clock, number
from windsock.collector.explain.reading import Floats

_STEPS: Final = (1, 2, 5, 10)
_CLOCK_STEPS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400,
)  # fmt: skip
_HEADROOM: Final = 0.08
_LARGEST: Final = 1e12


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values, `low` < `high`, and how its ticks are written."""

    low: float
    high: float
    ticks: tuple[float, ...]
    label: Callable[[float], str] = number

    def share(self, value: float) -> float:
        """Where a value lies, 0 at `low` and 1 at `high`."""
        return (value - self.low) / (self.high - self.low)

    def shares(self, values: Floats) -> Floats:
        """Where values lie."""
        return (values - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """True where the value is within the range."""
        return self.low <= value <= self.high


def over(values: Floats, also: Sequence[float], most: int = 4) -> Scale:
    """A scale over all finite values and what else must be seen, with some room around."""
    seen = np.concatenate((values, np.asarray(also, np.float64)))
    seen = seen[np.isfinite(seen) & (np.abs(seen) < _LARGEST)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    room = _HEADROOM * max(high - low, 0.1 * max(abs(high), abs(low)), 0.1)
    low, high = low if low == 0 else low - room, high + room
    return Scale(low, high, round_ticks(low, high, most))


def seconds(low: float, high: float, most: int = 16) -> Scale:
    """A scale of seconds from a moment."""
    high = max(high, low + 0.1)
    return Scale(low, high, round_ticks(low, high, most))


def clocked(low: float, high: float, most: int = 9) -> Scale:
    """A scale of minutes and seconds from take-off."""
    high = max(high, low + 1.0)
    step = next((step for step in _CLOCK_STEPS if (high - low) / step <= most), None)
    if step is None:
        return Scale(low, high, round_ticks(low, high, most), clock)
    first = math.ceil(low / step)
    return Scale(
        low, high, tuple(n * step for n in range(first, math.floor(high / step) + 1)), clock
    )


def round_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """At most `most` + 1 multiples of 1, 2 or 5 times a power of ten within [low, high]."""
    size = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next((size * one for one in _STEPS if (high - low) / (size * one) <= most), size * 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(n * step, 12) for n in range(first, last + 1))
