"""The collector without its threads."""

from tests.collector.arrivals import START_US
from windsock.collector.receive.ingest import Ingest
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Judge, Settings

NOW = START_US + 100_000_000


class Collector:
    """Both threads of the collector, in turn."""

    def __init__(self, ledger, telemetry):
        self.ledger = ledger
        self.ingest = Ingest(ledger, telemetry)
        self.rounds = Rounds(Settings(judge=Judge(required=())), ledger, telemetry)

    def take(self, *messages):
        self.ingest.take(list(messages), NOW)
        self.rounds.make(NOW, last=True)
