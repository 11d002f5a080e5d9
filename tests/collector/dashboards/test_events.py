"""Annotations, stations and the collector's own figures, as dashboards get them."""

import json

import msgspec
import pytest

from tests.collector.arrivals import START_US, arrived
from tests.collector.influx.both_threads import Collector
from tests.collector.judged import CRASH, FINE
from tests.collector.world import DAY, HOUR, T0, World
from windsock.collector.dashboards.events import Place, changes
from windsock.collector.influx.client import open_store
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.sql import insert
from windsock.protocol.messages import Station

NOW = T0 + 2 * HOUR
STATION = Station(boot_id="b", wall_us=START_US, monotonic_us=2, agent_version="0.1.0")


@pytest.fixture
def line(tmp_path, database):
    world = World(tmp_path / "ledger")
    world.collector = Collector(
        world.ledger, Telemetry(world.ledger, open_store(database.settings))
    )
    world.influx = lambda name: database.query(f'SELECT * FROM "{name}"', "windsock")
    yield world
    world.ledger.close()


def titles(line):
    """Title and moment of all annotations, with the drone where there is one."""
    return sorted((row["title"], row["time"] * 1000, row["drone"]) for row in line.influx("event"))


@pytest.mark.e2e
def test_annotations_follow_the_ledger(line):
    line.roster("SN-1,px4:01,Acme,,Anna,anna@maker")
    log = {"agent": "dock", "received_us": T0, "firmware": "{}"}
    for number in (1, 2):
        insert(line.ledger, "logs", log | {"log_id": f"{number:032x}"})
    crash = line.flight(T0, facts=CRASH)
    insert(line.ledger, "releases", {
        "product": "", "hardware": "", "channel": "stable", "version": "7.2.0",
        "released_us": T0 - DAY, "waves": "[]", "must_pass": 0, "mandatory": 1, "grace_days": 14.0,
    })  # fmt: skip
    line.collector.rounds.make(NOW, last=True)

    event_us = T0 + 590_000_000
    release = ("Release 7.2.0", T0 - DAY, None)
    assert titles(line) == [
        ("Possible crash", event_us, "px4:01"),
        release,
        ("X1 open", NOW, "px4:01"),
    ]
    assert "anna" not in json.dumps(line.influx("event")).lower()

    line.flight(T0 + HOUR, facts=FINE, start_earliest_us=T0 + HOUR)
    line.collector.rounds.make(NOW + HOUR, last=True)
    assert titles(line) == [release, ("X1 resolved", NOW, "px4:01")]

    line.ledger.execute("UPDATE incidents SET state = 'confirmed' WHERE flight_id = ?", (crash,))
    line.collector.rounds.make(NOW + 2 * HOUR, last=True)
    assert ("Crash", event_us, "px4:01") in titles(line)


def test_a_deletion_brings_back_what_stood_beside_it():
    gone, stays = Place("case", "D3", "px4:01", 5_000), Place("case", "X1", "px4:01", 5_999)
    other = Place("case", "X1", "px4:01", 9_000)
    drawn = {gone: ("D3 open", ""), stays: ("X1 open", ""), other: ("X1 open", "")}

    assert changes(drawn, {stays: drawn[stays], other: drawn[other]}) == (
        [gone],
        {stays: ("X1 open", "")},
    )
    assert changes(drawn, drawn) == ([], {})


@pytest.mark.e2e
def test_stations_are_silent_by_the_collectors_clock_and_it_counts_itself(line):
    now = START_US + 90_000_000
    batch = arrived(msgspec.structs.replace(STATION, spool_batches=7), agent="dock", seq=3)
    line.collector.ingest.take([batch], now)
    status = msgspec.structs.replace(STATION, spool_batches=9)
    line.collector.ingest.take(
        [batch._replace(topic="windsock/1/status/dock", payload=msgspec.json.encode(status))], now
    )
    rounds = line.collector.rounds
    rounds._counters = rounds._dashboard_rows._counters = line.collector.ingest.counters
    rounds.make(now + HOUR, last=True)
    rounds.make(now + 2 * DAY, last=True)

    heard, *rows = line.influx("station")
    assert heard["spool_batches"] == 7
    assert [(row["silent"], row["spool_batches"], row["missing"]) for row in rows] == [
        (0, 9, 2),
        (1, None, 2),
    ]
    assert {row["heard_ms"] for row in rows} == {now // 1000}
    first, second = line.influx("pipeline")
    assert (first["batches"], first["gaps"], first["quarantined"]) == (1, 2, 0)
    assert first["bytes"] == len(batch.payload)
    assert (first["lag_s"], second["lag_s"]) == (90, 0)
    last = line.influx("fleet_day")[-1]
    assert (last["stations"], last["silent_stations"]) == (1, 1)


@pytest.mark.e2e
def test_a_drones_row_says_what_draws_attention(line):
    line.roster("SN-1,px4:01,Acme,,Anna,anna@maker", "SN-2,px4:02,Acme,,Anna,anna@maker")
    line.flight(T0, facts=CRASH, lat_deg=47.4321, lon_deg=8.5678)
    line.sighting(T0, 0.0)
    line.sighting(T0 + HOUR, 1200.0)
    log = {"agent": "dock", "received_us": T0, "firmware": "{}", "log_id": f"{1:032x}"}
    insert(line.ledger, "logs", log)
    line.collector.rounds.make(NOW, last=True)

    rows = {row["serial"]: row for row in line.influx("drone_state")}
    crashed, other = rows["SN-1"], rows["SN-2"]
    assert (crashed["rules"], crashed["possible_crashes"]) == ("X1", 1)
    assert crashed["severity"] > 0
    assert (crashed["lat_deg"], crashed["lon_deg"]) == (47.4, 8.6), "0.1 degree, whatever came"
    assert crashed["label"] == "SN-1 px4:01"
    assert (crashed["counted_seen_h"], crashed["counted_h"]) == pytest.approx((1 / 6, 1 / 3))
    assert (other["open_cases"], other["severity"], other["lat_deg"]) == (0, 0, None)
    (day,) = [row for row in line.influx("fleet_day") if row["possible_crashes"]]
    assert (day["possible_crashes"], day["never_flown"]) == (1, 1)
    assert day["seen_share"] == pytest.approx(0.5)
    (customer,) = line.influx("customer_day")
    assert (customer["customer"], customer["drones"], customer["flying"]) == ("Acme", 2, 1)
    assert (customer["not_flying"], customer["open_cases"]) == (1, 1)
    assert customer["possible_crashes"] == 1
    assert customer["seen_share"] == pytest.approx(0.5)
