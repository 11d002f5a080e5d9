"""The fleet as arrays, one row a drone: what the periodic rules judge. Pure.

`collector/fleet/rows` fills it from the ledger. Moments are kept as ages in whole seconds, so that
a row is small and a threshold in whole seconds still holds to the microsecond.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int8]
Index = npt.NDArray[np.int32]
Seconds = npt.NDArray[np.int32]
Counts = npt.NDArray[np.uint16]
Few = npt.NDArray[np.uint8]
"""Of a small number only that it is large: 255 is 255 or more."""
Ordinals = npt.NDArray[np.unsignedinteger[Any]]
"""Numbers from 0 on, no wider than they have to be."""
Micros = npt.NDArray[np.int64]
Shares = npt.NDArray[np.int16]
"""In parts of `WHOLE`, as `shares`; `NO_SHARE`: of nothing."""
Reals = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

MISSING_US: Final = int(np.iinfo(np.int64).min)
"""No such moment."""
FOREVER_S: Final = int(np.iinfo(np.int32).max)
"""The age of no such moment: longer ago than any."""
NOWHERE: Final = -1
"""No such station."""
WHOLE: Final = 10_000
NO_SHARE: Final = -1
SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600_000_000
BLOCK: Final = 32_768
"""Drones judged at once: their columns stay in the processor's cache."""
IN_SERVICE: Final = 0
"""Index into `roster.cells.SERVICE_STATES`."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Parallel arrays as of one moment; `serials` and `stations` are what rows and `home` name."""

    serials: list[str]
    stations: list[str]
    service: Codes
    """Index into `roster.cells.SERVICE_STATES`."""
    idle_s: Seconds
    """How long it has not flown, pauses left out: since its last flight, or, where `flights` is 0,
    since it came to its customer (0: nobody knows when)."""
    flights: Counts
    """Under this customer, as `counted`."""
    home: Index
    """Station of its last three flights, or `NOWHERE`."""
    online_share: Shares
    """Share of the whole hours since its last flight in which `home` was up."""
    proven: Mask
    """Its own counter stood still for more than a month since."""
    month_over: Mask
    """`idle_s` is more than a calendar month (UTC), which depends on the day on which it began."""

    def __len__(self) -> int:
        return len(self.serials)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a drone that a rule has found; no rule reads it of every drone."""

    owned_from_us: Micros
    """Since when it has been its customer's: hand-over or delivery; 0: nobody knows."""
    flights: Index
    """Under this customer."""
    flown_us: Micros
    """Latest moment at which its last flight under this customer may have been."""
    rested_us: Micros
    """How long it has paused since, as planned or as somebody said: its month stood still."""
    airborne_s: Reals
    quiet_from_us: Micros
    """The last stretch over which its own counter of flight time did not rise ..."""
    quiet_until_us: Micros
    """... and the reading that proved it."""

    def idle_s(self, now_us: int) -> Seconds:
        """As `Fleet` has it."""
        return ages_s(self.idle_from_us(now_us), now_us)

    def idle_from_us(self, now_us: int) -> Micros:
        """The moment at which it began."""
        flown = self.flown_us != MISSING_US
        known_us = np.where(self.owned_from_us > 0, self.owned_from_us, now_us)
        return np.where(flown, self.flown_us + self.rested_us, known_us)


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """The rows of *n* drones, so many at once."""
    return (slice(start, start + size) for start in range(0, n, size))


def spans_s(span_us: Micros) -> Seconds:
    """In seconds, a begun one counted: more than N exactly where it lasted more than N s.

    At least 0, at most `FOREVER_S`.
    """
    spans: Seconds = np.clip(-(-span_us // SECOND_US), 0, FOREVER_S).astype(np.int32)
    return spans


def spans_hours(span_us: Micros) -> Few:
    """In hours, as `spans_s`."""
    return few(-(-span_us // HOUR_US))


def shares(part: Micros, whole: Micros) -> Shares:
    """The part of each, at least N exactly where it is at least N of `WHOLE`."""
    some = part * WHOLE // np.maximum(whole, 1)
    return np.where(whole > 0, some, NO_SHARE).astype(np.int16)


def counted(numbers: npt.NDArray[np.integer[Any]]) -> Counts:
    """In two bytes each: 65,535 is that or more. Rules ask whether there are any, or a few."""
    counts: Counts = np.minimum(numbers, np.iinfo(np.uint16).max).astype(np.uint16)
    return counts


def few(numbers: npt.NDArray[np.integer[Any]]) -> Few:
    """In a byte each."""
    small: Few = np.clip(numbers, 0, np.iinfo(np.uint8).max).astype(np.uint8)
    return small


def narrow(numbers: npt.NDArray[np.integer[Any]]) -> Ordinals:
    """In two bytes each, or in four where there are more than fit."""
    fits = numbers.max(initial=0) <= np.iinfo(np.uint16).max
    return numbers.astype(np.uint16 if fits else np.uint32)


def ages_s(moment_us: Micros, now_us: int) -> Seconds:
    """How long ago each moment was, as `spans_s`; 0 for what is to come."""
    known_us = np.maximum(moment_us, 0)  # so that MISSING_US does not overflow
    ages = spans_s(now_us - known_us)
    ages[moment_us == MISSING_US] = FOREVER_S
    return ages


def home_station(agents: Index) -> Index:
    """Of the stations (n, 3) of the last three flights, newest first, the most frequent one.

    The newest decides where all differ. `NOWHERE` stands for flights that weren't.
    """
    newest, second, third = agents.T
    outvoted = (second == third) & (second != NOWHERE)
    home: Index = np.where(outvoted, second, newest).astype(np.int32)
    return home


def whole_hours(since_us: Micros, now_us: int) -> tuple[Micros, int]:
    """First whole hour (since 1970) after each moment, and the one that has not ended yet."""
    return -(-since_us // HOUR_US), now_us // HOUR_US
