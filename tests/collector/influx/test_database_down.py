"""InfluxDB killed between two requests and down for a minute: afterwards nothing is missing."""

import msgspec
import numpy as np
import pytest

from tests.collector.arrivals import arrived, record, sent
from tests.protocol.examples import SERIES
from windsock.collector.app import Service
from windsock.collector.influx.client import open_store
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.ingest import Ingest
from windsock.collector.settings import Influx, Settings
from windsock.protocol.acks import STORED, decode_acks
from windsock.protocol.envelope import digest
from windsock.protocol.series import encode_columns

pytestmark = pytest.mark.e2e

ROWS = 3000
DRONES = [f"px4:0{number}" for number in range(1, 7)]
DOWN_US = 60_000_000


class Clock:
    """A second goes by whenever somebody looks."""

    def __init__(self):
        self.us = SERIES.start.us

    def __call__(self):
        self.us += 1_000_000
        return self.us


class DyingStore:
    """The server dies after its second request, of the four that the batches take."""

    def __init__(self, influxd, clock):
        self.store = open_store(Influx(url=influxd.url, api="v1", database="windsock"))
        self.influxd, self.clock = influxd, clock
        self.requests, self.died_us = 0, None

    def write(self, body, precision):
        self.store.write(body, precision)
        self.requests += 1
        if self.requests == 2:
            self.influxd.kill()
            self.died_us = self.clock.us


class Line:
    """An inbox that has all batches at once, and starts the server again after a minute."""

    def __init__(self, batches, store, service):
        self.batches, self.store, self.service = batches, store, service
        self.acks, self.let_go_of, self.asked = [], [], 0

    def step(self, _wait_s):
        down = self.store.died_us is not None and not self.store.influxd.running
        self.asked += down
        if down and self.store.clock.us > self.store.died_us + DOWN_US:
            self.store.influxd.restart()
        came, self.batches = self.batches, []
        return came

    def publish(self, _topic, payload):
        assert self.store.influxd.running
        self.acks += decode_acks(payload)

    def let_go(self, batches):
        self.let_go_of += batches
        self.service.stop.set()


def series(drone, chance):
    """Rows of one drone, some values missing, and what InfluxDB must have of them."""
    height = np.rint(chance.normal(50, 20, ROWS) * 10) / 10
    height[chance.random(ROWS) < 0.1] = np.nan
    message = msgspec.structs.replace(
        SERIES, drone_uid=drone, rows=ROWS, columns=encode_columns({"height_m": height})
    )
    times = SERIES.start.us // 1000 + 1000 * np.arange(ROWS)
    there = ~np.isnan(height)
    return message, dict(zip(times[there].tolist(), height[there].tolist(), strict=True))


def test_nothing_is_missing(influxd, tmp_path):
    influxd.create("windsock")
    clock, chance = Clock(), np.random.default_rng(4)
    expected = {drone: series(drone, chance) for drone in DRONES}
    batches = [arrived(message) for message, _ in expected.values()] + [sent(record())]
    service = Service(Settings(), clock)
    store = DyingStore(influxd, clock)
    ledger = open_ledger(tmp_path / "ledger")
    line = Line(batches, store, service)

    service._pump(line, Ingest(ledger, Telemetry(ledger, store)))

    assert line.asked > 20, "it went on taking in while the database was down"
    assert line.let_go_of == batches
    assert {ack.digest for ack in line.acks} == {digest(batch.payload) for batch in batches}
    assert {ack.status for ack in line.acks} == {STORED}
    for drone, (_, rows) in expected.items():
        found = influxd.query(
            f"SELECT height_m FROM \"series\" WHERE drone = '{drone}'", "windsock"
        )
        assert {row["time"]: row["height_m"] for row in found} == rows
    assert len(influxd.query("SELECT airborne_s FROM flight", "windsock")) == 1
