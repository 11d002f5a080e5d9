"""A round's reading of 10,000 drones with 24 months of flights: packed, and from the rows.

The world is `mixed`; each day that a drone flies is a flight and a sighting. Then what the
triggers that keep the checkpoint true cost those who store flights, and what a round packs anew.
"""

import hashlib
import tempfile
from pathlib import Path

from figure import Figure
from large_logs import missing
from timing import in_turns
from traffic import NOW_US, flights, payloads

from windsock.collector.cases.judge import inactive_fleet, old_software
from windsock.collector.fleet.checkpoint import renew
from windsock.collector.fleet.contact import load_sight
from windsock.collector.fleet.rows import snapshot
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.ingest import Ingest
from windsock.collector.roster.enrolment import apply_roster
from windsock.collector.roster.file import parse_roster
from windsock.collector.settings import Settings
from windsock.firmware_sim.fleet.lives import live
from windsock.firmware_sim.fleet.world import WORLDS
from windsock.protocol import topics
from windsock.protocol.facts import FACTS_VERSION

DRONES, DAY_US, SEED = 10_000, 86_400_000_000, 501
AGAIN = 50
"""Drones that flew since the last round."""
STORED, AUTOPILOTS, RUNS = 300, 100, 7
TRIGGERS = ("flight_unpacked", "flight_repacked", "sighting_unpacked", "sighting_repacked")


def figures():
    with tempfile.TemporaryDirectory() as name:
        ledger = open_ledger(Path(name) / "ledger")
        ledger.execute("PRAGMA synchronous = OFF")
        number = fill(ledger)
        yield from loading(ledger, number)
        ledger.close()
    if why_not := missing():
        print(why_not)
        return
    yield from storing()


def fill(ledger):
    """The roster, and a row for each flight and its sighting; how many there are."""
    lives = live(WORLDS["mixed"]._replace(drones=DRONES), SEED)
    first_us = NOW_US // DAY_US * DAY_US - len(lives.flew) * DAY_US
    lines = [f"D{n},px4:{n:024x},A{of}" for n, of in enumerate(lives.account.tolist())]
    apply_roster(ledger, parse_roster("\n".join(["serial,uid,customer", *lines]), "roster.csv"))
    days, drones = (column.tolist() for column in lives.flew.nonzero())
    moments = [first_us + day * DAY_US + drone * 1_000_000
               for day, drone in zip(days, drones, strict=True)]  # fmt: skip
    facts = bytes(500)
    with transaction(ledger):
        ledger.executemany(
            "INSERT INTO flights (drone_uid, log_id, armed_boot_us, flight, end_boot_us, start_us,"
            " start_quality, start_earliest_us, start_latest_us, simulated, facts_version, facts,"
            " airborne_s, events, agent, received_us) VALUES"
            " (?1, ?2, 0, 1, 0, ?3, 'gps', ?3, ?3, 0, ?4, ?5, 600.0, '[]', ?6, ?3)",
            ((f"px4:{drone:024x}", hashlib.md5(b"%d %d" % (drone, at_us)).hexdigest(), at_us,  # noqa: S324 - a name
              FACTS_VERSION, facts, f"dock-{drone % 500}")
             for drone, at_us in zip(drones, moments, strict=True)),
        )  # fmt: skip
        ledger.executemany(
            "INSERT INTO sightings (drone_uid, seen_us, source, quality, flight_time_s, agent,"
            " received_us) VALUES (?1, ?2, 'log', 'gps', ?3, ?4, ?2)",
            ((f"px4:{drone:024x}", at_us, 600.0 * nth, f"dock-{drone % 500}")
             for nth, (drone, at_us) in enumerate(zip(drones, moments, strict=True))),
        )  # fmt: skip
    return len(moments)


def loading(ledger, number):
    """All that a round reads to judge the fleet; what it packs before."""
    name = f"fleet of {DRONES:,} drones, {number:,} flights"
    (first_s,) = in_turns(lambda: renew(ledger), runs=1)
    packed_s, rows_s = in_turns(lambda: load(ledger), lambda: load_rows(ledger), runs=3)
    yield Figure(f"{name}: loaded for a round, CPU", packed_s, "s",
                 rows_s, "s, from the rows", packed_s / rows_s)  # fmt: skip
    yield Figure("  packed for the first time, CPU", first_s, "s")
    again = [touched_s(ledger, turn) for turn in range(3)]
    yield Figure(f"  packed anew after flights of {AGAIN} drones, CPU", sorted(again)[1], "s")
    size = ledger.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    packed = ledger.execute("SELECT sum(length(rows) + length(words)) FROM packed")
    packed_mb, whole_mb = (one.fetchone()[0] / 1e6 for one in (packed, size))
    yield Figure("  what is packed, of the ledger", packed_mb, "MB", whole_mb, "MB",
                 packed_mb / whole_mb)  # fmt: skip


def load(ledger):
    settings = Settings()
    with snapshot(ledger):
        fleet = inactive_fleet(ledger, NOW_US, settings)
        load_sight(ledger, fleet.rows, NOW_US, settings.sight, simulated=False)
        old_software(ledger, fleet.rows, NOW_US, settings)


def load_rows(ledger):
    """The same where nothing is packed."""
    ledger.execute("BEGIN")
    ledger.execute("DELETE FROM packed")
    load(ledger)
    ledger.execute("ROLLBACK")


def touched_s(ledger, turn):
    """CPU of packing what a few flights touched."""
    with transaction(ledger):
        ledger.execute(
            "UPDATE flights SET airborne_s = airborne_s + 1"
            " WHERE id IN (SELECT max(id) FROM flights WHERE drone_uid IN"
            " (SELECT subject FROM links WHERE kind = 'uid_drone' LIMIT ? OFFSET ?)"
            " GROUP BY drone_uid)",
            (AGAIN, turn * AGAIN),
        )
    (seconds,) = in_turns(lambda: renew(ledger), runs=1)
    return seconds


def storing():
    """Batches of flights into the ledger alone: nothing else to hide behind."""
    arrived = [
        Arrived(topics.up(agent), payload, retained=False, mid=n)
        for n, (agent, payload) in enumerate(payloads(flights(STORED, AUTOPILOTS), 10))
    ]
    with_s, without_s = in_turns(
        lambda: take(arrived, ()), lambda: take(arrived, TRIGGERS), runs=RUNS
    )
    yield Figure("store flights, CPU, against no triggers for the checkpoint", with_s, "s",
                 without_s, "s without", with_s / without_s)  # fmt: skip


def take(arrived, dropped):
    with tempfile.TemporaryDirectory() as name:
        ledger = open_ledger(Path(name) / "ledger")
        for trigger in dropped:
            ledger.execute(f"DROP TRIGGER {trigger}")
        ingest = Ingest(ledger, Telemetry(ledger, None))
        for start in range(0, len(arrived), 100):
            ingest.take(arrived[start : start + 100], NOW_US)
        ledger.close()
