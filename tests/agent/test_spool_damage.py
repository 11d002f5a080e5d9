"""What a bad disk does to the spool and the catalogue: mended, reported, never a person's work."""

import sqlite3

import pytest

from windsock.agent.catalogue_file import CATALOGUE
from windsock.agent.clock import Clock
from windsock.agent.drones.met import Drones
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.spool_file import _BATCHES_1, SPOOL, beside, open_spool
from windsock.agent.stores import RUN_LOCK, open_stores, stores_for_command
from windsock.config.lock import only_one
from windsock.protocol.acks import STORED, Ack
from windsock.protocol.envelope import FLIGHTS, Header, decode, digest, encode
from windsock.protocol.messages import Damage, Log, Ping, Tombstone

CLOCK = Clock(lambda: 1_000_000, lambda: 2_000_000, "boot")
WHO = Identity("station-7", "0")
PAGE = 4096
"""Bytes that SQLite writes at once."""


@pytest.fixture
def path(tmp_path):
    return tmp_path / SPOOL


def a_log(text):
    return (FLIGHTS, Log(log_id="0" * 32, name=text, size_bytes=1, error=text * 300))


def opened(path):
    return open_spool(path, WHO, CLOCK)


def waiting(spool):
    return [decode(spool.payload(batch)).message for batch in spool.head(1000)]


def only(kind, spool):
    return [message for message in waiting(spool) if isinstance(message, kind)]


def test_what_can_be_read_of_a_damaged_file_is_carried_over(path):
    spool = opened(path)
    spool.add(a_log(letter) for letter in "abcdefghijklmnopqrstuvwxyz" * 20)
    middle = spool.payload(spool.head(1000)[260])
    spool.close()
    whole = path.read_bytes()
    page = whole.index(middle) // PAGE * PAGE  # others hold what can be made anew: indexes
    path.write_bytes(whole[:page] + bytes(PAGE) + whole[page + PAGE :])

    again = opened(path)

    (damage,) = only(Damage, again)
    missing = 520 - len(only(Log, again))
    assert 0 < missing < 60
    assert damage.lost_batches == missing
    gone = only(Tombstone, again)
    assert sum(stone.last_seq - stone.first_seq + 1 for stone in gone) == missing
    assert {stone.reason for stone in gone} == {damage.detail}
    assert again.replaced, "the logs are queued again, where they are"


def test_acknowledged_batches_are_not_counted_as_lost(path):
    spool = opened(path)
    spool.add(a_log(letter) for letter in "abcdefghij")
    payloads = [spool.payload(batch) for batch in spool.head(7)]
    spool.remove([Ack(digest(payload), STORED) for payload in payloads])
    spool.close()
    path.write_bytes(b"not a database" * 1000)

    (damage,) = only(Damage, opened(path))

    assert damage.lost_batches == 3


def test_a_spool_that_forgot_its_newest_batches_says_which(path):
    spool = opened(path)
    spool.add([a_log("a")])
    spool.close()
    before = path.read_bytes()
    spool = opened(path)
    spool.add([a_log("b"), a_log("c")])
    spool.close()
    path.write_bytes(before)

    again = opened(path)

    (damage,) = only(Damage, again)
    (stone,) = only(Tombstone, again)
    assert damage.lost_batches == 2
    assert (stone.first_seq, stone.last_seq) == (1, 2)
    assert len(only(Log, again)) == 1
    again.close()
    assert len(only(Damage, opened(path))) == 1, "once is enough"


def test_a_deleted_spool_is_a_loss_too(path):
    spool = opened(path)
    spool.add([a_log("a")])
    spool.close()
    path.unlink()

    (damage,) = only(Damage, opened(path))

    assert damage.lost_batches == 1


def test_a_batch_whose_bytes_changed_goes_with_a_report_and_its_neighbours_leave(path):
    spool = opened(path)
    spool.add([a_log("a"), a_log("b")])
    first, second = spool.head(2)
    whole = spool.payload(first)
    with spool._database:
        changed = whole[:-1] + bytes([whole[-1] ^ 1])
        spool._database.execute("UPDATE batches SET payload = ? WHERE id = ?", (changed, first))

    with pytest.raises(KeyError):
        spool.payload(first)

    assert decode(spool.payload(second)).message.name == "b"
    assert first not in spool.head(10)
    (stone,) = only(Tombstone, spool)
    assert (stone.first_seq, stone.last_seq) == (1, 1)
    assert only(Damage, spool)[0].lost_batches == 1


