"""What draws attention to a drone: its open cases, possible crashes, and where it last flew."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

_DAY_US: Final = 86_400_000_000
_RECENT_DAYS: Final = 30
"""Of possible crashes: older ones are told to nobody. CONTRACTS 24."""
_COARSE: Final = 1
"""Decimals of a degree: 11 km, whatever the stations may send."""

_CASES: Final = """
SELECT subject, count(*) AS cases, max(severity) AS severity,
    (SELECT group_concat(rule, ' ') FROM (
        SELECT DISTINCT rule FROM cases AS own WHERE own.subject = cases.subject
            AND state <> 'resolved' AND subject_kind = 'drone' ORDER BY rule)) AS rules
FROM cases WHERE state <> 'resolved' AND subject_kind = 'drone' GROUP BY subject
"""
_CRASHES: Final = """
SELECT drone, count(*) FROM incidents
WHERE state = 'possible' AND drone IS NOT NULL AND coalesce(event_us, opened_us) > ?
GROUP BY drone
"""
_PLACES: Final = """
SELECT lat_deg, lon_deg FROM json_each(?) AS last LEFT JOIN flights ON flights.id = last.value
ORDER BY last.key
"""


class Attention(NamedTuple):
    """Of one drone; names as in `DroneState`."""

    open_cases: int = 0
    rules: str = ""
    severity: int = 0
    """The greatest of its open cases."""
    possible_crashes: int = 0
    lat_deg: float | None = None
    lon_deg: float | None = None


def load_attention(
    ledger: sqlite3.Connection, serials: Sequence[str], flight_ids: Sequence[int], now_us: int
) -> list[Attention]:
    """For each drone of *serials*, whose last flight is at the same place in *flight_ids*."""
    cases = {row["subject"]: row for row in ledger.execute(_CASES)}
    recent_us = now_us - _RECENT_DAYS * _DAY_US
    crashes = dict(tuple(row) for row in ledger.execute(_CRASHES, (recent_us,)))
    places = ledger.execute(_PLACES, (json.dumps(list(flight_ids)),)).fetchall()
    return [
        Attention(*_of_cases(cases.get(serial)), crashes.get(serial, 0), *map(_coarse, place))
        for serial, place in zip(serials, places, strict=True)
    ]


def _of_cases(row: sqlite3.Row | None) -> tuple[int, str, int]:
    return (0, "", 0) if row is None else (row["cases"], row["rules"], row["severity"])


def _coarse(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, _COARSE)
