"""Every drone as it stands, in a row: for the table, for JSON, for InfluxDB's ``drone_state``."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, cast

import msgspec

from windsock.collector.cases.circumstances import version_of
from windsock.collector.cases.inactivity_findings import InactiveFleet
from windsock.collector.cases.judge import inactive_fleet
from windsock.collector.detect.inactivity import UNSEEN
from windsock.collector.fleet.arrays import IN_SERVICE, MISSING_US, NOWHERE
from windsock.collector.fleet.rows import FleetRows, query, snapshot
from windsock.collector.roster.cells import SERVICE_STATES
from windsock.collector.settings import Settings

State = Literal[
    "active", "inactive", "unseen", "never-flown",
    "ordered", "stock", "repair", "paused", "retired", "unclaimed",
]  # fmt: skip
"""In service: flies, has not for a month, nobody can tell, never did. Else as the roster says.
``unclaimed`` is an autopilot that no drone of the roster has."""

_DAY_US: Final = 86_400_000_000


class DroneState(msgspec.Struct, frozen=True, kw_only=True):
    """One drone, or one autopilot that is nobody's. None: not known, or none."""

    serial: str | None
    drone_uid: str | None
    state: State
    product: str | None = None
    customer: str | None = None
    distributor: str | None = None
    region: str | None = None
    csm: str | None = None
    csm_email: str | None = None
    firmware: str | None = None
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


def drone_states(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> list[DroneState]:
    """The drones of the roster by serial number, then the autopilots that nobody claimed."""
    with snapshot(ledger):
        fleet = inactive_fleet(ledger, now_us, settings)
        return [*_claimed(ledger, fleet), *_unclaimed(ledger, now_us)]


def _claimed(ledger: sqlite3.Connection, judged: InactiveFleet) -> Iterator[DroneState]:
    cases, rows = _open_cases(ledger), judged.rows
    for row, label in enumerate(_labels(ledger, rows, judged.now_us)):
        owner, flown_us = rows.owners[row], int(rows.fleet.flown_us[row])
        home = rows.fleet.home[row]
        yield DroneState(
            serial=owner.serial,
            drone_uid=label["uid"],
            state=_state(judged, row),
            product=owner.product,
            customer=owner.customer,
            distributor=owner.distributor,
            region=owner.region,
            csm=owner.csm,
            csm_email=owner.csm_email,
            firmware=version_of(label["firmware"]) or None,
            flown_us=None if flown_us == MISSING_US else flown_us,
            days_since_flight=_days(flown_us, judged.now_us),
            flights=int(rows.fleet.flights[row]),
            airborne_s=float(rows.fleet.airborne_s[row]),
            verdict=label["verdict"],
            kind=label["kind"],
            station=None if home == NOWHERE else rows.fleet.stations[home],
            open_cases=cases.get(owner.serial, 0),
        )


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


def _state(judged: InactiveFleet, row: int) -> State:
    fleet = judged.rows.fleet
    if fleet.service[row] != IN_SERVICE:
        return cast("State", SERVICE_STATES[int(fleet.service[row])])
    if fleet.flown_us[row] == MISSING_US:
        return "never-flown"
    if not judged.judged.overdue[row]:
        return "active"
    return "unseen" if judged.judged.basis[row] == UNSEEN else "inactive"


def _labels(
    ledger: sqlite3.Connection, rows: FleetRows, now_us: int
) -> Sequence[dict[str, Any] | sqlite3.Row]:
    drones = zip(rows.fleet.serials, rows.flight_ids.tolist(), strict=True)
    values = {"drones": json.dumps(list(drones)), "now_us": now_us}
    return ledger.execute(query("labels"), values).fetchall()


def _open_cases(ledger: sqlite3.Connection) -> dict[str, int]:
    rows = ledger.execute(
        "SELECT subject, count(*) FROM cases WHERE state <> 'resolved' AND subject_kind = 'drone'"
        " GROUP BY subject"
    )
    return dict(tuple(row) for row in rows)


def _days(flown_us: int, now_us: int) -> float | None:
    return None if flown_us == MISSING_US else round((now_us - flown_us) / _DAY_US, 3)
