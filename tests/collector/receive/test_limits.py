"""Numbers at the ends of their ranges: what is valid on the wire never stops the collector."""

import itertools

import msgspec
import pytest
from msgspec import inspect

from tests.collector.arrivals import arrived
from tests.collector.receive.ingesting import NOW, Store, ingest_into
from tests.protocol.examples import HEADER, MESSAGES, UID
from windsock.collector.dashboards.counters import Counters
from windsock.collector.dashboards.stations import station_rows
from windsock.collector.ledger import open_ledger
from windsock.collector.monitor.figures import figures
from windsock.collector.monitor.pulse import Pulse
from windsock.collector.receive.inbox import Arrived
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Judge, Settings
from windsock.protocol import topics
from windsock.protocol.envelope import Header, encode
from windsock.protocol.messages import LinkState, Message, Sighting, Utc

INT64 = 2**63 - 1
LINK = LinkState(port="p", state="s", drone_uid=UID)
SEEN = Sighting(drone_uid=UID, seen=Utc(quality="station", us=NOW), source="serial")
PLENTY = MESSAGES | {
    "station": msgspec.structs.replace(MESSAGES["station"], wall_us=NOW, links=[LINK]),
    "seen": SEEN,
    "unseen": msgspec.structs.replace(SEEN, seen=Utc(quality="none")),
}


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


class Emptied(Store):
    """One that deletes, too."""

    def erase(self, _spans):
        pass


def at_the_ends(kind, value):
    """*value*, builtins of type *kind*, with each of its integers in turn at each end."""
    match kind:
        case inspect.IntType():
            yield kind.ge
            yield kind.le if kind.lt is None else kind.lt - 1
        case inspect.UnionType():
            for one in kind.types:
                yield from at_the_ends(one, value)
        case inspect.ListType() if value:
            yield from ([end] for end in at_the_ends(kind.item_type, value[0]))
        case inspect.StructType():
            value = value or {}
            for field in kind.fields:
                name = field.encode_name
                for end in at_the_ends(field.type, value.get(name)):
                    yield value | {name: end}


def extremes(example):
    """*example*, and it with each integer at each end, as far as that is valid."""
    fields = {name: getattr(example, name) for name in example.__struct_fields__}
    plain = msgspec.to_builtins(fields | {"kind": example.__struct_config__.tag})
    yield example
    for values in at_the_ends(inspect.type_info(type(example)), plain):
        try:
            yield msgspec.convert(values, Message)
        except msgspec.ValidationError:
            continue


def headers():
    """A header, and it with each integer at each end."""
    plain = {name: getattr(HEADER, name) for name in HEADER.__struct_fields__}
    for values in [plain, *at_the_ends(inspect.type_info(Header), plain)]:
        yield Header(**values)


def statuses():
    """A station's status with each integer at each end: live, kept by the broker, a last will."""
    for station in extremes(PLENTY["station"]):
        for online, retained in itertools.product((True, False), repeat=2):
            said = msgspec.json.encode(msgspec.structs.replace(station, online=online))
            yield Arrived(topics.status("station-7"), said, retained, 1)


@pytest.mark.parametrize("name", PLENTY)
def test_any_valid_number_is_stored_or_quarantined_and_reckoned_with(name):
    ledger = open_ledger(":memory:")
    ingest = ingest_into(ledger, Emptied())
    batches = [
        Arrived(topics.up("station-7"), encode(header, message), False, 1)
        for header, message in itertools.product(headers(), extremes(PLENTY[name]))
    ]
    assert len(batches) > 10

    for several in (batches, list(statuses()), batches[::-1]):
        acks = ingest.take(several, NOW)
        assert len(acks.get("station-7", [])) == sum("status" not in m.topic for m in several)

    list(figures(ledger, Pulse(), NOW))
    ingest.counters.row(ledger, NOW)
    Rounds(Settings(judge=Judge(required=())), ledger, ingest.telemetry).make(NOW, last=True)


def test_a_station_that_the_broker_remembers_was_not_seen_later_than_now(ingest):
    station = msgspec.structs.replace(PLENTY["station"], wall_us=INT64)
    payload = msgspec.json.encode(station)
    ingest.take([Arrived(topics.status("station-7"), payload, True, 1)], NOW)

    assert ingest.ledger.execute("SELECT last_seen_us FROM stations").fetchone()[0] == NOW
