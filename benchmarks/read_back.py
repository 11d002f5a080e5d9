"""Two million points into a real influxd, and every value of them read back."""

import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np
import orjson
from figure import Figure
from large_logs import missing
from rows import laid_end_to_end
from servers import Influxd18, lacking

from windsock.collector.influx.client import open_store
from windsock.collector.influx.digits import Steps
from windsock.collector.influx.lines import Columns
from windsock.collector.influx.measurements import SERIES
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.settings import Influx
from windsock.protocol.signals import BY_NAME

POINTS = 2_000_000
ROWS = 4000
TOGETHER = 5


def figures():
    why_not = missing() or lacking("influxd-1.8")
    if why_not:
        print(why_not)
        return
    tables = [table(number) for number in range(POINTS // ROWS)]
    with tempfile.TemporaryDirectory() as name, Influxd18(Path(name) / "influxd") as influx:
        influx.create("bench")
        store = open_store(Influx(url=influx.url, database="bench/autogen"))
        telemetry = Telemetry(sqlite3.connect(":memory:"), store)
        start_s = time.process_time()
        for first in range(0, len(tables), TOGETHER):
            telemetry.write(tables[first : first + TOGETHER], 0)
        spent_s = time.process_time() - start_s
        wrong = sum(differing(influx, one) for one in tables)
    yield Figure(f"{POINTS:,} points of 10 values written to influxd 1.8: points a CPU-second",
                 POINTS / spent_s, "")  # fmt: skip
    yield Figure("  values that were not read back as they were sent", wrong, "", 0,
                 f"of {POINTS * len(BY_NAME):,}")  # fmt: skip


def table(number):
    """An hour of one drone, like no other's."""
    batch = laid_end_to_end(ROWS)
    fields = {
        name: Steps(np.roll(steps, 7 * number) + number % 10, BY_NAME[name].scale,
                    np.roll(present, number))
        for name, steps, present in zip(batch.message.columns, batch.steps, batch.present,
                                        strict=True)
    }  # fmt: skip
    times_us = batch.message.start.us // 1000 * 1000 + 1_000_000 * np.arange(ROWS)
    return Columns(SERIES, {"drone": f"px4:{number:024x}"}, times_us, fields)


def differing(influx, sent):
    """How many values of a drone are not in the database as they were sent."""
    names = list(sent.fields)
    query = f"SELECT {','.join(names)} FROM \"series\" WHERE drone = '{sent.tags['drone']}'"  # noqa: S608 - our names
    answer = influx.request("POST", "/query", q=query, db="bench", epoch="ms")
    rows = np.array(orjson.loads(answer)["results"][0]["series"][0]["values"], float)
    if rows.shape != (ROWS, 1 + len(names)):
        return ROWS * len(names)
    expected = np.array(
        [
            np.where(present, steps / scale, np.nan)
            for steps, scale, present in sent.fields.values()
        ]
    )
    same = (expected == rows[:, 1:].T) | (np.isnan(rows[:, 1:].T) & np.isnan(expected))
    right_time = rows[:, 0] == sent.times_us // 1000
    return int(np.count_nonzero(~(same & right_time)))
