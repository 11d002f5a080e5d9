"""What taking in costs: MQTT, decoding, ledger, line protocol, InfluxDB; real servers all along.

CPU time of the collector's process beside that of influxd 1.8 for the same points, until influxd
is idle again. A flight of 20 minutes has five messages (`traffic`), the peer has its series alone,
as line protocol, each series one message: the best case of Telegraf's mqtt_consumer.
"""

import tempfile
import time
from pathlib import Path

import paho.mqtt.publish as mqtt_publish
from figure import Figure
from large_logs import missing
from servers import (
    Influxd18,
    Mosquitto,
    Telegraf,
    collector,
    cpu_s,
    first_thread_cpu_s,
    idle,
    lacking,
)
from station import Stations
from traffic import flights, payloads

from windsock.collector.influx.lines import plain, render_all
from windsock.collector.influx.points import of_message
from windsock.protocol.messages import Series

FLIGHTS, DRONES, AGENTS = 300, 100, 10
TELEGRAF_FLIGHTS = 100
PATIENCE_S = 60
LIMIT = 0.25


def figures():
    why_not = missing() or lacking("mosquitto", "influxd-1.8")
    if why_not:
        print(why_not)
        return
    for name, minutes, kinds in (
        ("20 min, all messages", 20, None),
        ("20 min, series alone", 20, Series),
        ("2 min, all messages", 2, None),
    ):
        chosen = [
            [(lane, one) for lane, one in flight if kinds is None or isinstance(one, kinds)]
            for flight in flights(FLIGHTS, DRONES, minutes)
        ]
        yield from taken_in(name, chosen)
    yield from telegraf([one for flight in chosen_series() for one in flight][:TELEGRAF_FLIGHTS])


def chosen_series():
    for flight in flights(FLIGHTS, DRONES, 20):
        yield [one for _, one in flight if isinstance(one, Series)]


def taken_in(name, some_flights):
    batches = list(payloads(some_flights, AGENTS))
    with Servers() as (folder, broker, influx):
        with collector(folder, broker.port, influx) as process:
            before = Spent(process.pid, influx)
            Stations(broker.port).send(batches)
            spent = Spent(process.pid, influx).since(before)
            idle(influx.pid)
            spent.influxd_s = Spent(process.pid, influx).since(before).influxd_s
        rows = points_in(influx)
    ratio, taking = spent.collector_s / spent.influxd_s, spent.taking_s / spent.influxd_s
    yield Figure(f"take in flights ({name}): collector CPU of influxd's", 100 * ratio, "%",
                 100 * LIMIT, "%, the aim", ratio / LIMIT)  # fmt: skip
    yield Figure(f"  the thread that takes in ({name})", 100 * taking, "%",
                 100 * LIMIT, "%, the aim", taking / LIMIT)  # fmt: skip
    yield Figure(f"  batches a CPU-second ({name})", len(batches) / spent.collector_s, "")
    yield Figure(f"  rows a CPU-second ({name})", rows / spent.collector_s, "",
                 rows / spent.influxd_s, "influxd")  # fmt: skip


def telegraf(series):
    why_not = lacking("telegraf")
    if why_not:
        print(f"{why_not.replace('make servers', 'python tools/fetch_servers.py telegraf')}")
        return
    bodies = [to_nanoseconds(one) for one in series]
    rows = sum(one.rows for one in series)
    with (
        Servers() as (folder, broker, influx),
        Telegraf(folder / "telegraf", broker.port, influx, "bench") as process,
    ):
        before = cpu_s(process.pid)
        mqtt_publish.multiple([("lines/x", body, 1, False) for body in bodies], port=broker.port)
        deadline_s = time.monotonic() + PATIENCE_S
        while points_in(influx) < rows:
            if time.monotonic() > deadline_s:
                print(f"Telegraf wrote {points_in(influx)} of {rows} rows")
                return
            time.sleep(0.5)
        idle(process.pid)
        spent_s = cpu_s(process.pid) - before
    yield Figure("Telegraf 1.33.3, the same series as line protocol: rows a CPU-second",
                 rows / spent_s, "")  # fmt: skip
    yield Figure("  messages a CPU-second", len(bodies) / spent_s, "")


def to_nanoseconds(series):
    """Lines as Telegraf takes them without being told the precision."""
    (block,) = render_all(of_message(series, "", 0))
    return "".join(f"{plain(line)}000000\n" for line in block.body.decode().splitlines())


class Servers:
    """A broker, an influxd with an empty database, and a folder."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        lines = ["max_queued_messages 100000"]
        self._broker = Mosquitto(folder / "mosquitto", config_lines=lines).start()
        self._influx = Influxd18(folder / "influxd").start()
        self._influx.create("bench")
        return folder, self._broker, self._influx

    def __exit__(self, *_):
        self._influx.stop()
        self._broker.stop()
        self._folder.cleanup()


class Spent:
    """CPU seconds so far."""

    def __init__(self, pid, influx):
        self.collector_s = cpu_s(pid)
        self.taking_s = first_thread_cpu_s(pid)
        self.influxd_s = cpu_s(influx.pid)

    def since(self, before):
        self.collector_s -= before.collector_s
        self.taking_s -= before.taking_s
        self.influxd_s -= before.influxd_s
        return self


def points_in(influx):
    """Rows of all measurements: those times at which something stands."""
    counted = 0
    for name, field in (("series", "height_m"), ("window", "*"), ("flight", "airborne_s")):
        rows = influx.query(f'SELECT count({field}) FROM "{name}"', "bench")  # noqa: S608 - our names
        counted += max((v for k, v in rows[0].items() if k != "time"), default=0) if rows else 0
    return counted
