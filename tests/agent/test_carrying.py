"""The spool by hand: the same acknowledgements as over MQTT, and no file is believed unseen."""

import contextlib
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.end_to_end.line import CRASH, NORMAL
from tests.protocol.examples import MESSAGES
from windsock.agent.carrying import acknowledge, export
from windsock.agent.clock import Clock
from windsock.agent.importer import Importer
from windsock.agent.intake import Handling
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.stores import open_stores
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.ingest import Ingest
from windsock.collector.receive.spool_file import import_spool
from windsock.collector.settings import Settings as CollectorSettings
from windsock.protocol import topics
from windsock.protocol.acks import decode_acks
from windsock.protocol.carried import Answer, Spooled, about, check_seal, sealed
from windsock.protocol.envelope import FLIGHTS
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Ping

NOW = 1_795_467_600_000_000
CLOCK = Clock(lambda: NOW, lambda: 5_000_000, "boot")
AGENT = "station-7"


class Place:
    """A station with something in its spool, and a collector far away."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = Settings(agent=AGENT, state=folder / "state")
        self.collector = CollectorSettings(ledger=folder / "ledger")
        self.spool, catalogue = open_stores(self.settings, Identity(AGENT, "0"), CLOCK)
        catalogue.close()
        self.spool.add((FLIGHTS, message) for message in MESSAGES.values())

    def fly(self):
        """A crash and a flight, as they come."""
        spool, catalogue = open_stores(self.settings, Identity(AGENT, "0"), CLOCK)
        importer = Importer(spool, catalogue, CLOCK)
        for number, log in enumerate((CRASH, NORMAL)):
            importer.import_file(log, Handling(serial=f"SN-{number}"))
        catalogue.close()
        spool.close()

    def export(self, name="export"):
        export(self.spool, self.settings, CLOCK, self.folder / name)
        return self.folder / name

    def import_(self, file, answer="answer"):
        return import_spool(self.collector, file, self.folder / answer, lambda: NOW)

    def acknowledge(self, answer="answer"):
        return acknowledge(self.spool, AGENT, self.folder / answer)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def rows(path):
    """All that the ledger holds."""
    ledger = open_ledger(path)
    names = [row[0] for row in ledger.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    return {
        name: sorted(map(repr, map(tuple, ledger.execute(f"SELECT * FROM {name}"))))
        for name in names
        if not name.startswith("sqlite_") and name not in ("station_clocks", "tallies")
    }


def test_a_round_trip_by_hand_equals_one_over_mqtt(place):
    place.fly()
    ledger = open_ledger(place.folder / "by-mqtt")
    payloads = [place.spool.payload(batch) for batch in place.spool.head(1000)]
    arrived = [Arrived(topics.up(AGENT), one, retained=False, mid=1) for one in payloads]
    acks = Ingest(ledger, Telemetry(ledger, None)).take(arrived, NOW)[AGENT]
    ledger.close()

    done = place.import_(place.export())

    assert rows(place.folder / "by-mqtt") == rows(place.folder / "ledger")
    assert len(rows(place.folder / "ledger")["flights"]) == 3
    assert done.stored == len(payloads) == len(acks)
    _, parts = about("acks", Answer, [(place.folder / "answer").read_bytes()])
    assert [ack for part in parts for ack in decode_acks(part)] == acks
    assert place.acknowledge() == (len(payloads), 0)


def test_both_ways_twice_is_as_once(place):
    file = place.export()
    first = place.import_(file)
    once = rows(place.folder / "ledger")

    again = place.import_(file, "again")

    assert again[:3] == first[:3]
    assert rows(place.folder / "ledger") == once
    assert (place.folder / "answer").read_bytes() == (place.folder / "again").read_bytes()
    assert place.acknowledge()[1] == 0
    assert place.acknowledge("again") == (0, 0)


def test_what_was_queued_since_the_export_stays(place):
    file = place.export()
    place.spool.add([(1, Ping())])
    place.import_(file)

    assert place.acknowledge()[1] == 1


def test_an_answer_to_another_station_is_refused(place):
    place.import_(place.export())

    with pytest.raises(WireError, match="an answer to station 'station-7', this one is 'hangar'"):
        acknowledge(place.spool, "hangar", place.folder / "answer")
    assert place.spool.depth()[0] > 0


def test_batches_of_another_station_in_the_file_are_quarantined(place):
    payloads = [place.spool.payload(batch) for batch in place.spool.head(3)]
    forged = place.folder / "forged"
    head = Spooled("hangar", msgspec.json.encode(MESSAGES["station"]), 3)
    forged.write_bytes(b"".join(sealed("spool", head, payloads)))

    assert place.import_(forged)[:3] == ("hangar", 0, 3)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda whole: whole[:-1], "cut or changed"),
        (lambda whole: whole[: len(whole) // 2], "cut or changed"),
        (lambda _: b"", "cut or changed"),
        (lambda whole: whole[:900] + bytes([whole[900] ^ 1]) + whole[901:], "cut or changed"),
        (lambda whole: whole + b"x", "cut or changed"),
    ],
    ids=["a byte short", "half of it", "nothing", "a bit changed", "something behind it"],
)
def test_a_file_that_came_to_harm_is_refused_before_anything_is_stored(place, harm, said):
    file = place.export()
    file.write_bytes(harm(file.read_bytes()))

    with pytest.raises(WireError, match=said):
        place.import_(file)
    assert not (place.folder / "answer").exists()


def test_a_file_of_the_other_kind_is_named(place):
    file = place.export()
    place.import_(file)

    with pytest.raises(WireError, match="begins with 'windsock spool 1'"):
        place.import_(place.folder / "answer")
    with pytest.raises(WireError, match="begins with 'windsock acks 1'"):
        acknowledge(place.spool, AGENT, file)


@given(st.lists(st.binary(max_size=3000), max_size=8), st.integers(1, 4000), st.data())
def test_files_come_back_however_they_are_cut_into_pieces(parts, size, data):
    whole = b"".join(sealed("spool", Spooled("a", b"{}", len(parts)), parts))
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]

    assert check_seal(pieces) == whole[-32:]
    head, back = about("spool", Spooled, pieces)
    assert head == Spooled("a", b"{}", len(parts))
    assert list(back) == parts
    at = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(WireError):
        check_seal([whole[:at], bytes([whole[at] ^ 1]), whole[at + 1 :]])


@given(st.binary(max_size=300))
def test_garbage_raises_the_named_error_and_nothing_else(garbage):
    for whole in (garbage, b"windsock spool 1\n" + garbage + bytes(32)):
        with contextlib.suppress(WireError):
            _, parts = about("spool", Spooled, [whole])
            assert all(isinstance(part, bytes) for part in parts)
    with pytest.raises(WireError):
        check_seal([garbage])


def test_the_commands(place):
    toml = place.folder / "agent.toml"
    toml.write_text(f'agent = "{AGENT}"\nstate = "{place.settings.state}"\n')
    server = place.folder / "collector.toml"
    server.write_text(f'ledger = "{place.collector.ledger}"\n')
    waiting = place.spool.depth()[0]

    run("agent", "export", "-c", toml, place.folder / "stick")
    said = run("collector", "import", "spool", "-c", server, place.folder / "stick")
    assert f"{AGENT}: {waiting} batches stored." in said
    said = run("agent", "acknowledge", "-c", toml, place.folder / "stick.acks")
    assert said == f"{waiting} batches are stored, 0 wait.\n"
    (place.folder / "stick.acks").write_bytes(b"windsock acks 1\n")
    done = subprocess.run(command("agent", "acknowledge", "-c", toml, place.folder / "stick.acks"),
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert "stick.acks: the file was cut or changed on its way: copy it again" in done.stderr


def command(package, *arguments):
    return [sys.executable, "-m", f"windsock.{package}", *map(str, arguments)]


def run(package, *arguments):
    return subprocess.run(
        command(package, *arguments), capture_output=True, text=True, check=True
    ).stdout
