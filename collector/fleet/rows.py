"""The Fleet, out of the ledger: one query for each kind of column, arrays from whole columns."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np

from windsock.collector.detect.inactivity import Limits, month_later, stood_still
from windsock.collector.fleet.arrays import (
    MISSING_US,
    NOWHERE,
    Fleet,
    Micros,
    Shares,
    Told,
    counted,
    shares,
    whole_hours,
)
from windsock.collector.fleet.flown import Flown, load_flown
from windsock.collector.fleet.pauses import Pause, load_pauses, rested
from windsock.collector.fleet.queries import query
from windsock.collector.fleet.quiet import load_quiet
from windsock.collector.roster.cells import SERVICE_STATES
from windsock.collector.roster.owners import Owner, substitutes

_MONTH: Final = Limits()


class FleetRows(NamedTuple):
    """The arrays, and who answers for each row."""

    fleet: Fleet
    told: Told
    owners: list[Owner]
    flight_ids: Micros
    """Row of its last flight in the ledger, or 0."""


@contextmanager
def snapshot(ledger: sqlite3.Connection) -> Iterator[None]:
    """All queries in the block see the ledger at one moment, and keep nobody from writing."""
    if ledger.in_transaction:
        yield
        return
    ledger.execute("BEGIN")
    try:
        yield
    finally:
        ledger.execute("COMMIT")


def load_fleet(
    ledger: sqlite3.Connection, now_us: int, limits: Limits = _MONTH, *, simulated: bool = False
) -> FleetRows:
    """Every drone of the roster as of *now_us*; *simulated*: simulated flights are flights.

    *limits* say for how long a counter has to have stood still.

    In a `snapshot` or a transaction of its caller.
    """
    drones = _rows(ledger, "drones", {"now_us": now_us})
    cover = substitutes(ledger, now_us)
    owners = [Owner(*row[:-1]).with_cover(cover) for row in drones]
    serials = [owner.serial for owner in owners]
    owned_from_us = np.array([row[-1] for row in drones], np.int64)
    flown = load_flown(ledger, serials, owned_from_us, simulated=simulated)
    quiet = load_quiet(ledger, serials, flown.flown_us, now_us)
    flown_us = np.maximum(flown.flown_us, quiet.jumped_us)
    told = Told(
        owned_from_us=owned_from_us,
        flights=flown.flights,
        flown_us=flown_us,
        rested_us=rested(_pauses_since(ledger, flown_us, now_us), serials, flown_us),
        airborne_s=flown.airborne_s,
        quiet_from_us=quiet.from_us,
        quiet_until_us=quiet.until_us,
    )
    fleet = Fleet(
        serials=serials,
        stations=flown.stations,
        service=np.array([SERVICE_STATES.index(owner.service_state) for owner in owners], np.int8),
        idle_s=told.idle_s(now_us),
        flights=counted(flown.flights),
        home=flown.home,
        online_share=_online_share(ledger, flown._replace(flown_us=flown_us), now_us),
        proven=stood_still(quiet.from_us, quiet.until_us, limits),
        month_over=now_us > month_later(told.idle_from_us(now_us)),
    )
    return FleetRows(fleet, told, owners, flown.flight_ids)


def last_flight(ledger: sqlite3.Connection, serial: str, since_us: int) -> sqlite3.Row | None:
    """The newest dated flight of a drone from *since_us* on."""
    row: sqlite3.Row | None = ledger.execute(query("last_flight"), (serial, since_us)).fetchone()
    return row


def _pauses_since(ledger: sqlite3.Connection, flown_us: Micros, now_us: int) -> list[Pause]:
    """Those that any drone can have had since it flew."""
    earliest_us = int(flown_us[flown_us != MISSING_US].min(initial=now_us))
    return load_pauses(ledger, earliest_us, now_us)


def _rows(ledger: sqlite3.Connection, name: str, values: dict[str, Any]) -> list[Sequence[Any]]:
    return ledger.execute(query(name), values).fetchall()


def _online_share(ledger: sqlite3.Connection, flown: Flown, now_us: int) -> Shares:
    first, end = whole_hours(flown.flown_us, now_us)
    known = np.flatnonzero((flown.home != NOWHERE) & (first < end))
    gaps = [[flown.stations[flown.home[row]], int(first[row]), end] for row in known]
    online, hours = np.zeros((2, len(first)), np.int64)
    online[known] = [row[0] for row in _rows(ledger, "online", {"gaps": json.dumps(gaps)})]
    hours[known] = end - first[known]
    return shares(online, hours)
