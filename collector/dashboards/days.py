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
from typing import Final

from windsock.collector.dashboards.rollout import SoftwareDay, software_days
from windsock.collector.followers import last_id
from windsock.collector.influx.lines import Points, Value
from windsock.collector.influx.measurements import DRONE_DAY, FIRMWARE_DAY, FLEET_DAY
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction

DAY_US: Final = 86_400_000_000
_DAYS_A_STEP: Final = 5000
_STEPS_A_ROUND: Final = 10
_SOFTWARE_FROM: Final = "software day"
"""How `progress` calls the first day of which `firmware_day` is to be written again."""
_SOFTWARE_WAITS: Final = """
INSERT INTO progress VALUES (?, ?)
ON CONFLICT DO UPDATE SET last_id = min(last_id, excluded.last_id)
"""
_FLOWN: Final = ("flights", "airborne_s", "crashes", "crash_likes")


def refresh_days(
    ledger: sqlite3.Connection, telemetry: Telemetry, now_us: int, *, simulated: bool
) -> bool:
    """Add up some of the stale days and write them, with today's rows; True: more wait.

    *simulated*: simulated flights are flights. Raises StoreDown; then the days wait on.
    """
    today = now_us // DAY_US
    for _ in range(_STEPS_A_ROUND):
        if not _refresh_some(ledger, telemetry, now_us, simulated=simulated):
            break
    telemetry.write(list(_fleet_days(ledger, {today})), now_us)
    first = min(today, last_id(ledger, _SOFTWARE_FROM) or today)
    telemetry.write(list(_software(ledger, range(first, today + 1))), now_us)
    with transaction(ledger):
        ledger.execute("DELETE FROM progress WHERE name = ?", (_SOFTWARE_FROM,))
    return bool(_stale(ledger))


def _refresh_some(
    ledger: sqlite3.Connection, telemetry: Telemetry, now_us: int, *, simulated: bool
) -> bool:
    """One step, after which its days wait no more, but for software from the first of them on."""
    stale = _stale(ledger)
    if not stale:
        return False
    until_id, days = stale[-1]["id"], {row["day"] for row in stale}
    _add_up(ledger, until_id, simulated=simulated)
    drones, fleet = _drone_days(ledger, until_id), _fleet_days(ledger, days)
    telemetry.write([*drones, *fleet], now_us)
    with transaction(ledger):
        ledger.execute("DELETE FROM stale_days WHERE id <= ?", (until_id,))
        ledger.execute(_SOFTWARE_WAITS, (_SOFTWARE_FROM, min(days)))
    return True


def _add_up(ledger: sqlite3.Connection, until_id: int, *, simulated: bool) -> None:
    """Make `drone_days` of the flights, for the stale days up to *until_id*."""
    with transaction(ledger):
        ledger.execute(_query("forget"), {"last_id": until_id})
        ledger.execute(_query("add"), {"last_id": until_id, "simulated": int(simulated)})


def note_standing(
    ledger: sqlite3.Connection, counts: Mapping[str, int | float | None], now_us: int
) -> None:
    """Keep how the fleet stands (fields of ``fleet_day``), in place of what its day had."""
    with transaction(ledger):
        ledger.execute(
            "INSERT OR REPLACE INTO fleet_standings VALUES (?, ?)",
            (now_us // DAY_US, json.dumps(counts)),
        )


def _stale(ledger: sqlite3.Connection) -> list[sqlite3.Row]:
    return ledger.execute(
        "SELECT id, day FROM stale_days ORDER BY id LIMIT ?", (_DAYS_A_STEP,)
    ).fetchall()


def _drone_days(ledger: sqlite3.Connection, until_id: int) -> Iterator[Points]:
    for row in ledger.execute(_query("drone_days"), {"last_id": until_id}):
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
