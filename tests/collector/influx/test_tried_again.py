"""What is tried again because InfluxDB was down is as it was when it came."""

import msgspec
import pytest

from tests.collector.arrivals import arrived, log_id, record, sent
from tests.collector.receive.ingesting import NOW, Store, ingest_into
from tests.protocol.examples import MESSAGES
from windsock.collector.influx import posting
from windsock.collector.influx.client import StoreDown
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.inbox import Arrived
from windsock.protocol import topics
from windsock.protocol.messages import Utc

HOUR_US = 3_600_000_000


@pytest.fixture
def ingest():
    return ingest_into(open_ledger(":memory:"), Store())


def test_it_came_when_it_came(ingest):
    station = msgspec.structs.replace(MESSAGES["station"], wall_us=NOW, boot_id="live")
    payload = msgspec.json.encode(station)
    status = Arrived(topics.status("station-7"), payload, False, 1, at_us=NOW)
    batch = sent(record())._replace(at_us=NOW + 1)
    ingest.telemetry.store.down = True
    for tries in (1, 2):
        with pytest.raises(StoreDown):
            ingest.take([status, batch], NOW + tries * HOUR_US)

    columns = "last_seen_us, offset_us, noted_us, min(batches.received_us)"
    row = ingest.ledger.execute(f"SELECT {columns} FROM stations, station_clocks, batches")
    assert tuple(row.fetchone()) == (NOW + 1, NOW - station.monotonic_us, NOW, NOW + 1)


@pytest.mark.parametrize("name", ["station", "sighting"])
def test_its_rows_are_those_of_the_first_time(ingest, name):
    """Sent again through another connection perhaps, or twice at once."""
    untimed = msgspec.structs.replace(MESSAGES["sighting"], seen=Utc(quality="none"))
    batch = arrived({"station": MESSAGES["station"], "sighting": untimed}[name])
    store = ingest.telemetry.store
    first, *later = (batch._replace(at_us=NOW + hours * HOUR_US) for hours in range(4))
    ingest.take([first, later[0]], NOW + HOUR_US)
    drawn = set(store.lines)
    for again in later:
        ingest.ledger.execute("UPDATE batches SET telemetry_done = 0")  # killed before that
        ingest.take([again], again.at_us)

    assert len(drawn) == 1
    assert set(store.lines) == drawn


def test_a_line_that_is_refused_at_each_try_is_one_dead_letter(ingest, monkeypatch):
    monkeypatch.setattr(posting, "LINES_A_REQUEST", 1)
    store = ingest.telemetry.store
    store.refused = ("px4:01",)

    def write(body, precision):
        store.down = b"px4:02" in body
        Store.write(store, body, precision)

    monkeypatch.setattr(store, "write", write)
    logs = [record(log_id=log_id(n), drone_uid=f"px4:0{n}") for n in (1, 2)]
    batch = sent(*logs)
    for _ in range(3):
        with pytest.raises(StoreDown):
            ingest.take([batch], NOW)

    letters = ingest.ledger.execute("SELECT error, line FROM dead_letters").fetchall()
    assert ["px4:01" in letter["line"] for letter in letters] == [True]
