"""Numbers at the ends of their ranges: what is valid on the wire never stops the collector."""

import pytest

from tests.collector.arrivals import arrived
from tests.collector.test_ingest import NOW, Store, ingest_into
from tests.protocol.examples import MESSAGES
from windsock.collector.dashboards.counters import Counters
from windsock.collector.dashboards.stations import station_rows
from windsock.collector.ledger import open_ledger
from windsock.collector.monitor.figures import figures
from windsock.collector.monitor.pulse import Pulse

INT64 = 2**63 - 1


@pytest.fixture
def ingest():
    return ingest_into(open_ledger(":memory:"), Store())


def test_gaps_that_add_up_to_more_than_an_integer_are_counted_up_to_it(ingest):
    for agent in ("station-7", "station-8"):
        ingest.take([arrived(MESSAGES["ping"], agent=agent, seq=INT64)], NOW)
    ingest.ledger.execute("INSERT INTO gaps SELECT agent, epoch, 2, 1, last_seq, NULL FROM gaps")

    gaps = next(f for f in figures(ingest.ledger, Pulse(), NOW) if f.name.endswith("gap_batches"))
    assert max(sample.value for sample in gaps.samples) == INT64
    assert Counters().row(ingest.ledger, NOW).fields["gaps"] == [INT64]
    assert [row.fields["missing"] for row in station_rows(ingest.ledger, {}, NOW)] == [[INT64]] * 2
