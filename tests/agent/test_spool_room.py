"""A full spool drops what is worth least, and the collector hears which, and why."""

import msgspec
import numpy as np
import pytest

from tests.protocol.examples import FLIGHT, RECORD, SERIES, WINDOW
from windsock.agent.clock import Clock
from windsock.agent.lost import Lost, runs, without
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.agent.worth import Worth, worths
from windsock.collector.ledger import open_ledger
from windsock.collector.receive import gaps
from windsock.protocol.acks import STORED, Ack
from windsock.protocol.envelope import BACKLOG, FLIGHTS, URGENT, decode, digest
from windsock.protocol.envelope import SERIES as SERIES_LANE
from windsock.protocol.messages import (
    Damage,
    Flight,
    Log,
    Ping,
    Sighting,
    Station,
    Tombstone,
    Utc,
)

CLOCK = Clock(lambda: 1_000_000, lambda: 2_000_000, "boot")
HARD = {"peak_force_m_s2": 120.0}
RANDOM = np.random.default_rng(1)


def flight_message(armed_boot_us=10_260_000, **facts):
    flight = msgspec.structs.replace(FLIGHT, armed_boot_us=armed_boot_us, facts=facts)
    return Flight(logs=[msgspec.structs.replace(RECORD, flights=[flight])])


def series(size=20_000):
    return msgspec.structs.replace(SERIES, columns={"height_m": RANDOM.bytes(size)})


LOG = Log(log_id="0" * 32, name="x", size_bytes=1)
SIGHTING = Sighting(drone_uid="px4:11", seen=Utc(quality="none"), source="log")
STATION = Station(boot_id="b", wall_us=0, monotonic_us=0, agent_version="0")
STONE = Tombstone(epoch=1, lane=1, first_seq=1, last_seq=1, reason="x")


@pytest.mark.parametrize(
    ("lane", "message", "worth"),
    [
        (BACKLOG, series(9), Worth.BACKLOG_TRACKS),
        (SERIES_LANE, series(9), Worth.SERIES),
        (SERIES_LANE, WINDOW, Worth.WINDOWS),
        (FLIGHTS, STATION, Worth.STATION),
        (BACKLOG, flight_message(), Worth.BACKLOG_FACTS),
        (FLIGHTS, LOG, Worth.FACTS),
        (FLIGHTS, SIGHTING, Worth.FACTS),
        (FLIGHTS, flight_message(), Worth.FLIGHTS),
        (URGENT, flight_message(**HARD), Worth.URGENT),
        (FLIGHTS, STONE, Worth.KEPT),
        (FLIGHTS, Damage(what="spool", detail="x"), Worth.KEPT),
    ],
)
def test_everything_has_its_worth(lane, message, worth):
    assert worths([(lane, message)]) == [worth]


def test_a_window_is_worth_what_its_flight_is():
    crash, normal = flight_message(**HARD), flight_message(armed_boot_us=1)

    assert worths([(URGENT, crash), (SERIES_LANE, WINDOW)])[1] is Worth.URGENT
    assert worths([(FLIGHTS, normal), (SERIES_LANE, WINDOW)])[1] is Worth.WINDOWS


@pytest.fixture
def spool(tmp_path):
    spool = open_spool(tmp_path / "spool.sqlite", Identity("station-7", "0"), CLOCK)
    spool.max_bytes = 1_000_000
    return spool


def waiting(spool):
    return [decode(spool.payload(batch)).message for batch in spool.head(10_000)]


def kinds(spool):
    return [type(message).__name__ for message in waiting(spool)]


def flights(spool):
    """As a station without a network: a crash, its window, then a flight an hour with series."""
    spool.add([(URGENT, flight_message(**HARD)), (SERIES_LANE, WINDOW), (BACKLOG, series())])
    for number in range(100):
        spool.add([(FLIGHTS, flight_message(number)), (SERIES_LANE, series()), (FLIGHTS, STATION)])


def test_series_go_before_facts_and_the_oldest_go_first(spool):
    flights(spool)

    counts = {kind: kinds(spool).count(kind) for kind in ("Flight", "Series", "Window")}
    assert spool.used_bytes() <= spool.max_bytes
    assert counts["Flight"] == 101
    assert counts["Window"] == 1
    assert 30 < counts["Series"] < 50
    newest = [decode(spool.payload(id_)).header for id_ in spool.head(10_000)]
    assert max(header.seq for header in newest if header.lane == SERIES_LANE) == 101
    assert spool.figures.dropped == 101 - counts["Series"]


def test_the_file_stays_within_its_limit(spool, tmp_path):
    flights(spool)

    assert (tmp_path / "spool.sqlite").stat().st_size <= 1.1 * spool.max_bytes


def test_the_collector_closes_the_gaps_with_the_reason(spool):
    flights(spool)
    ledger = open_ledger(":memory:")

    for batch in spool.head(10_000):
        header, message = decode(spool.payload(batch))
        gaps.note_arrivals(ledger, [header.key])
        if isinstance(message, Tombstone):
            gaps.close_by_tombstone(ledger, header.agent, message)

    rows = ledger.execute("SELECT first_seq, last_seq, reason FROM gaps").fetchall()
    assert {reason for *_, reason in rows} == {"no room: the spool may take 1 MB"}
    assert sum(last - first + 1 for first, last, _ in rows) == spool.figures.dropped


def test_where_only_tombstones_are_left_they_stay(spool):
    spool.max_bytes = 1
    spool.add([(BACKLOG, series()), (FLIGHTS, flight_message())])

    assert set(kinds(spool)) == {"Tombstone"}


def test_what_was_on_its_way_when_it_was_dropped_may_still_be_acknowledged(spool):
    spool.add([(SERIES_LANE, series())])
    (payload,) = map(spool.payload, spool.head(1))
    spool.max_bytes = 1
    spool.add([(FLIGHTS, Ping())])

    assert spool.remove([Ack(digest(payload), STORED)]) == []


def test_runs_of_neighbours_and_what_is_left_of_them():
    keys = [(1, 2, 5), (1, 2, 3), (1, 2, 4), (1, 3, 5), (2, 2, 6), (1, 2, 9), (1, 2, 9)]

    assert runs(keys) == [Lost(1, 2, 3, 5), Lost(1, 2, 9, 9), Lost(1, 3, 5, 5), Lost(2, 2, 6, 6)]
    assert without(Lost(1, 2, 1, 9), keys) == [Lost(1, 2, 1, 2), Lost(1, 2, 6, 8)]
