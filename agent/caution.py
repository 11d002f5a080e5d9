"""A batch at which a broker hangs up must not take its neighbours with it. Pure.

Some brokers end the connection at what they don't take, and name nothing (MQTT 3.1.1 can't). After
connections that ended with nothing to show, batches go one at a time: the one that is under way
when that happens again, and again, is left aside for an hour. What the broker has acknowledged
(PUBACK) it has taken, whether the collector is there or not.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

BARREN: Final = 3
"""Connections lost at what the broker had not taken, without one answer, before batches go one
at a time."""
_STRIKES: Final = 2
_ASIDE_US: Final = 3_600_000_000


@dataclass
class Caution:
    """Of one station; *window* answers in a row end it."""

    window: int
    _barren: int = 0
    _alone: int = 0
    """Answers that are still to come before more than one batch is under way again."""
    _strikes: dict[int, int] = field(default_factory=dict)
    _aside: dict[int, int] = field(default_factory=dict)
    _freed: set[int] = field(default_factory=set)
    """Were aside when a collector came: not freed again, or a broker that a batch ends, and that
    collectors return to, would see nothing but that batch."""

    @property
    def aside(self) -> int:
        """How many batches are left aside."""
        return len(self._aside)

    def places(self) -> int:
        """How many batches may be under way."""
        return 1 if self._alone else self.window

    def lost(self, unconfirmed: Collection[int], now_us: int) -> None:
        """A connection ended, and the broker had not acknowledged these."""
        if not unconfirmed:
            return
        self._barren += 1
        if self._alone and len(unconfirmed) == 1:
            self._strike(next(iter(unconfirmed)), now_us)
        if self._barren >= BARREN:
            self._alone = self.window

    def taken(self, batches: Collection[int]) -> None:
        """The broker has these: it did not hang up at them."""
        for batch in batches:
            self._strikes.pop(batch, None)

    def collector_came(self) -> None:
        """Without one a flapping line looked worse than it was: what is aside is free, once."""
        free = self._aside.keys() - self._freed
        self._freed |= free
        for batch in free:
            del self._aside[batch]

    def answered(self, batches: Collection[int]) -> None:
        """The collector has these."""
        self._barren = 0
        self._alone = max(0, self._alone - len(batches))
        for batch in batches:
            self._strikes.pop(batch, None)
            self._aside.pop(batch, None)
            self._freed.discard(batch)

    def leaves(self, batch: int, now_us: int) -> bool:
        """Whether *batch* is left aside now."""
        until_us = self._aside.get(batch)
        if until_us is not None and now_us >= until_us:
            del self._aside[batch]
            return False
        return until_us is not None

    def _strike(self, batch: int, now_us: int) -> None:
        self._strikes[batch] = self._strikes.get(batch, 0) + 1
        if self._strikes[batch] >= _STRIKES:
            del self._strikes[batch]
            self._aside[batch] = now_us + _ASIDE_US
