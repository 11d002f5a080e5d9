"""Who has not flown for a month: the same question to the arrays, to pandas and to InfluxQL.

10,000 drones of 100 flights each. The peers find each drone's last flight every time, our arrays
hold it; what finding it costs us is a figure of its own. CPU time of whoever answers.
"""

import tempfile
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
from figure import Figure
from servers import Influxd18, cpu_s, idle, lacking
from timing import RUNS, in_turns

from windsock.collector.detect.inactivity import DAY_US, Limits, inactivity
from windsock.collector.fleet.arrays import WHOLE, Fleet, ages_s
from windsock.collector.influx.client import open_store
from windsock.collector.influx.digits import Steps
from windsock.collector.influx.lines import Columns, render_all
from windsock.collector.influx.measurements import FLIGHT
from windsock.collector.influx.posting import write_blocks
from windsock.collector.settings import Influx

DRONES, FLIGHTS = 10_000, 100
NOW_US = 1_800_000_000_000_000
MONTH_US = 30 * DAY_US
TOGETHER = 50


def figures():
    why_not = lacking("influxd-1.8")
    if why_not:
        print(why_not)
        return
    start_us = flights()
    ours, last, grouped, expected = arrays(start_us)
    ours_s, last_s, pandas_s = in_turns(ours, last, grouped)
    influx_s = influxql(start_us, expected)
    name = f"who has not flown for a month, {DRONES:,} drones, CPU"
    found = f"finding the last of {DRONES * FLIGHTS:,} flights first, CPU"
    for peer, seconds in (
        ("pandas groupby", pandas_s),
        ("influxd 1.8, last() by drone", influx_s),
    ):
        yield Figure(name, ours_s * 1e3, "ms", seconds * 1e3, f"ms {peer}", seconds / ours_s)
        yield Figure(found, (ours_s + last_s) * 1e3, "ms", seconds * 1e3, f"ms {peer}",
                     seconds / (ours_s + last_s))  # fmt: skip


def flights():
    """Starts (drones, flights), rising, whole seconds: two years, the last up to 60 days ago."""
    rng = np.random.default_rng(11)
    start_us = NOW_US - (rng.random((DRONES, FLIGHTS)) * 700 * DAY_US).astype(np.int64)
    start_us -= (rng.random((DRONES, 1)) * 60 * DAY_US).astype(np.int64)
    return np.sort(start_us // 1_000_000 * 1_000_000, axis=1)


def arrays(start_us):
    """Our work, with the last flights known and not, pandas' work, and the right answer."""
    drone = np.repeat(np.arange(DRONES), FLIGHTS)
    flown = pd.DataFrame({"drone": drone, "start_us": start_us.ravel()})
    firsts = np.arange(0, DRONES * FLIGHTS, FLIGHTS)
    fleet = of_fleet(start_us[:, -1])

    def ours():
        return inactivity(fleet, Limits()).overdue

    def grouped():
        return (flown.groupby("drone").start_us.max() < NOW_US - MONTH_US).to_numpy()

    def last():
        return ages_s(np.maximum.reduceat(start_us.ravel(), firsts), NOW_US)

    if (ours() != grouped()).any() or (last() != fleet.idle_s).any():
        raise SystemExit("the answers differ")
    return ours, last, grouped, int(ours().sum())


def of_fleet(flown_us):
    n = len(flown_us)
    return Fleet(
        serials=[""] * n, stations=[], service=np.zeros(n, np.int8),
        idle_s=ages_s(flown_us, NOW_US), flights=np.ones(n, np.uint16), home=np.zeros(n, np.int32),
        online_share=np.full(n, WHOLE, np.int16), proven=np.zeros(n, np.bool_),
        month_over=np.zeros(n, np.bool_),
    )  # fmt: skip


def influxql(start_us, expected):
    """CPU seconds of influxd for one answer, its transport and JSON included."""
    query = 'SELECT last(airborne_s) FROM "flight" GROUP BY "drone"'
    with tempfile.TemporaryDirectory() as name, Influxd18(Path(name) / "influxd") as influx:
        influx.create("bench")
        fill(influx, start_us)
        idle(influx.pid)
        before_s = cpu_s(influx.pid)
        for _ in range(RUNS):
            answer = influx.request("POST", "/query", q=query, db="bench", epoch="ms")
        spent_s = (cpu_s(influx.pid) - before_s) / RUNS
    drones = orjson.loads(answer)["results"][0]["series"]
    late = sum(one["values"][0][0] * 1000 < NOW_US - MONTH_US for one in drones)
    if late != expected:
        raise SystemExit(f"InfluxDB finds {late}, expected {expected}")
    return spent_s


def fill(influx, start_us):
    store = open_store(Influx(url=influx.url, database="bench/autogen"))
    present = np.ones(FLIGHTS, bool)
    airborne = {"airborne_s": Steps(np.full(FLIGHTS, 6000), 10, present)}
    for first in range(0, DRONES, TOGETHER):
        tables = [
            Columns(FLIGHT, {"drone": f"px4:{drone:024x}"}, start_us[drone], airborne)
            for drone in range(first, first + TOGETHER)
        ]
        write_blocks(store, render_all(tables), FLIGHT.precision, refuse)


def refuse(line, error):
    raise SystemExit(f"{error}: {line}")
