"""How many drones and stations stand how: what a fleet's dashboard begins with. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from windsock.collector.fleet.states import DroneState

_OUT_OF_SERVICE: Final = ("ordered", "stock", "repair", "paused", "retired")
_STATES: Final = (
    "active", "slowing", "new", "inactive", "lost", "unseen", "unclaimed",
)  # fmt: skip


def standing_counts(
    states: Sequence[DroneState], silent: Mapping[str, bool]
) -> dict[str, int | float | None]:
    """Fields of ``fleet_day``; *silent*: every station, and whether it is."""
    of = Counter(state.state for state in states)
    return {
        **{name: of[name] for name in _STATES},
        "never_flown": of["delivered-never-flown"],
        "out_of_service": sum(of[name] for name in _OUT_OF_SERVICE),
        "overdue": sum(state.software == "overdue" for state in states),
        "possible_crashes": sum(state.possible_crashes for state in states),
        "stations": len(silent),
        "silent_stations": sum(silent.values()),
        "seen_share": _seen_share(states),
    }


def _seen_share(states: Sequence[DroneState]) -> float | None:
    """Of the time that all autopilots counted in the air under their drones' customers."""
    counted_s = sum(state.counted_s for state in states)
    seen_s = sum(min(state.counted_seen_s, state.counted_s) for state in states)
    return seen_s / counted_s if counted_s else None
