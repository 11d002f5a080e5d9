"""How the drones and accounts of the ledger fly: their flight-days, on the fleet clock.

Computed anew each time the fleet is judged: a flight that comes late, or is taken back, changes
the past, and what came of it changes with it.
"""

import sqlite3
from collections.abc import Hashable, Iterable
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.cases.rules import c_rules_hold
from windsock.collector.detect.accounts import NOBODY
from windsock.collector.detect.clock import FlightDays, fleet_clock, season_groups
from windsock.collector.detect.habits import Habits, Pauses, habits, seen_later
from windsock.collector.detect.silence import UNKNOWN, Cohort, cohorts, score
from windsock.collector.fleet.arrays import MISSING_US, Codes, Index, Ordinals, Reals, narrow
from windsock.collector.fleet.flown import DAY_US, load_flight_days
from windsock.collector.fleet.pauses import Pause, load_pauses
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.roster.owners import Owner

LONGEST_DAYS: Final = 5 * 365
"""What was flown earlier says little of today. Our choice."""
_YOUNG_US: Final = 365 * DAY_US


class Ways(NamedTuple):
    """Of n drones, or of m accounts."""

    habits: Habits
    cohort: Ordinals
    priors: Cohort
    scores: Reals

    @property
    def recovering(self) -> Codes:
        """See `Habits`."""
        return self.habits.recovering


class FleetWays(NamedTuple):
    """Of the drones of a fleet, and of the accounts that C1 and C5 are for."""

    drones: Ways
    accounts: Ways
    names: list[str]
    account: Index
    """Of each drone, into `names`, or `NOBODY`."""


def load_ways(
    ledger: sqlite3.Connection, rows: FleetRows, now_us: int, *, simulated: bool = False
) -> FleetWays:
    """How the drones of *rows* fly. In a `snapshot` or a transaction of its caller."""
    today = now_us // DAY_US + 1
    since = today - LONGEST_DAYS
    span_us = since * DAY_US, now_us
    serials = rows.fleet.serials
    flown = load_flight_days(
        ledger, serials, rows.told.owned_from_us, span_us, simulated=simulated
    )
    first = int(flown.day.min(initial=today))
    flown = FlightDays(flown.drone, flown.day - np.int32(first))
    days = today - first
    clock = _clock(flown, _codes(owner.region for owner in rows.owners), days)
    pauses = _pauses(load_pauses(ledger, *span_us), serials, (first, today))
    seen = np.clip(rows.told.flown_us // DAY_US - first, 0, days).astype(np.int32)
    seen[rows.told.flown_us == MISSING_US] = 0
    own = habits(flown, clock, pauses)
    drones = _ways(own._replace(standing=seen_later(own.standing, clock, seen)),
                   _codes(_cohorts(rows, now_us)))  # fmt: skip
    names, account = _accounts(rows.owners)
    return FleetWays(drones, _account_ways(flown, account, len(names), clock), names, account)


def _ways(own: Habits, cohort: Index) -> Ways:
    number, which = int(cohort.max(initial=-1)) + 1, narrow(cohort)
    priors = cohorts(own.standing, which, number) if number else UNKNOWN
    return Ways(own, which, priors, score(own.standing, which, priors))


def _account_ways(flown: FlightDays, account: Index, number: int, clock: Reals) -> Ways:
    """An account flies when one of its drones does, by the clock of its first drone."""
    whose = np.flatnonzero(account != NOBODY)
    first = np.zeros(number, np.intp)
    first[account[whose][::-1]] = whose[::-1]
    mine = account[flown.drone] != NOBODY
    pairs = np.unique(np.stack([account[flown.drone][mine], flown.day[mine]]), axis=1)
    of_accounts = FlightDays(pairs[0].astype(np.int32), pairs[1].astype(np.int32))
    return _ways(habits(of_accounts, clock[first]), np.zeros(number, np.int32))


def _clock(flown: FlightDays, region: Index, days: int) -> Reals:
    """Each drone's own clock, (drones, days + 1)."""
    group = season_groups(flown, region, days)
    return fleet_clock(flown, group, days, parents=2)[group]


def _pauses(pauses: Iterable[Pause], serials: list[str], span: tuple[int, int]) -> Pauses:
    """*pauses* as days of a span, from its first one on."""
    first, today = span
    place = {serial: row for row, serial in enumerate(serials)}
    days = [
        (place[pause.serial], pause.from_us // DAY_US, pause.until_us // DAY_US)
        for pause in pauses
    ]
    clipped = [
        (row, max(from_day - first, 0), min(until_day, today) - first)
        for row, from_day, until_day in days
        if until_day > first
    ]
    columns = np.array(clipped, np.int32).reshape(-1, 3).T
    return Pauses(*columns)


def _cohorts(rows: FleetRows, now_us: int) -> Iterable[Hashable]:
    """Product, region, and whether it is in its first year."""
    young = rows.told.owned_from_us > now_us - _YOUNG_US
    for owner, is_young in zip(rows.owners, young.tolist(), strict=True):
        yield owner.product, owner.region, is_young


def _accounts(owners: list[Owner]) -> tuple[list[str], Index]:
    """End users of distributors and direct customers, at stage customer."""
    names = [owner.customer if c_rules_hold(owner) else None for owner in owners]
    known = sorted({name for name in names if name is not None})
    place: dict[str | None, int] = {name: row for row, name in enumerate(known)}
    return known, np.array([place.get(name, NOBODY) for name in names], np.int32)


def _codes(keys: Iterable[Hashable]) -> Index:
    """A number for each different key."""
    codes: dict[Hashable, int] = {}
    return np.array([codes.setdefault(key, len(codes)) for key in keys], np.int32)