def test_epochs_that_are_done_are_forgotten_and_that_is_no_loss(path):
    for _ in range(3):
        spool = opened(path)
        spool.add([(FLIGHTS, Ping())])
        payload = spool.payload(spool.head(1)[0])
        spool.remove([Ack(digest(payload), STORED)])
        spool.close()

    spool = opened(path)

    assert spool.depth() == (0, 0)
    assert spool._database.execute("SELECT count(*) FROM marks").fetchone() == (0,)
    assert spool._witness.marks() == []


def test_a_start_beside_an_import_whose_batches_are_all_gone_costs_nothing(path):
    service = opened(path)
    importing = beside(path, WHO, CLOCK)
    importing.add(a_log(letter) for letter in "abcde")
    service.remove([Ack(digest(service.payload(one)), STORED) for one in service.head(5)])
    service.close()
    opened(path).close()  # forgets the marks of an epoch that goes on
    importing.add([a_log("f")])

    again = opened(path)

    assert [message.name for message in waiting(again)] == ["f"]
    assert not list(path.parent.glob("*.damaged-*"))
    assert [mark.last_seq - mark.gone for mark in again._witness.marks()] == [1]


def test_a_spool_of_an_earlier_version_is_taken_over(path):
    database = sqlite3.connect(path)
    database.executescript(
        _BATCHES_1 + "CREATE INDEX by_digest ON batches (digest);"
        "CREATE INDEX sending_order ON batches (lane, id);"
    )
    payload = encode(Header("station-7", 5, 1, 1, 0, 0, "b", "0"), Ping())
    with database:
        database.execute(
            "INSERT INTO batches (epoch, lane, seq, digest, payload) VALUES (5, 1, 1, ?, ?)",
            (digest(payload), payload),
        )
    database.close()

    spool = opened(path)

    assert [spool.payload(batch) for batch in spool.head(9)] == [payload]
    assert not spool.replaced


def test_a_command_replaces_no_file_under_the_hands_of_the_service(tmp_path):
    settings = Settings(agent="station-7", state=tmp_path)
    (tmp_path / SPOOL).write_bytes(b"not a database" * 1000)

    with only_one(tmp_path / RUN_LOCK, "the agent"), pytest.raises(sqlite3.DatabaseError):
        stores_for_command(settings, WHO, CLOCK)
    assert not list(tmp_path.glob("*.damaged-*"))

    spool, _ = stores_for_command(settings, WHO, CLOCK)
    assert len(only(Damage, spool)) == 1


def test_a_damaged_catalogue_keeps_the_claims_and_is_reported(tmp_path):
    settings = Settings(agent="station-7", state=tmp_path)
    for store in open_stores(settings, WHO, CLOCK):
        store.close()
    drones = Drones(tmp_path)
    drones.meet("px4:11", "2dae", 0)
    drones.claim("px4:11", "SN-1")
    drones.close()
    whole = (tmp_path / CATALOGUE).read_bytes()
    (tmp_path / CATALOGUE).write_bytes(whole.replace(b"queued_us", b"queued_ut"))

    spool, _ = open_stores(settings, WHO, CLOCK)

    (damage,) = only(Damage, spool)
    assert damage.what == "catalogue"
    assert Drones(tmp_path).serial("px4:11") == "SN-1"
    assert (tmp_path / f"{CATALOGUE}.damaged-1000000").exists()


def test_of_what_was_set_aside_the_newest_three_stay_the_last_one_whatever_the_clock_says(path):
    names = [f"{SPOOL}.damaged-{number}" for number in (9_000_000, 10_000_000, 11_000_000)]
    for name in names:
        for suffix in ("", "-wal", "-shm"):
            (path.parent / f"{name}{suffix}").write_bytes(b"")
    path.write_bytes(b"not a database" * 1000)

    opened(path).close()

    left = {file.name for file in path.parent.glob("*.damaged-*")}
    kept = [f"{name}{suffix}" for name in names[1:] for suffix in ("", "-wal", "-shm")]
    assert left == {f"{SPOOL}.damaged-1000000", *kept}
