"""Batches taken in, with a telemetry store that does what a test wants."""

from windsock.collector.influx.client import Refused, StoreDown
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.receive.ingest import Ingest

NOW = 1_795_467_800_000_000


class Store:
    """A telemetry store that can be down, or refuse lines."""

    def __init__(self):
        self.lines, self.down, self.refused = [], False, ()

    def write(self, body, _precision):
        lines = body.decode().splitlines()
        if self.down:
            raise StoreDown("no")
        if any(word in line for word in self.refused for line in lines):
            raise Refused("field type conflict")
        self.lines += lines


def ingest_into(ledger, store):
    return Ingest(ledger, Telemetry(ledger, store))
