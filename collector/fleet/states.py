"""Every drone as it stands, in a row: for the table, for JSON, for InfluxDB's ``drone_state``."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import msgspec
import numpy as np

from windsock.collector.cases.circumstances import version_of
from windsock.collector.cases.history import load_cases
from windsock.collector.cases.inactivity_findings import InactiveFleet
from windsock.collector.cases.judge import inactive_fleet, old_software
from windsock.collector.detect.held import SoftwareState
from windsock.collector.detect.sight import DATA_STATES, Counted, DataState, seen_share
from windsock.collector.detect.standing import STANDINGS, Standing, StandingLimits, standings
from windsock.collector.fleet.arrays import MISSING_US, NOWHERE
from windsock.collector.fleet.attention import load_attention
from windsock.collector.fleet.contact import FleetSight, load_sight
from windsock.collector.fleet.queries import query
from windsock.collector.fleet.rows import FleetRows, snapshot
from windsock.collector.fleet.software import FleetSoftware
from windsock.collector.settings import Settings

State = Literal[Standing, "unclaimed"]
"""``unclaimed`` is an autopilot that no drone of the roster has."""

_RARELY: Final = "D1b"
"""The rule whose open cases say that a drone flies rarely."""
_DAY_US: Final = 86_400_000_000


class DroneState(msgspec.Struct, frozen=True, kw_only=True):
    """One drone, or one autopilot that is nobody's. None: not known, or none."""

    serial: str | None
    drone_uid: str | None
    state: State
    data: DataState | None = None
    """How far its state can be believed: what we see of it."""
    product: str | None = None
    customer: str | None = None
    distributor: str | None = None
    region: str | None = None
    csm: str | None = None
    csm_email: str | None = None
    firmware: str | None = None
    software: SoftwareState | None = None
    """Against the releases, as of when it was last seen."""
    flown_us: int | None = None
    """Latest moment of the last flight under this customer."""
    days_since_flight: float | None = None
    flights: int = 0
    airborne_s: float = 0.0
    verdict: str | None = None
    kind: str | None = None
    """Of the last flight."""
    station: str | None = None
    open_cases: int = 0
    rules: str = ""
    """Of its open cases, such as ``D3 X1``."""
    severity: int = 0
    """The greatest of its open cases."""
    possible_crashes: int = 0
    """Of the last 30 days; nobody confirmed or took them back."""
    lat_deg: float | None = None
    """Start of its last flight, to 0.1 degree."""
    lon_deg: float | None = None
    seen_share: float | None = None
    """Of the time that its autopilot counted in the air, under this customer."""
    counted_s: float = 0.0
    """That time ..."""
    counted_seen_s: float = 0.0
    """... and what we have of it."""
    customer_seen_share: float | None = None
    """The same of all drones of its customer."""


def drone_states(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> list[DroneState]:
    """The drones of the roster by serial number, then the autopilots that nobody claimed."""
    with snapshot(ledger):
        fleet = inactive_fleet(ledger, now_us, settings)
        sight = load_sight(
            ledger, fleet.rows, now_us, settings.sight, simulated=settings.judge.simulated
        )
        words = _standings(ledger, fleet, settings)
        software = old_software(ledger, fleet.rows, now_us, settings).found
        return [*_claimed(ledger, fleet, sight, words, software), *_unclaimed(ledger, now_us)]


def _standings(
    ledger: sqlite3.Connection, judged: InactiveFleet, settings: Settings
) -> list[Standing]:
    rare = {case.subject for case in load_cases(ledger, _RARELY) if case.state != "resolved"}
    slowing = np.array([serial in rare for serial in judged.rows.fleet.serials], np.bool_)
    limits = StandingLimits(lost_days=settings.sight.lost_days)
    codes = standings(judged.rows.fleet, judged.judged, slowing, limits)
    return [STANDINGS[code] for code in codes.tolist()]


def _claimed(
    ledger: sqlite3.Connection,
    judged: InactiveFleet,
    sight: FleetSight,
    words: Sequence[Standing],
    software: FleetSoftware,
) -> Iterator[DroneState]:
    rows = judged.rows
    attention = load_attention(ledger, rows.fleet.serials, rows.flight_ids.tolist(), judged.now_us)
    shares, of_customers = seen_share(sight.counted), _customer_shares(rows, sight)
    for row, label in enumerate(_labels(ledger, rows, judged.now_us)):
        owner, flown_us = rows.owners[row], int(rows.told.flown_us[row])
        home = rows.fleet.home[row]
        yield DroneState(
            serial=owner.serial,
            drone_uid=label["uid"],
            state=words[row],
            data=DATA_STATES[int(sight.states[row])],
            product=owner.product,
            customer=owner.customer,
            distributor=owner.distributor,
            region=owner.region,
            csm=owner.csm,
            csm_email=owner.csm_email,
            firmware=version_of(label["firmware"]) or None,
            software=software.word(row),
            flown_us=None if flown_us == MISSING_US else flown_us,
            days_since_flight=_days(flown_us, judged.now_us),
            flights=int(rows.told.flights[row]),
            airborne_s=float(rows.told.airborne_s[row]),
            verdict=label["verdict"],
            kind=label["kind"],
            station=None if home == NOWHERE else rows.fleet.stations[home],
            **attention[row]._asdict(),
            seen_share=_share(shares[row]),
            counted_s=float(sight.counted.counted_s[row]),
            counted_seen_s=float(sight.counted.seen_s[row]),
            customer_seen_share=of_customers.get(owner.customer or ""),
        )


def _customer_shares(rows: FleetRows, sight: FleetSight) -> dict[str, float | None]:
    """Share of flown time seen, of all drones of each customer together."""
    customers = [owner.customer for owner in rows.owners]
    names = sorted({customer for customer in customers if customer is not None})
    place = {name: number for number, name in enumerate(names)}
    of = np.array([place.get(customer or "", len(names)) for customer in customers], np.intp)
    sums = [np.bincount(of, column, len(names) + 1) for column in sight.counted]
    shares = seen_share(Counted(*(column.astype(np.float32) for column in sums)))
    return {name: _share(shares[number]) for name, number in place.items()}


def _unclaimed(ledger: sqlite3.Connection, now_us: int) -> Iterator[DroneState]:
    for row in ledger.execute(query("unclaimed"), {"now_us": now_us}):
        yield DroneState(
            serial=None,
            drone_uid=row["drone_uid"],
            state="unclaimed",
            firmware=version_of(row["firmware"]) or None,
            flown_us=row["flown_us"],
            days_since_flight=None if row["flown_us"] is None else _days(row["flown_us"], now_us),
            flights=row["flights"],
            airborne_s=row["airborne_s"],
            verdict=row["verdict"],
            kind=row["kind"],
            station=row["station"],
        )


def _labels(
    ledger: sqlite3.Connection, rows: FleetRows, now_us: int
) -> Sequence[dict[str, Any] | sqlite3.Row]:
    drones = zip(rows.fleet.serials, rows.flight_ids.tolist(), strict=True)
    values = {"drones": json.dumps(list(drones)), "now_us": now_us}
    return ledger.execute(query("labels"), values).fetchall()


def _share(share: np.float32) -> float | None:
    return None if np.isnan(share) else round(float(share), 3)


def _days(flown_us: int, now_us: int) -> float | None:
    return None if flown_us == MISSING_US else round((now_us - flown_us) / _DAY_US, 3)
