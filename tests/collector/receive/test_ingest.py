"""Ledger, then InfluxDB, then the acknowledgement: whatever fails in between."""

import contextlib
import itertools
import sqlite3

import msgspec
import pytest

from tests.collector.arrivals import arrived, flight, log_id, record, sent
from tests.collector.receive.ingesting import NOW, Store, ingest_into
from tests.protocol.examples import HEADER, MESSAGES, SERIES
from windsock.collector.influx.client import StoreDown
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.tallies import totals
from windsock.protocol import topics
from windsock.protocol.acks import QUARANTINED, STORED, Ack
from windsock.protocol.envelope import decode, digest, encode
from windsock.protocol.messages import Ping, Station


@pytest.fixture
def ingest(tmp_path):
    return ingest_into(open_ledger(tmp_path / "ledger"), Store())


def count(ingest, table):
    return len(ingest.ledger.execute(f"SELECT 1 FROM {table}").fetchall())


def test_what_is_stored_is_acknowledged_by_its_bytes(ingest):
    batch = sent(record())

    acks = ingest.take([batch], NOW)

    assert acks == {"station-7": [Ack(digest(batch.payload), STORED)]}
    assert count(ingest, "live_flights") == 1
    assert ingest.flights_came


@pytest.mark.parametrize("name", MESSAGES)
def test_every_kind_is_taken(ingest, name):
    acks = ingest.take([arrived(MESSAGES[name])], NOW)

    assert [ack.status for ack in acks["station-7"]] == [STORED]


def test_a_stations_older_message_does_not_say_what_it_is_now(ingest):
    """Its version is that of the last batch, whatever else came with it."""
    old = msgspec.structs.replace(MESSAGES["station"], boot_id="old", agent_version="0.1.0")
    before = msgspec.structs.replace(HEADER, seq=1, boot_id="old", agent_version="0.1.0")
    after = msgspec.structs.replace(HEADER, seq=2, boot_id="new", agent_version="0.2.0")
    name = topics.up(HEADER.agent)

    ingest.take(
        [
            Arrived(name, encode(before, old), False, 1),
            Arrived(name, encode(after, Ping()), False, 2),
        ],
        NOW,
    )

    (row,) = ingest.ledger.execute("SELECT boot_id, agent_version FROM stations")
    assert tuple(row) == ("new", "0.2.0")


def test_a_batch_that_comes_twice_is_stored_once_and_acknowledged_twice(ingest):
    batch = sent(record())

    first, second = ingest.take([batch, batch], NOW), ingest.take([batch], NOW + 1)

    assert len(first["station-7"]) == 2
    assert len(second["station-7"]) == 1
    assert count(ingest, "batches") == count(ingest, "live_flights") == 1
    assert len(ingest.telemetry.store.lines) == len(set(ingest.telemetry.store.lines))


def test_while_influxdb_is_down_nothing_is_acknowledged_and_nothing_lost(ingest):
    batch = sent(record())
    ingest.telemetry.store.down = True
    with pytest.raises(StoreDown):
        ingest.take([batch], NOW)
    assert count(ingest, "live_flights") == 1, "judging need not wait for InfluxDB"

    ingest.telemetry.store.down = False
    acks = ingest.take([batch], NOW)

    assert acks["station-7"][0].status == STORED
    assert len(ingest.telemetry.store.lines) == 1
    assert count(ingest, "batches") == 1


def test_a_refused_line_is_set_aside_and_its_neighbours_are_written(ingest):
    logs = [record(flight(), log_id=log_id(n), drone_uid=f"px4:0{n}") for n in range(1, 8)]
    ingest.telemetry.store.refused = (log_id(3), log_id(6))

    acks = ingest.take([sent(*logs)], NOW)

    assert acks["station-7"][0].status == STORED
    assert len(ingest.telemetry.store.lines) == 5
    assert count(ingest, "dead_letters") == 2


@pytest.mark.parametrize("cut", [0, 7, 60, 200])
def test_what_cannot_be_decoded_is_kept_and_acknowledged_as_quarantined(ingest, cut):
    poison = sent(record())._replace(payload=sent(record()).payload[:cut])
    good = sent(record())

    acks = ingest.take([poison, good], NOW)["station-7"]

    assert acks == [
        Ack(digest(poison.payload), QUARANTINED),
        Ack(digest(good.payload), STORED),
    ]
    kept = ingest.ledger.execute("SELECT payload, reason FROM quarantine").fetchone()
    assert kept["payload"] == poison.payload
    assert kept["reason"]


def test_columns_that_are_none_are_quarantined(ingest):
    broken = msgspec.structs.replace(SERIES, columns={"height_m": b"\x01\xff"})

    acks = ingest.take([arrived(broken)], NOW)["station-7"]

    assert acks[0].status == QUARANTINED
    assert count(ingest, "batches") == 0


def test_nobody_signs_for_another(ingest):
    forged = Arrived(topics.up("mallory"), encode(HEADER, MESSAGES["ping"]), False, 1)

    acks = ingest.take([forged], NOW)["mallory"]

    assert acks[0].status == QUARANTINED
    assert (
        "signed by 'station-7'"
        in ingest.ledger.execute("SELECT reason FROM quarantine").fetchone()[0]
    )


