"""What can't be read is shown with the place, and stored once it can be."""

import json

import pytest

from tests.collector.arrivals import arrived, record, sent
from tests.collector.receive.ingesting import NOW, Store, ingest_into
from tests.protocol.examples import MESSAGES
from windsock.collector.__main__ import main
from windsock.collector.delivery.dissect import fault, hexdump, parts
from windsock.collector.delivery.quarantine import kept, quarantine_rows, retry
from windsock.collector.influx.client import StoreDown
from windsock.collector.ledger import LedgerError, open_ledger
from windsock.collector.receive import ingest as ingesting
from windsock.protocol.envelope import decode, digest
from windsock.protocol.errors import WireError

GOOD = sent(record())


def changed(at, value):
    payload = bytearray(GOOD.payload)
    payload[at] = value
    return bytes(payload)


@pytest.fixture
def ledger(tmp_path):
    (tmp_path / "collector.toml").write_text(f'ledger = "{tmp_path}/ledger"\n')
    return open_ledger(tmp_path / "ledger")


@pytest.fixture
def future(monkeypatch):
    """A batch that this version can't read, and a switch to the version that can."""

    def cannot(payload):
        if payload == GOOD.payload:
            raise WireError("codec of next year", 3)
        return decode(payload)

    monkeypatch.setattr(ingesting, "decode", cannot)
    return lambda: monkeypatch.setattr(ingesting, "decode", decode)


def test_tried_again_with_newer_code_it_is_stored_as_of_when_it_came(ledger, future):
    ingest = ingest_into(ledger, Store())
    ingest.take([GOOD], NOW)
    (row,) = quarantine_rows(ledger)
    assert retry(ingest, row.id).outcome == "still unreadable"
    assert len(quarantine_rows(ledger)) == 1

    future()
    assert retry(ingest, row.id).outcome == "stored"

    assert quarantine_rows(ledger) == []
    (batch,) = ledger.execute("SELECT digest, received_us FROM batches").fetchall()
    assert tuple(batch) == (digest(GOOD.payload), NOW)
    assert len(ingest.telemetry.store.lines) == 1
    assert ledger.execute("SELECT count(*) FROM gaps WHERE reason IS NOT NULL").fetchone()[0] == 0


def test_while_influxdb_is_down_it_stays(ledger, future):
    store = Store()
    ingest = ingest_into(ledger, store)
    ingest.take([GOOD], NOW)
    (row,) = quarantine_rows(ledger)
    future()

    store.down = True
    with pytest.raises(StoreDown):
        retry(ingest, row.id)
    assert len(quarantine_rows(ledger)) == 1

    store.down = False
    assert retry(ingest, row.id).outcome == "stored"
    assert len(store.lines) == 1


@pytest.mark.parametrize(
    ("payload", "at"),
    [
        (b"", 0),
        (b"GET / HTTP/1.1\r\n", 0),
        (changed(1, 9), 1),
        (changed(40, 0xC1), 4),
        (GOOD.payload[:-1], 4),
        (GOOD.payload + bytes(300_000), 262_144),
    ],
)
def test_the_place_is_named_and_marked(payload, at):
    error = fault(payload)

    assert error.at == at
    marked = [line for line in hexdump(payload, error.at) if line.marked]
    assert [line.offset for line in marked] == ([at // 16 * 16] if payload else [])


def test_the_parts_cover_every_byte():
    found = parts(GOOD.payload)

    ends = [0, *(part.last for part in found)]
    assert [part.first for part in found] == ends[:-1]
    assert ends[-1] == len(GOOD.payload)
    assert "agent station-7, epoch 1, lane flights" in found[4].says


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_any_piece_can_be_looked_at(cut):
    piece = GOOD.payload[:cut]

    assert sum(part.last - part.first for part in parts(piece)) == cut
    assert b"".join(bytes.fromhex(line.octets) for line in hexdump(piece, 4)) == piece


def test_an_unknown_number_is_said_so(ledger):
    with pytest.raises(LedgerError, match="number 7"):
        kept(ledger, 7)


def test_the_command_lists_shows_and_tries_again(ledger, tmp_path, capsys):
    settings = ["-c", str(tmp_path / "collector.toml")]
    poison = arrived(MESSAGES["ping"])._replace(payload=changed(1, 9))
    ingest_into(ledger, Store()).take([poison], NOW)

    assert main(["quarantine", *settings]) == 0
    assert "major version 9" in capsys.readouterr().out
    assert main(["quarantine", "show", "1", *settings]) == 0
    shown = capsys.readouterr().out
    assert "major version 9, this reader knows 1, at byte 1" in shown
    assert "0000000  57 09 " in shown
    assert main(["quarantine", "retry", "1", "--json", *settings]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "still unreadable"
    assert main(["quarantine", "show", "5", *settings]) == 1
    assert "number 5" in capsys.readouterr().err
