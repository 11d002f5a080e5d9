"""Which batches to send next: a window with application acknowledgements. Pure; time passes in.

MQTT's own acknowledgement says that the broker has a batch, ours that the collector stored it
(docs/wire-format.md), so only ours frees a place in the window.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

_LONGEST_FACTOR = 20
"""A collector that is down for hours is asked again every 20 time-outs at the rarest."""


@dataclass
class Outgoing:
    """At most ``window`` batches under way, each asked again after ``timeout_us``, then rarer."""

    window: int
    timeout_us: int
    _deadlines: dict[int, int] = field(default_factory=dict)
    _attempts: dict[int, int] = field(default_factory=dict)

    def choose(self, queued: Sequence[int], now_us: int) -> list[int]:
        """Which of *queued*, ids in sending order, to send at *now_us*; they count as sent."""
        # What is under way holds a place, so it is asked again whatever came in front of it.
        repeats = [batch for batch, deadline in self._deadlines.items() if deadline <= now_us]
        fresh = [batch for batch in queued if batch not in self._deadlines]
        chosen = repeats + fresh[: max(0, self.window - len(self._deadlines))]
        for batch in chosen:
            attempt = self._attempts.get(batch, 0)
            self._attempts[batch] = attempt + 1
            self._deadlines[batch] = now_us + self.timeout_us * min(2**attempt, _LONGEST_FACTOR)
        return chosen

    def stored(self, batches: Sequence[int]) -> None:
        """The collector has these."""
        for batch in batches:
            self._deadlines.pop(batch, None)
            self._attempts.pop(batch, None)

    def reconnected(self) -> None:
        """What was under way on the old connection may never have arrived: all of it is due."""
        self._deadlines.clear()
        self._attempts.clear()
