"""InfluxDB as the ledger has it, where the ledger changed its mind about a flight.

A flight that was taken back, merged into a copy, measured anew or found to be another drone's
leaves a row behind, and so does its verdict. The ledger's triggers note the place, drone and time,
of every such row; here the place is cleared and what stands there now is written again. Only the
thread that writes verdicts does this, so that no row of it is cleared behind its back.
"""

import sqlite3
from typing import Final

from windsock.collector.cases.incidents import NEWEST_VERDICT
from windsock.collector.influx import points
from windsock.collector.influx.lines import Points
from windsock.collector.influx.measurements import FLIGHT, SERIES, VERDICT, WINDOW
from windsock.collector.influx.spans import Span
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction

_PLACES_A_STEP: Final = 100
_MARGIN_US: Final = 15_000_000
"""Series begin at a whole second, windows up to 10 s before a flight and end 5 s after it."""
_HERE: Final = (
    "flights.drone_uid = :drone_uid AND start_us BETWEEN :first_us AND :last_us"
    " AND start_quality IN ('gps', 'boot_utc')"
)
_FLIGHTS: Final = f"""
SELECT flights.*, {points.OF_LOG} FROM live_flights AS flights JOIN logs USING (log_id)
WHERE {_HERE}
"""  # noqa: S608 - a condition of ours
_VERDICTS: Final = f"""
SELECT verdicts.*, drone_uid, log_id, armed_boot_us, start_us
FROM live_flights AS flights JOIN verdicts ON {NEWEST_VERDICT} WHERE {_HERE}
"""  # noqa: S608 - conditions of ours
_ALONE: Final = """
SELECT NOT EXISTS (SELECT 1 FROM live_flights WHERE drone_uid = ?1 AND start_us <= ?3
    AND start_us + end_boot_us - armed_boot_us >= ?2)
"""


def redraw_some(ledger: sqlite3.Connection, telemetry: Telemetry, now_us: int) -> bool:
    """Clear some of the places that changed and write what stands there; False: nothing waited.

    Raises StoreDown; then the places wait on.
    """
    places = ledger.execute(
        "SELECT * FROM stale_rows ORDER BY id LIMIT ?", (_PLACES_A_STEP,)
    ).fetchall()
    if not places:
        return False
    telemetry.erase([span for place in places for span in _spans(ledger, place)], now_us)
    # Read after the clearing: what is committed later is written by who commits it.
    telemetry.write([row for place in places for row in _rows(ledger, place)], now_us)
    with transaction(ledger):
        ledger.executemany("DELETE FROM stale_rows WHERE id = ?", [(p["id"],) for p in places])
    return True


def _spans(ledger: sqlite3.Connection, place: sqlite3.Row) -> list[Span]:
    """The rows at *place*; its series and windows, too, where no flight that stands has any."""
    drone, start_us = place["drone_uid"], place["start_us"]
    spans = [Span(kind, drone, start_us, start_us) for kind in (FLIGHT, VERDICT)]
    first_us, last_us = start_us - _MARGIN_US, place["end_us"] + _MARGIN_US
    if ledger.execute(_ALONE, (drone, first_us, last_us)).fetchone()[0]:
        spans += [Span(kind, drone, first_us, last_us) for kind in (SERIES, WINDOW)]
    return spans


def _rows(ledger: sqlite3.Connection, place: sqlite3.Row) -> list[Points]:
    """What stands in the millisecond of *place*."""
    first_us = place["start_us"] // 1000 * 1000
    here = {
        "drone_uid": place["drone_uid"],
        "first_us": first_us,
        "last_us": first_us + 999,
    }
    flights = ledger.execute(_FLIGHTS, here).fetchall()
    verdicts = ledger.execute(_VERDICTS, here).fetchall()
    return [*map(points.of_flight, flights), *map(points.of_verdict, verdicts)]
