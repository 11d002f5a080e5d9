"""Data state: what we can see of a drone, before anything is said of it. Pure: arrays in, out.

A drone's home station is awake, knows the time and has the drone's logs, or it doesn't; only then
does a missing flight say anything. Thresholds and sources: docs/detection-states.md.
"""

from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from windsock.collector.detect.counters import FLYING_S, LAG_S, SHARE
from windsock.collector.fleet.arrays import (
    HOUR_US,
    MISSING_US,
    Codes,
    Few,
    Index,
    Mask,
    Micros,
    Reals,
    Seconds,
    blocks,
)

DataState = Literal["fresh", "logs-missing", "drone-not-connected", "clock-bad", "agent-silent"]
"""What hides the others comes last."""
DATA_STATES: Final[tuple[DataState, ...]] = get_args(DataState)
FRESH, LOGS_MISSING, NOT_CONNECTED, CLOCK_BAD, AGENT_SILENT = range(5)

_DAY_S: Final = 86_400
_DAY_US: Final = _DAY_S * 1_000_000


class SightLimits(NamedTuple):
    """The thresholds."""

    silent_hours: float = 24.0
    """A fixed station that was not heard for longer is silent."""
    field_silent_days: float = 30.0
    """The same of a field station: a laptop in its bag is normal."""
    unconnected_days: float = 30.0
    """Neither a flight nor a sighting came for longer."""
    missing_days: float = 30.0
    """How far back readings of the counter are held against the flights that came."""
    clock_ahead_hours: int = 24
    """A flight that began more after its arrival had a bad clock. More than time zones do."""
    fleet_silent_share: float = 0.8
    """Of the fixed stations silent at once: it is not the stations."""
    fleet_stations: int = 3
    """Of fewer stations nothing can be said together."""
    known_days: float = 30.0
    """Stations that were not heard for longer are gone, and no part of a silence."""


class Stations(NamedTuple):
    """Of m stations."""

    heard_us: Micros
    """`MISSING_US`: never."""
    field: Mask
    unsynchronised: Mask
    """Its clock is not set, by its own word."""

    def rows(self, which: list[int]) -> "Stations":
        """Some of them, in that order."""
        at = np.array(which, np.intp)
        return Stations(self.heard_us[at], self.field[at], self.unsynchronised[at])


class Counted(NamedTuple):
    """Of n drones: flight time by the autopilots' own counters, and what came of it."""

    counted_s: Reals
    seen_s: Reals
    """Airborne time of the flights we have between the same readings."""


class Contact(NamedTuple):
    """Of n drones."""

    home: Index
    """Row of its station in `Stations`, or `NOWHERE`."""
    contact_s: Seconds
    """Since it, or its card, was in reach of a station; `FOREVER_S`: it never was."""
    ahead_hours: Few
    """How much after its arrival the last flight began, by its clock; as `spans_hours`."""
    unexplained: Mask
    """See there; over the last `missing_days`."""


def silent_stations(stations: Stations, now_us: int, limits: SightLimits) -> Mask:
    """(m,) those that should have been heard of by now; a station never heard of is silent."""
    patience_us = np.where(
        stations.field,
        round(limits.field_silent_days * _DAY_US),
        round(limits.silent_hours * HOUR_US),
    )
    silent: Mask = stations.heard_us < now_us - patience_us
    return silent


def data_states(contact: Contact, stations: Stations, now_us: int, limits: SightLimits) -> Codes:
    """(n,) indices into `DATA_STATES`: of those that hold the last."""
    at_home = _station_states(stations, now_us, limits)
    state = np.empty(len(contact.home), np.int8)
    away_s = limits.unconnected_days * _DAY_S
    for at in blocks(len(state)):
        home, contact_s, ahead, unexplained = (column[at] for column in contact)
        found = at_home[home]  # what holds of nowhere comes last
        for holds, code in (
            (unexplained, LOGS_MISSING),
            (contact_s > round(away_s), NOT_CONNECTED),
            (ahead > limits.clock_ahead_hours, CLOCK_BAD),
        ):
            np.maximum(found, holds.view(np.int8) * np.int8(code), out=found)
        state[at] = found
    return state


def unexplained(recent: Counted, flights: Index) -> Mask:
    """(n,) flight time was counted beyond what our *flights* explain and `counters` allows for."""
    allowed_s = FLYING_S + LAG_S * flights + SHARE * recent.seen_s
    beyond_s = np.asarray(recent.counted_s - recent.seen_s - allowed_s, np.float32)
    return np.asarray(beyond_s >= 0)


def seen_share(counted: Counted) -> Reals:
    """(n,) share of flown time that we have seen, at most 1; NaN: the counter tells of none.

    Logs and autopilots see take-off and landing differently, so 0.9 and 1 are the same.
    """
    share = np.full(len(counted.counted_s), np.nan, np.float32)
    told = counted.counted_s >= FLYING_S
    share[told] = np.minimum(counted.seen_s[told] / counted.counted_s[told], 1.0)
    return share


class Silence(NamedTuple):
    """Of the fixed stations that are still in use."""

    silent: int
    known: int
    last_heard_us: int
    """The latest moment at which any of them was heard; `MISSING_US` for none."""
    of_all: bool
    """So many that it is not the stations: broker, network, or this collector."""


def fleet_silence(stations: Stations, now_us: int, limits: SightLimits) -> Silence:
    """Whether the fleet as a whole has fallen silent.

    Stations count that were up within `known_days` of the last word from any of them: a silence
    that goes on for months stays one.
    """
    fixed = ~stations.field & (stations.heard_us != MISSING_US)
    last_us = int(stations.heard_us[fixed].max(initial=MISSING_US))
    if last_us == MISSING_US:
        return Silence(0, 0, MISSING_US, of_all=False)
    known = fixed & (stations.heard_us >= last_us - round(limits.known_days * _DAY_US))
    silent = int((known & silent_stations(stations, now_us, limits)).sum())
    number = int(known.sum())
    enough = number >= limits.fleet_stations
    of_all = enough and silent >= limits.fleet_silent_share * number
    return Silence(silent, number, last_us, of_all=of_all)


def _station_states(stations: Stations, now_us: int, limits: SightLimits) -> Codes:
    """(m + 1,) what each station makes of its drones; the last is nowhere, where all is well."""
    states = np.full(len(stations.heard_us) + 1, FRESH, np.int8)
    states[:-1][stations.unsynchronised] = CLOCK_BAD
    states[:-1][silent_stations(stations, now_us, limits)] = AGENT_SILENT
    return states
