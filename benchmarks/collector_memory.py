"""What the collector holds in memory with 10,000 drones in its ledger.

A ledger of 10,000 drones and 40,000 flights, none of it judged yet; the collector judges all of
it, writes every drone's state to InfluxDB, and takes in flights of 20 minutes meanwhile.
"""

import hashlib
import tempfile
import time
from pathlib import Path

from figure import Figure
from large_logs import missing
from servers import Influxd18, Mosquitto, collector, lacking
from station import Stations
from traffic import DAY_US, NOW_US, flights, payloads

from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.receive.flights import Arrival, store_record
from windsock.protocol.facts import FACTS_VERSION
from windsock.protocol.messages import FlightRecord, LogRecord, Utc

DRONES, FLIGHTS_EACH, ARRIVING = 10_000, 4, 100
FACTS = {"airborne_s": 900.0, "peak_force_m_s2": 20.0, "tilt_max_deg": 20.0, "rest_tilt_deg": 1.0,
         "attitude_hz": 50.0, "force_hz": 100.0, "height_hz": 10.0}  # fmt: skip


def figures():
    why_not = missing() or lacking("mosquitto", "influxd-1.8")
    if why_not:
        print(why_not)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "ledger")
        with Mosquitto(folder / "mosquitto") as broker, Influxd18(folder / "influxd") as influx:
            influx.create("bench")
            with collector(folder, broker.port, influx) as process:
                Stations(broker.port).send(list(payloads(flights(ARRIVING, 100), 10)))
                ledger = open_ledger(folder / "ledger")
                while states(influx) < DRONES or unjudged(ledger):
                    time.sleep(0.5)
                ledger.close()
                peak_mb, now_mb = memory_mb(process.pid, "VmHWM"), memory_mb(process.pid, "VmRSS")
    yield Figure(f"collector with {DRONES:,} drones: resident memory, peak", peak_mb, "MB")
    yield Figure(f"collector with {DRONES:,} drones: once all is judged", now_mb, "MB")


def fill(path):
    """A ledger as if the flights had come in."""
    ledger = open_ledger(path)
    with transaction(ledger):
        for drone in range(DRONES):
            for number in range(FLIGHTS_EACH):
                start_us = NOW_US - (number + 1) * DAY_US
                store_record(ledger, record(drone, number, start_us), Arrival("dock-1", start_us))
    ledger.close()


def record(drone, number, start_us):
    flight = FlightRecord(
        flight=1, armed_boot_us=20_000_000, end_boot_us=920_000_000,
        start=Utc(quality="gps", us=start_us), facts=FACTS,
    )  # fmt: skip
    return LogRecord(
        log_id=hashlib.sha256(f"{drone}/{number}".encode()).hexdigest()[:32],
        drone_uid=f"px4:{drone + 1000:024x}", facts_version=FACTS_VERSION, format="ulog",
        size_bytes=1, bytes_seen=1, flights=[flight],
    )  # fmt: skip


def states(influx):
    rows = influx.query('SELECT count(flights) FROM "drone_state"', "bench")
    return rows[0]["count"] if rows else 0


def unjudged(ledger):
    return ledger.execute("SELECT count(*) FROM unjudged").fetchone()[0]


def memory_mb(pid, what):
    """A line of the kernel's on a process, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if what in line) / 1024
