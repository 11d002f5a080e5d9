"""How soon the panels of a whole fleet answer: 10,000 drones, 12 months, a real influxd 1.8.

What is filled, by the collector's own line writer: ``drone_state`` of 10,000 drones, every hour of
the last week and once a week of the months before (every hour would be 88 million rows: the panels
read the newest hour, whose shard is as full as it would be); ``drone_day`` of 70 flight-days a
drone, ``fleet_day``, ``firmware_day`` and ``customer_day`` of every day, 5,000 incidents. Queries
are those of the dashboards and alert rules, expanded as Grafana does; times are from the request
to the last byte of the answer, the median of three, once influxd rests.

Beside it: what rewriting the days costs the collector when one flight comes two months late.
"""

import json
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
from figure import Figure
from servers import Influxd18, idle, lacking

from tools.dashboards.alerts import RULES
from tools.dashboards.fleet import board
from tools.dashboards.frames import View, frames, of_panel, options, panels, read_board
from tools.dashboards.parts import as_text
from windsock.collector.dashboards.days import refresh_days
from windsock.collector.influx.client import StoreDown, open_store
from windsock.collector.influx.lines import Points
from windsock.collector.influx.measurements import (
    CUSTOMER_DAY,
    DRONE_DAY,
    DRONE_STATE,
    EVENT,
    FIRMWARE_DAY,
    FLEET_DAY,
    STANDING_COUNTS,
)
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.settings import Influx

DRONES, DAYS, CUSTOMERS = 10_000, 365, 3000
HOURLY_DAYS = 7
FLIGHT_DAYS = 70
VERSIONS = [f"7.{minor}.0" for minor in range(8)]
STATES = ("active", "active", "active", "active", "inactive", "new", "lost")
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
NOW_US = 1_795_469_400_000_000
TODAY = NOW_US // DAY_US
TOGETHER = 500


def figures():
    why_not = lacking("influxd-1.8")
    if why_not:
        print(why_not)
        return
    with tempfile.TemporaryDirectory() as name, Influxd18(Path(name) / "influxd") as influx:
        influx.create("bench")
        store = open_store(Influx(url=influx.url, database="bench/autogen"))
        rows = fill(Telemetry(sqlite3.connect(":memory:"), store))
        idle(influx.pid)

        def ask(query):
            return json.loads(influx.request("POST", "/query", q=query, db="bench", epoch="ms"))

        yield from timed(ask, rows)
    yield from rewritten()


