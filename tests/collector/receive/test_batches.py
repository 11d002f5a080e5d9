"""What the ledger remembers of batches and of the stations that sent them."""

import pytest

from windsock.collector.ledger import open_ledger
from windsock.collector.receive import batches
from windsock.collector.receive.batches import Known, New, Stored
from windsock.protocol.envelope import Batch, Header
from windsock.protocol.messages import Ping

NOW = 1_795_467_700_000_000


def new(seq, at_us=NOW, boot="boot", digest=b"8 octets", agent="a"):
    return New(Batch(Header(agent, 1, 1, seq, NOW, 1, boot, "0.1.0"), Ping()), digest, at_us)


def hear(ledger, *arrived):
    batches.note_stations(ledger, [(one.batch.header, one.received_us) for one in arrived])


@pytest.fixture
def ledger():
    return open_ledger(":memory:")


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        (b"8 octets", Stored(Known(NOW, telemetry_done=False), twin=False)),
        (b"8 others", Stored(None, twin=True)),
    ],
)
def test_a_batch_is_known_by_its_bytes_and_a_twin_by_its_key(ledger, digest, expected):
    batches.note_batches(ledger, [new(1)], done=False)

    assert batches.stored(ledger, new(1).batch.header.key, digest) == expected
    assert batches.stored(ledger, new(2).batch.header.key, digest) == Stored(None, twin=False)


def test_both_of_two_twins_are_known(ledger):
    batches.note_batches(ledger, [new(1), new(1, NOW + 1, digest=b"8 others")], done=True)

    key = new(1).batch.header.key
    assert batches.stored(ledger, key, b"8 octets") == Stored(Known(NOW, True), twin=True)
    assert batches.stored(ledger, key, b"8 others") == Stored(Known(NOW + 1, True), twin=True)


def test_of_batches_that_came_together_the_last_says_how_a_station_is(ledger):
    together = [new(1, NOW + 5, "old"), new(2, NOW + 9, "old"), new(3, NOW + 7, "new")]
    hear(ledger, new(1, agent="b"), *together)

    rows = ledger.execute("SELECT agent, first_seen_us, last_seen_us, boot_id FROM stations")
    assert [tuple(row) for row in rows] == [
        ("a", NOW + 5, NOW + 9, "new"),
        ("b", NOW, NOW, "boot"),
    ]


def test_a_station_is_seen_first_only_once_and_last_not_earlier_than_before(ledger):
    hear(ledger, new(1, NOW))
    hear(ledger, new(2, NOW - 5))

    (row,) = ledger.execute("SELECT first_seen_us, last_seen_us FROM stations")
    assert tuple(row) == (NOW, NOW)
