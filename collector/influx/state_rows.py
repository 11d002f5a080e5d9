"""``drone_state``: one row per drone per hour, also in the hour in which its tags change.

Customer, product, state and so on are tags, so a row with others is another row: the one before it
has to go. What was written before this process began is not known, so the hour is cleared once.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from windsock.collector.fleet.states import DroneState
from windsock.collector.influx import points
from windsock.collector.influx.measurements import DRONE_STATE
from windsock.collector.influx.spans import Span
from windsock.collector.influx.telemetry import Telemetry

HOUR_US: Final = points.HOUR_US
_ROWS_AT_ONCE: Final = 1000
"""Drawn before they are written: those of a large fleet together take tens of megabytes."""

Tags = Mapping[str, str | None]


class StateRows:
    """Writes the hour's rows again and again; remembers with which tags."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._hour_us: int | None = None
        self._written: dict[str, Tags] = {}

    def write(self, states: Sequence[DroneState], now_us: int) -> None:
        """Every drone as it stands, in place of what this hour had of it. Raises StoreDown."""
        hour_us = now_us // HOUR_US * HOUR_US
        states = _each_its_own(states)
        tags: dict[str, Tags] = {
            points.drone_tag(state): points.state_tags(state) for state in states
        }
        self._telemetry.erase(self._leftovers(tags, hour_us), now_us)
        self._hour_us, self._written = hour_us, tags
        for start in range(0, len(states), _ROWS_AT_ONCE):
            some = states[start : start + _ROWS_AT_ONCE]
            self._telemetry.write([points.of_state(state, now_us) for state in some], now_us)

    def _leftovers(self, tags: Mapping[str, Tags], hour_us: int) -> list[Span]:
        if self._hour_us is None:
            return [Span(DRONE_STATE, None, hour_us, hour_us)]
        if hour_us != self._hour_us:
            return []
        changed = [drone for drone, were in self._written.items() if tags.get(drone) != were]
        return [Span(DRONE_STATE, drone, hour_us, hour_us) for drone in changed]


def _each_its_own(states: Sequence[DroneState]) -> list[DroneState]:
    """An autopilot that moved on names the drone it is in now; its last one has its serial."""
    newest: dict[str | None, DroneState] = {}
    for state in sorted(states, key=lambda one: (one.serial is None, one.flown_us or 0)):
        newest[state.drone_uid] = state
    return [
        state if newest[state.drone_uid] is state or state.serial is None
        else msgspec.structs.replace(state, drone_uid=None)
        for state in states
    ]  # fmt: skip