def timed(ask, rows):
    """Each panel by itself, and all of the dashboard at once."""
    view = View(NOW_US // 1000 - 90 * DAY_US // 1000, NOW_US // 1000, {"customer": ".*"})
    year = View(NOW_US // 1000 - DAYS * DAY_US // 1000, NOW_US // 1000, {"customer": ".*"})
    fleet = read_board(as_text(board().build()))
    took = {
        f"{panel['title']}, {days} days": seconds(of_panel, ask, panel, shown)
        for panel in panels(fleet)
        for days, shown in ((90, view), (DAYS, year))
    }
    for variable in fleet["templating"]["list"]:
        took[f"variable {variable['name']}"] = seconds(options, ask, variable, view)
    for annotation in fleet["annotations"]["list"]:
        target = annotation["target"]
        query = year.expand(target["query"])
        took[f"annotation {annotation['name']}, {DAYS} days"] = seconds(frames, ask, target, query)
    slowest = max(took, key=took.get)
    what = f"{DRONES:,} drones, 12 months ({rows:,} rows)"
    yield Figure(f"{what}: slowest of {len(took)} whole-fleet queries, {slowest}", took[slowest],
                 "s", 1.0, "s at most", took[slowest])  # fmt: skip
    yield Figure("  median of them", median(took.values()), "s")
    with ThreadPoolExecutor(6) as pool:
        start = time.perf_counter()
        list(pool.map(lambda panel: of_panel(ask, panel, year), panels(fleet)))
        yield Figure("  the Fleet dashboard over 12 months, six queries at a time as a browser",
                     time.perf_counter() - start, "s")  # fmt: skip
    alerts = {rule.title: seconds(alert, ask, rule) for rule in RULES}
    worst = max(alerts, key=alerts.get)
    yield Figure(f"  slowest alert rule, {worst}", alerts[worst], "s")


def alert(ask, rule):
    """What Grafana asks every five minutes."""
    view = View(NOW_US // 1000 - rule.since_s * 1000, NOW_US // 1000, {})
    target = rule.build()["data"][0]["model"]
    return frames(ask, target, view.expand(target["query"]))


def seconds(work, *arguments):
    """The median of three."""
    took = []
    for _ in range(3):
        start = time.perf_counter()
        work(*arguments)
        took.append(time.perf_counter() - start)
    return median(took)


def fill(telemetry):
    """All rows, shard by shard; how many."""
    hour = NOW_US // HOUR_US * HOUR_US
    hours = [hour - number * HOUR_US for number in range(HOURLY_DAYS * 24)][::-1]
    weeks = [[hour - day * DAY_US] for day in range(HOURLY_DAYS, DAYS, 7)][::-1]
    count = 0
    for number, times in enumerate(weeks):
        count += written(telemetry, (state_row(drone, times, number) for drone in range(DRONES)))
    for first in range(0, len(hours), 24):
        times = hours[first : first + 24]
        count += written(telemetry, (state_row(drone, times, 99) for drone in range(DRONES)))
    for first in range(TODAY - DAYS + 1, TODAY + 1, 7):
        days = range(first, min(first + 7, TODAY + 1))
        rows = (day_row(drone, days) for drone in range(DRONES))
        count += written(telemetry, (row for row in rows if row.times_us))
        count += written(telemetry, fleet_rows(list(days)))
    chance = np.random.default_rng(11)
    return count + written(telemetry, (event_row(number, chance) for number in range(5000)))


def written(telemetry, tables):
    """How many rows; influxd may ask for patience."""
    tables = list(tables)
    for first in range(0, len(tables), TOGETHER):
        part = tables[first : first + TOGETHER]
        for _ in range(10):
            try:
                telemetry.write(part, 0)
                break
            except StoreDown as error:
                time.sleep(max(error.retry_after_s, 5))
        else:
            raise SystemExit("influxd takes no rows")
    return sum(len(table.times_us) for table in tables)


def uid(drone):
    return f"px4:{drone:024x}"


def state_row(drone, times, number):
    """One drone at *times*: in the course of the year it changes its state twice."""
    state = STATES[(drone + (number > 10 + drone % 17) + (number > 30 + drone % 11)) % len(STATES)]
    tags = {"drone": uid(drone), "customer": f"Customer {drone % CUSTOMERS}",
            "distributor": f"Distributor {drone % 40}", "region": "DACH",
            "product": "Kite 4", "state": state}  # fmt: skip
    n = len(times)
    troubled = drone % 25 == 0
    fields = {
        "serial": [f"K4-{drone:05}"] * n, "label": [f"K4-{drone:05} {uid(drone)}"] * n,
        "standing": [state] * n, "days_since_flight": [float(drone % 40)] * n,
        "flights": [drone % 300] * n, "airborne_h": [drone % 300 / 4] * n,
        "open_cases": [int(troubled)] * n, "rules": ["D3" if troubled else ""] * n,
        "severity": [30 if troubled else 0] * n,
        "possible_crashes": [int(drone % 400 == 0)] * n,
        "lat_deg": [45 + drone % 100 / 10] * n, "lon_deg": [5 + drone % 90 / 10] * n,
        "firmware": [VERSIONS[drone % 8]] * n, "data_state": ["fresh"] * n,
        "seen_share": [0.97] * n, "counted_h": [80.0] * n, "counted_seen_h": [77.0] * n,
        "software": ["overdue" if troubled else "current"] * n,
    }  # fmt: skip
    return Points(DRONE_STATE, tags, times, fields)


def day_row(drone, days):
    """The days of *days* on which it flew: each fifth."""
    flown = [day * DAY_US for day in days if (day + drone) % (DAYS // FLIGHT_DAYS) == 0]
    n = len(flown)
    fields = {
        "flights": [2] * n, "airborne_s": [1800.0] * n, "crashes": [0] * n,
        "crash_likes": [0] * n, "firmware": [VERSIONS[drone % 8]] * n,
    }  # fmt: skip
    return Points(DRONE_DAY, {"drone": uid(drone)}, flown, fields)


def fleet_rows(days):
    """Of fleet, software and customers."""
    times, n = [day * DAY_US for day in days], len(days)
    counts = {name: [700] * n for name in (*STANDING_COUNTS, "drones", "flights")}
    for customer in range(CUSTOMERS):
        yield Points(CUSTOMER_DAY, {"customer": f"Customer {customer}"}, times, {
            "drones": [3] * n, "flying": [3] * n, "not_flying": [0] * n,
            "overdue": [0] * n, "open_cases": [0] * n, "possible_crashes": [0] * n,
            "airborne_h": [80.0] * n, "seen_share": [0.96] * n,
        })  # fmt: skip
    yield Points(FLEET_DAY, {}, times, counts | {
        "airborne_s": [1e6] * n, "crashes": [2] * n, "crash_likes": [3] * n,
        "seen_share": [0.96] * n,
    })  # fmt: skip
    for version in VERSIONS:
        yield Points(FIRMWARE_DAY, {"firmware": version}, times, {
            "drones": [1250] * n, "flights": [1000 + day - TODAY + DAYS for day in days],
            "crashes": [3] * n, "crash_likes": [5] * n, "crashes_per_1000": [3.0] * n,
            "crashes_lower": [1.0] * n, "crashes_upper": [6.0] * n,
        })  # fmt: skip


def event_row(number, chance):
    at_us = NOW_US - int(chance.integers(DAYS * DAY_US))
    tags = {"drone": uid(number), "kind": "incident", "about": "impact"}
    return Points(EVENT, tags, [at_us], {"title": ["Possible crash"], "text": ["impact"]})


class Counted:
    """A store that only counts lines."""

    def __init__(self):
        self.lines = 0

    def write(self, body, _precision):
        self.lines += body.count(b"\n")


def rewritten():
    """The ledger of such a fleet, and one flight of two months ago."""
    with tempfile.TemporaryDirectory() as name:
        ledger = open_ledger(Path(name) / "ledger")
        chance = np.random.default_rng(12)
        with transaction(ledger):
            ledger.executemany("INSERT INTO drone_days VALUES (?, ?, ?, 2, 1800.0, 0, 0)", (
                (uid(drone), int(day), VERSIONS[int(day - TODAY + DAYS) // 50])
                for drone in range(DRONES)
                for day in TODAY - chance.choice(DAYS, FLIGHT_DAYS, replace=False)
            ))  # fmt: skip
        ledger.execute(
            "INSERT INTO stale_days (drone_uid, day) VALUES (?, ?)", (uid(7), TODAY - 60)
        )
        store = Counted()
        start = time.process_time()
        refresh_days(ledger, Telemetry(ledger, store), NOW_US, simulated=False)
        yield Figure(f"  one flight that came 60 days late: {store.lines} rows written again, CPU",
                     time.process_time() - start, "s")  # fmt: skip
        ledger.close()