def test_a_cloned_station_is_stored_and_reported(ingest):
    one, two = sent(record(flight(1)), seq=900), sent(record(flight(2)), seq=900)

    acks = ingest.take([one, two], NOW)["station-7"]

    assert [ack.status for ack in acks] == [STORED, STORED]
    assert count(ingest, "batches") == 2
    assert ingest.ledger.execute("SELECT what FROM damage").fetchone()[0] == "shared agent id"


def test_killed_at_any_statement_it_continues_where_it_stopped(tmp_path):
    batches = [sent(record()), arrived(SERIES), arrived(MESSAGES["sighting"])]
    expected = ingest_into(open_ledger(":memory:"), Store())
    expected.take(batches, NOW)

    for fatal in itertools.count(1):
        path, telemetry = tmp_path / f"ledger-{fatal}", Store()
        dying = Dying(open_ledger(path), fatal)
        with contextlib.suppress(KeyboardInterrupt):
            ingest_into(dying, telemetry).take(batches, NOW)
        dying.ledger.close()
        reborn = ingest_into(open_ledger(path), telemetry)
        reborn.take(batches, NOW)

        assert sorted(set(telemetry.lines)) == sorted(expected.telemetry.store.lines)
        for table in ("batches", "live_flights", "sightings", "logs", "gaps"):
            assert count(reborn, table) == count(expected, table)
        if not dying.died:
            break
    assert fatal > 20, "there are that many statements to die at"


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(ingest):
    batches = [sent(record(log_id=log_id(n), drone_uid=f"px4:{n:04x}")) for n in range(60)]
    pages = ingest.ledger.execute("PRAGMA page_count").fetchone()[0]
    ingest.ledger.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        ingest.take(batches, NOW)
    assert count(ingest, "batches") == 0

    ingest.ledger.execute("PRAGMA max_page_count = 1000000")
    acks = ingest.take(batches, NOW)

    assert len(acks["station-7"]) == count(ingest, "batches") == 60


def test_status_keeps_a_stations_hours_and_a_retained_one_does_not(ingest):
    def status(**change):
        station = msgspec.structs.replace(MESSAGES["station"], wall_us=NOW, **change)
        return Arrived(topics.status("station-7"), msgspec.json.encode(station), False, 1)

    ingest.take([status()._replace(retained=True)], NOW)
    assert count(ingest, "presence") == 0

    ingest.take([status(), status()], NOW)
    assert count(ingest, "presence") == 1

    ingest.take([status(online=False)], NOW + 5)
    row = ingest.ledger.execute("SELECT online, last_seen_us FROM stations").fetchone()
    assert tuple(row) == (0, NOW)


DEEP = b'{"kind":"station","x":' + b"[" * 100_000


@pytest.mark.parametrize(
    "payload", [b"", b"{", b'{"kind":"ping"}', b"\xff" * 50, b'{"boot_id":"\xff"}', DEEP]
)
def test_a_status_that_is_none_is_quarantined(ingest, payload):
    ingest.take([Arrived(topics.status("station-7"), payload, False, 1)], NOW)

    assert count(ingest, "quarantine") == 1


def test_flights_without_a_trusted_time_stay_in_the_ledger(ingest):
    untimed = msgspec.structs.replace(
        flight(), start=msgspec.structs.replace(flight().start, quality="mtime")
    )

    ingest.take([sent(record(untimed))], NOW)

    assert count(ingest, "live_flights") == 1
    assert ingest.telemetry.store.lines == []


def test_rows_older_than_the_retention_are_not_sent(ingest):
    ingest.telemetry.retention_days = 30
    batch = sent(record())

    ingest.take([batch], NOW + 31 * 86_400_000_000)

    assert ingest.telemetry.store.lines == []
    assert isinstance(decode(arrived(MESSAGES["station"]).payload).message, Station)


class Dying:
    """A connection whose *fatal*-th statement ends the process, before it is done."""

    def __init__(self, ledger, fatal):
        self.ledger, self.died, self._left = ledger, False, fatal

    def execute(self, sql, *arguments):
        self._count()
        return self.ledger.execute(sql, *arguments)

    def executemany(self, sql, *arguments):
        self._count()
        return self.ledger.executemany(sql, *arguments)

    in_transaction = False
    """The dead roll nothing back; SQLite does when the file is opened again."""

    def _count(self):
        self._left -= 1
        if self._left == 0:
            self.died = True
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("retained", "online", "met"),
    [(True, True, {"station-7"}), (True, False, set()), (False, True, set())],
)
def test_a_station_that_was_there_before_the_collector_is_met(ingest, retained, online, met):
    station = msgspec.structs.replace(MESSAGES["station"], wall_us=NOW, online=online)
    status = Arrived(topics.status("station-7"), msgspec.json.encode(station), retained, 1)

    acks = ingest.take([status, sent(record())], NOW)

    assert ingest.met == met, "also where it has sent something meanwhile"
    assert len(acks["station-7"]) == 1


def test_tallies_outlive_the_process_and_count_no_try_twice(ingest):
    batch, poison = sent(record()), sent(record())._replace(payload=b"W")
    ingest.telemetry.store.down = True
    for _ in range(3):
        with pytest.raises(StoreDown):
            ingest.take([batch, poison], NOW)
    ingest.telemetry.store.down = False
    ingest.take([batch, poison], NOW)
    ingest_into(ingest.ledger, Store()).take([batch], NOW)

    assert totals(ingest.ledger) == {
        "batches stored": 1, "batches again": 1, "batches quarantined": 1, "rows written": 1
    }  # fmt: skip
