"""What we can see of each drone, out of the ledger: stations, contacts, counted flight time."""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from windsock.collector.detect.sight import (
    Contact,
    Counted,
    SightLimits,
    Silence,
    Stations,
    data_states,
    fleet_silence,
    silent_stations,
    unexplained,
)
from windsock.collector.fleet.arrays import (
    MISSING_US,
    Codes,
    Index,
    Micros,
    ages_s,
    spans_hours,
)
from windsock.collector.fleet.queries import query
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.fleet.seen import load_contacts, load_counted
from windsock.collector.settings import Sight

_DAY_US = 86_400_000_000


class FleetSight(NamedTuple):
    """How well a fleet can be seen."""

    states: Codes
    """(n,) indices into `DATA_STATES` ..."""
    contact: Contact
    """... and what they were judged by."""
    counted: Counted
    """Since each drone has been its customer's."""


def load_sight(
    ledger: sqlite3.Connection, rows: FleetRows, now_us: int, settings: Sight, *, simulated: bool
) -> FleetSight:
    """Data state and counted flight time of each drone in *rows*. In the caller's snapshot."""
    limits = limits_of(settings)
    serials = rows.fleet.serials
    agents, stations = _stations(ledger, rows.fleet.stations, now_us)
    counted, recent, flights = _counted(ledger, rows, now_us, limits)
    contact = Contact(
        home=rows.fleet.home,
        contact_s=ages_s(load_contacts(ledger, serials, now_us, simulated=simulated), now_us),
        ahead_hours=spans_hours(_ahead_us(ledger, rows.flight_ids)),
        unexplained=unexplained(recent, flights),
    )
    place = {agent: row for row, agent in enumerate(agents)}
    homes = stations.rows([place[agent] for agent in rows.fleet.stations])
    return FleetSight(data_states(contact, homes, now_us, limits), contact, counted)


def load_silence(ledger: sqlite3.Connection, now_us: int, settings: Sight) -> Silence:
    """Whether all stations fell silent together."""
    _, stations = _stations(ledger, [], now_us)
    return fleet_silence(stations, now_us, limits_of(settings))


def silent_agents(ledger: sqlite3.Connection, now_us: int, settings: Sight) -> dict[str, bool]:
    """Every station that is known, and whether it should have been heard of by now."""
    agents, stations = _stations(ledger, [], now_us)
    silent = silent_stations(stations, now_us, limits_of(settings))
    return dict(zip(agents, silent.tolist(), strict=True))


def limits_of(settings: Sight) -> SightLimits:
    """The thresholds as the operator has them."""
    return SightLimits(
        silent_hours=settings.silent_hours,
        field_silent_days=settings.field_silent_days,
        unconnected_days=settings.unconnected_days,
        fleet_silent_share=settings.fleet_silent_share,
    )


def _stations(
    ledger: sqlite3.Connection, agents: Sequence[str], now_us: int
) -> tuple[list[str], Stations]:
    values = {"agents": json.dumps(list(agents)), "now_us": now_us}
    found = ledger.execute(query("stations"), values).fetchall()
    heard_us = np.array([row["heard_us"] for row in found], np.int64)
    heard_us[heard_us == 0] = MISSING_US
    return [row["agent"] for row in found], Stations(
        heard_us=heard_us,
        field=np.array([row["kind"] == "field" for row in found], np.bool_),
        unsynchronised=np.array([row["unsynchronised"] for row in found], np.bool_),
    )


def _ahead_us(ledger: sqlite3.Connection, flight_ids: Micros) -> Micros:
    values = {"flights": json.dumps(flight_ids.tolist())}
    found = ledger.execute(query("ahead"), values).fetchall()
    return np.array([row[0] or 0 for row in found], np.int64)


def _counted(
    ledger: sqlite3.Connection, rows: FleetRows, now_us: int, limits: SightLimits
) -> tuple[Counted, Counted, Index]:
    """All there is, and since `missing_days` with its number of flights."""
    recent_us = now_us - round(limits.missing_days * _DAY_US)
    owned_from_us = rows.told.owned_from_us
    sums = load_counted(ledger, rows.fleet.serials, owned_from_us, now_us, recent_us)
    counted_s, seen_s, recent_s, recent_seen_s = sums.T[:4].astype(np.float32)
    flights = sums[:, 4].astype(np.int32)
    return Counted(counted_s, seen_s), Counted(recent_s, recent_seen_s), flights
