"""How many drones and stations stand how: what a fleet's dashboard begins with. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from windsock.collector.fleet.states import DroneState
from windsock.collector.influx.lines import Points, Value
from windsock.collector.influx.measurements import CUSTOMER_DAY

DAY_US: Final = 86_400_000_000
_FLYING: Final = ("active", "slowing", "new")
_NOT_FLYING: Final = ("inactive", "lost", "unseen", "delivered-never-flown")
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


def customer_rows(states: Sequence[DroneState], now_us: int) -> Iterator[Points]:
    """``customer_day``: a row for each customer that has a drone."""
    of: defaultdict[str, list[DroneState]] = defaultdict(list)
    for state in states:
        if state.customer is not None:
            of[state.customer].append(state)
    for customer, drones in sorted(of.items()):
        fields: dict[str, list[Value]] = {
            "drones": [len(drones)],
            "flying": [sum(one.state in _FLYING for one in drones)],
            "not_flying": [sum(one.state in _NOT_FLYING for one in drones)],
            "overdue": [sum(one.software == "overdue" for one in drones)],
            "open_cases": [sum(one.open_cases for one in drones)],
            "possible_crashes": [sum(one.possible_crashes for one in drones)],
            "airborne_h": [sum(one.airborne_s for one in drones) / 3600],
            "seen_share": [_seen_share(drones)],
        }
        yield Points(CUSTOMER_DAY, {"customer": customer}, [now_us // DAY_US * DAY_US], fields)


def _seen_share(states: Sequence[DroneState]) -> float | None:
    """Of the time that all autopilots counted in the air under their drones' customers."""
    counted_s = sum(state.counted_s for state in states)
    seen_s = sum(min(state.counted_seen_s, state.counted_s) for state in states)
    return seen_s / counted_s if counted_s else None
