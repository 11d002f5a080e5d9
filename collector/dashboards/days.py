"""Days of drones, of the fleet and of software: added up in the ledger, written to InfluxDB.

Flights come weeks late, are measured anew and taken back. The ledger's triggers note each day that
this touches; here such days are added up again and every row they are part of is written again.
A day that lost its flights says 0: InfluxDB 3 Core deletes nothing.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from windsock.collector.dashboards.rollout import SoftwareDay, software_days
from windsock.collector.influx.lines import Points, Value
from windsock.collector.influx.measurements import DRONE_DAY, FIRMWARE_DAY, FLEET_DAY
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction

DAY_US: Final = 86_400_000_000
_DAYS_A_STEP: Final = 5000
_FLOWN: Final = ("flights", "airborne_s", "crashes", "crash_likes")


def refresh_days(
    ledger: sqlite3.Connection, telemetry: Telemetry, now_us: int, *, simulated: bool
) -> None:
    """Add up the stale days and write them, with today's rows of the fleet and its software.

    *simulated*: simulated flights are flights. Raises StoreDown; then the days wait on.
    """
    days = {now_us // DAY_US}
    marks = _Marks(0, 0)
    while stale := _stale(ledger, marks.last_id):
        marks = _Marks(marks.last_id, stale[-1]["id"])
        days |= {row["day"] for row in stale}
        _add_up(ledger, marks, simulated=simulated)
        telemetry.write(list(_drone_days(ledger, marks)), now_us)
    telemetry.write(list(_fleet_days(ledger, days)), now_us)
    telemetry.write(list(_software(ledger, range(min(days), max(days) + 1))), now_us)
    with transaction(ledger):
        ledger.execute("DELETE FROM stale_days WHERE id <= ?", (marks.last_id,))


def _add_up(ledger: sqlite3.Connection, marks: "_Marks", *, simulated: bool) -> None:
    """Make `drone_days` of the flights, for the stale days of *marks*."""
    with transaction(ledger):
        ledger.execute(_query("forget"), marks._asdict())
        ledger.execute(_query("add"), marks._asdict() | {"simulated": int(simulated)})


def note_standing(
    ledger: sqlite3.Connection, counts: Mapping[str, int | float | None], now_us: int
) -> None:
    """Keep how the fleet stands (fields of ``fleet_day``), in place of what its day had."""
    with transaction(ledger):
        ledger.execute(
            "INSERT OR REPLACE INTO fleet_standings VALUES (?, ?)",
            (now_us // DAY_US, json.dumps(counts)),
        )


class _Marks(NamedTuple):
    """The stale days with ids above the first and up to the last."""

    after_id: int
    last_id: int


def _stale(ledger: sqlite3.Connection, after_id: int) -> list[sqlite3.Row]:
    return ledger.execute(
        "SELECT id, day FROM stale_days WHERE id > ? ORDER BY id LIMIT ?",
        (after_id, _DAYS_A_STEP),
    ).fetchall()


def _drone_days(ledger: sqlite3.Connection, marks: _Marks) -> Iterator[Points]:
    for row in ledger.execute(_query("drone_days"), marks._asdict()):
        fields = _fields(row, ("firmware", *_FLOWN))
        yield Points(DRONE_DAY, {"drone": row["drone_uid"]}, [row["day"] * DAY_US], fields)


def _fleet_days(ledger: sqlite3.Connection, days: Iterable[int]) -> Iterator[Points]:
    for row in ledger.execute(_query("fleet_days"), {"days": json.dumps(sorted(days))}):
        standing: dict[str, Value] = json.loads(row["counts"] or "{}")
        fields = _fields(row, ("drones", *_FLOWN)) | {
            name: [value] for name, value in standing.items()
        }
        yield Points(FLEET_DAY, {}, [row["day"] * DAY_US], fields)


def _software(ledger: sqlite3.Connection, days: Sequence[int]) -> Iterator[Points]:
    flown = [tuple(row) for row in ledger.execute(_query("firmware_flown"))]
    moved = [tuple(row) for row in ledger.execute(_query("firmware_changes"))]
    for row in software_days(flown, moved, days):
        yield _of_software(row)


def _of_software(row: SoftwareDay) -> Points:
    rate = row.crash_rate
    fields: dict[str, Sequence[Value]] = {
        "drones": [row.drones],
        "flights": [row.flights],
        "crashes": [row.crashes],
        "crash_likes": [row.crash_likes],
        "crashes_per_1000": [rate.per_1000 if rate else None],
        "crashes_lower": [rate.lower if rate else None],
        "crashes_upper": [rate.upper if rate else None],
    }
    return Points(FIRMWARE_DAY, {"firmware": row.firmware}, [row.day * DAY_US], fields)


def _fields(row: sqlite3.Row, names: Iterable[str]) -> dict[str, Sequence[Value]]:
    return {name: [row[name]] for name in names}


def _query(name: str) -> str:
    return _queries()[name]


@cache
def _queries() -> dict[str, str]:
    text = (files("windsock.collector.dashboards") / "days.sql").read_text("utf-8")
    parts = (part.partition("\n") for part in text.split("-- name: ")[1:])
    return {name: body for name, _, body in parts}
