"""Which batches to send next: a window with application acknowledgements. Pure; time passes in.

MQTT's own acknowledgement says that the broker has a batch, ours that the collector stored it
(docs/wire-format.md), so only ours frees a place in the window.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from windsock.agent.caution import Caution

_LONGEST_FACTOR = 20
"""A collector that is down for hours is asked again every 20 time-outs at the rarest."""
_PATIENCE = 3
"""Attempts, before a batch that others overtake is left to itself."""
_ANY = 65_535


@dataclass
class Outgoing:
    """At most ``window`` batches under way, each asked again after ``timeout_us``, then rarer."""

    window: int
    timeout_us: int
    _caution: Caution = field(init=False)
    _deadlines: dict[int, int] = field(default_factory=dict)
    _attempts: dict[int, int] = field(default_factory=dict)
    _order: dict[int, None] = field(default_factory=dict)
    """Under way, the one asked longest ago first."""
    _stubborn: set[int] = field(default_factory=set)
    """Nobody answers these though others are answered: they hold no place in the window."""

    def __post_init__(self) -> None:
        self._caution = Caution(self.window)

    def choose(self, queued: Sequence[int], now_us: int, room: int = _ANY) -> list[int]:
        """Which of *queued*, ids in sending order, to send at *now_us*; they count as sent.

        At most *room*: a broker may take fewer at once than our window.
        """
        # What is under way holds a place, so it is asked again whatever came in front of it.
        repeats = [batch for batch, deadline in self._deadlines.items() if deadline <= now_us]
        fresh = [
            batch
            for batch in queued
            if batch not in self._deadlines and not self._caution.leaves(batch, now_us)
        ]
        chosen = (repeats + fresh[: self._places()])[:room]
        for batch in chosen:
            attempt = self._attempts.get(batch, 0)
            self._attempts[batch] = attempt + 1
            self._deadlines[batch] = now_us + self.timeout_us * min(2**attempt, _LONGEST_FACTOR)
            self._order.pop(batch, None)
            self._order[batch] = None
        return chosen

    @property
    def passed_over(self) -> int:
        """How many of the first in the queue let others pass."""
        return len(self._stubborn) + self._caution.aside

    def stored(self, batches: Sequence[int]) -> None:
        """The collector has these."""
        if batches:
            self._caution.answered(batches)
        for batch in batches:
            self._note_overtaken(batch)
            self._forget(batch)

    def reconnected(self) -> None:
        """What was under way may never have arrived: all of it is due."""
        for batch in list(self._deadlines):
            self._forget(batch)

    def collector_came(self) -> None:
        """What was sent before may have met nobody; what is left aside gets another chance."""
        self._caution.collector_came()
        self.reconnected()

    def lost(self, now_us: int, unconfirmed: Collection[int]) -> None:
        """The connection ended. What was under way on it is due, more carefully perhaps.

        The broker gave no PUBACK for *unconfirmed*: it may have hung up at one of these.
        """
        self._caution.taken(self._deadlines.keys() - set(unconfirmed))
        self._caution.lost(unconfirmed, now_us)
        self.reconnected()

    def _places(self) -> int:
        """Free ones; one more where all are taken by batches that nobody seems to answer."""
        window = self._caution.places()
        places = window - (len(self._deadlines) - len(self._stubborn))
        stuck = all(self._attempts[batch] >= _PATIENCE for batch in self._deadlines)
        if places <= 0 and stuck and len(self._deadlines) < 2 * window:
            return 1
        return max(0, places)

    def _note_overtaken(self, answered: int) -> None:
        """Others are answered that were asked later: it is not the collector that is away."""
        if answered not in self._order:
            return
        for batch in self._order:
            if batch == answered:
                break
            if self._attempts[batch] >= _PATIENCE:
                self._stubborn.add(batch)

    def _forget(self, batch: int) -> None:
        self._deadlines.pop(batch, None)
        self._attempts.pop(batch, None)
        self._order.pop(batch, None)
        self._stubborn.discard(batch)
