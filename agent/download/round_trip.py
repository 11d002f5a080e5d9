"""How long an answer takes on this link, and so when to stop waiting for one. Pure."""

from dataclasses import dataclass
from typing import Final

from windsock.agent.download.tasks import SECOND_US

_LEAST_US: Final = 200_000
_MOST_US: Final = 3 * SECOND_US
_FACTOR: Final = 4
_SMOOTHING: Final = 0.25


def limited(timeout_us: float) -> int:
    """A time-out that neither floods a link nor sleeps on it."""
    return int(min(max(timeout_us, _LEAST_US), _MOST_US))


@dataclass
class RoundTrip:
    """Of one kind of question; a second while nothing is known."""

    _usual_us: float | None = None

    def took(self, duration_us: int) -> None:
        """An answer came after so long."""
        before_us = duration_us if self._usual_us is None else self._usual_us
        self._usual_us = before_us + _SMOOTHING * (duration_us - before_us)

    @property
    def limit_us(self) -> int:
        """After this nothing will come."""
        return SECOND_US if self._usual_us is None else limited(_FACTOR * self._usual_us)
