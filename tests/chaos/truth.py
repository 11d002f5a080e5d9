"""What has to be in the ledger and in InfluxDB, and how that differs from what is there.

Worked out from the agent's messages with `protocol/` alone; of the collector nothing is used.
A row is kept as its hash, with all its values: there are millions.
"""

import sqlite3
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.servers.influx_api import InfluxApi
from windsock.agent.intake import Intake
from windsock.protocol.messages import Series, Window
from windsock.protocol.series import decode_samples, decode_values
from windsock.protocol.signals import WINDOW_BY_NAME

Rows = Counter[int]


class Difference(NamedTuple):
    """Of one table: how many rows there have to be, lack, and are too many."""

    table: str
    expected: int
    missing: int
    surplus: int


@dataclass
class Truth:
    """Rows by table, each with all its values."""

    tables: dict[str, Rows] = field(default_factory=dict)

    def note(self, intake: Intake) -> None:
        """What has to come of one log."""
        record = intake.record
        assert record, intake.error
        uid, log_id = record.drone_uid, record.log_id
        self._add("ledger logs", [log_id])
        armings = [(uid, log_id, flight.armed_boot_us) for flight in record.flights]
        self._add("ledger flights", armings)
        self._add(
            "influx flight",
            [
                (uid, flight.start.us // 1000, f"{log_id}/{flight.armed_boot_us}")
                for flight in record.flights
            ],
        )
        self._add("ledger sightings", [(uid, record.flights[0].start.us, "log")])
        for series in intake.series:
            self._add("influx series", _series_rows(series))
        for window in intake.windows:
            self._add("influx window", _window_rows(window))

    def differences(self, ledger: Path, influx: InfluxApi | None) -> list[Difference]:
        """Table by table, against what is there now."""
        found = ledger_rows(ledger) | (influx_rows(influx) if influx else {})
        return [
            Difference(
                name, expected.total(),
                (expected - found[name]).total(), (found[name] - expected).total(),
            )
            for name, expected in self.tables.items()
            if name in found
        ]  # fmt: skip

    def _add(self, table: str, rows: Iterable[Hashable]) -> None:
        self.tables.setdefault(table, Counter()).update(map(hash, rows))


def ledger_rows(path: Path) -> dict[str, Rows]:
    """All that the ledger has, of live and of dead rows: a second one of anything shows."""
    ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return {
            "ledger logs": Counter(
                hash(row[0]) for row in ledger.execute("SELECT log_id FROM logs")
            ),
            "ledger flights": _hashed(
                ledger.execute("SELECT drone_uid, log_id, armed_boot_us FROM flights")
            ),
            "ledger sightings": _hashed(
                ledger.execute("SELECT drone_uid, seen_us, source FROM sightings")
            ),
        }
    finally:
        ledger.close()


def influx_rows(influx: InfluxApi) -> dict[str, Rows]:
    """All rows of InfluxDB that stand for a flight."""
    return {
        "influx flight": _hashed(
            (row["drone"], row["time"], row["flight_id"])
            for row in influx.query('SELECT drone, flight_id FROM "flight"', "windsock")
        ),
        "influx series": _found(influx, "series", "ms"),
        "influx window": _found(influx, "window", "ns"),
    }


def _found(influx: InfluxApi, measurement: str, epoch: str) -> Rows:
    """Drone by drone: a window has thousands of rows."""
    tags = influx.query(f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "drone"', "windsock")
    rows: Rows = Counter()
    for tag in tags:
        query = f"SELECT * FROM \"{measurement}\" WHERE drone = '{tag['value']}'"
        for row in influx.query(query, "windsock", epoch):
            drone, time = row.pop("drone"), row.pop("time")
            rows[hash((drone, time, _fields(row)))] += 1
    return rows


def _hashed(rows: Iterable[Hashable]) -> Rows:
    return Counter(map(hash, rows))


def _fields(row: dict[str, float | None]) -> frozenset[tuple[str, float]]:
    return frozenset((name, value) for name, value in row.items() if value is not None)


def _series_rows(series: Series) -> list[Hashable]:
    columns = [
        (name, *map(list, decode_values(name, column, series.rows)))
        for name, column in series.columns.items()
    ]
    rows = []
    for number in range(series.rows):
        values = {name: float(v[number]) for name, v, there in columns if there[number]}
        if values:
            time_ms = (series.start.us + number * series.interval_us) // 1000
            rows.append((series.drone_uid, time_ms, _fields(values)))
    return rows


def _window_rows(window: Window) -> list[Hashable]:
    """Extremes at the start of their interval, samples at their own moment."""
    at: dict[int, dict[str, float]] = {}
    for side, end in (("low", "_min"), ("high", "_max")):
        for name, column in getattr(window, side).items():
            values, present = decode_values(name, column, window.rows, WINDOW_BY_NAME)
            for number in present.nonzero()[0]:
                moment = at.setdefault(int(number) * window.interval_us, {})
                moment[name + end] = float(values[number])
    for name, samples in window.full.items():
        times, values = decode_samples(samples, WINDOW_BY_NAME[name].scale)
        for time_us, value in zip(times.tolist(), values.tolist(), strict=True):
            at.setdefault(time_us, {})[name] = value
    start_us = window.start.us
    return [
        (window.drone_uid, (start_us + offset_us) * 1000, _fields(values))
        for offset_us, values in at.items()
    ]
