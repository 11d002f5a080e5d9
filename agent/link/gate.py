"""When we may transmit: one small object that knows nothing but what it was told. Pure.

The rule (docs/agent.md, safety): every vehicle heard on this link has been disarmed *and* landed
for 60 s, and nobody tries to arm one. What isn't known counts as danger: it is silent.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

SECOND_US: Final = 1_000_000
REST_US: Final = 60 * SECOND_US
"""So long all vehicles have to have been disarmed and landed."""
STALE_US: Final = 2_200_000
"""A vehicle unheard for so long may have changed: nothing is sent until it is heard again.

Heartbeats come once a second, and one may get lost."""
LOST_US: Final = 10 * SECOND_US
"""And after this its rest begins anew when it comes back."""
GONE_US: Final = 300 * SECOND_US
"""A resting vehicle unheard for so long was switched off. One that wasn't at rest stays."""
BACK_OFF_US: Final = 180 * SECOND_US
"""After an attempt to arm: a pilot is at work."""
PARTING_US: Final = SECOND_US
"""How long after an attempt a transfer of ours may still be ended."""


class State(Enum):
    """What the gate says."""

    OPEN = "open"
    HELD = "held"
    """Shut for the moment: a heartbeat is overdue. What was asked may go on when it comes."""
    SHUT = "shut"
    """Whatever was going on is over."""


@dataclass
class _Watched:
    """One vehicle as last heard."""

    heard_us: int
    resting_since_us: int | None


@dataclass
class Gate:
    """One link. Times are the station's monotonic clock."""

    _vehicles: dict[Hashable, _Watched] = field(default_factory=dict)
    _attempt_us: int | None = None
    _was_open: bool = False
    """Whether it was open when somebody tried to arm."""

    def heard(self, vehicle: Hashable, *, armed: bool, landed: bool | None, now_us: int) -> None:
        """A heartbeat of *vehicle*; *landed* None where nothing tells."""
        resting = not armed and landed is True
        before = self._vehicles.get(vehicle)
        since_us = before.resting_since_us if before is not None else None
        if before is None or since_us is None or now_us - before.heard_us > LOST_US:
            since_us = now_us
        self._vehicles[vehicle] = _Watched(now_us, since_us if resting else None)

    def disturbed(self, vehicle: Hashable) -> None:
        """Something else than a heartbeat says that *vehicle* doesn't rest."""
        if vehicle in self._vehicles:
            self._vehicles[vehicle].resting_since_us = None

    def attempted(self, now_us: int) -> None:
        """Somebody tries to arm, or to take off."""
        self._was_open = self.state(now_us) is not State.SHUT or self.parting(now_us)
        self._attempt_us = now_us

    def state(self, now_us: int) -> State:
        """Whether we may transmit."""
        return self._judge(now_us)[0]

    def reason(self, now_us: int) -> str:
        """Why, in words for people."""
        return self._judge(now_us)[1]

    def parting(self, now_us: int) -> bool:
        """True where a LOG_REQUEST_END for a transfer of ours may still be sent.

        Right after an attempt to arm, which the transfer is what refuses; never once a vehicle
        is armed.
        """
        attempt_us = self._attempt_us
        if not self._was_open or attempt_us is None or now_us - attempt_us > PARTING_US:
            return False
        return all(one.resting_since_us is not None for one in self._vehicles.values())

    def _judge(self, now_us: int) -> tuple[State, str]:
        self._forget(now_us)
        if not self._vehicles:
            return State.SHUT, "no vehicle heard"
        if self._attempt_us is not None and now_us - self._attempt_us < BACK_OFF_US:
            left_s = (self._attempt_us + BACK_OFF_US - now_us) // SECOND_US
            return State.SHUT, f"somebody tried to arm: silent for another {left_s} s"
        verdicts = [_judge_one(one, now_us) for one in self._vehicles.values()]
        for state in (State.SHUT, State.HELD):
            found = next((verdict for verdict in verdicts if verdict[0] is state), None)
            if found:
                return found
        return State.OPEN, "disarmed and landed"

    def _forget(self, now_us: int) -> None:
        gone = [
            vehicle
            for vehicle, one in self._vehicles.items()
            if one.resting_since_us is not None and now_us - one.heard_us > GONE_US
        ]
        for vehicle in gone:
            del self._vehicles[vehicle]


def _judge_one(one: _Watched, now_us: int) -> tuple[State, str]:
    silent_us = now_us - one.heard_us
    if one.resting_since_us is None:
        return State.SHUT, "armed, in the air, or not known"
    if silent_us > LOST_US:
        return State.SHUT, f"not heard for {silent_us // SECOND_US} s"
    rested_us = now_us - one.resting_since_us
    if rested_us < REST_US:
        return State.SHUT, f"at rest for {rested_us // SECOND_US} s of {REST_US // SECOND_US}"
    if silent_us > STALE_US:
        return State.HELD, "a heartbeat is overdue"
    return State.OPEN, "disarmed and landed"
