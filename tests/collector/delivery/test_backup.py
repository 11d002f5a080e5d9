"""A copy while the collector works, and what is said of what came after it."""

import contextlib
import itertools
import threading
from contextlib import closing

import pytest

from tests.collector.arrivals import record, sent
from tests.collector.receive.ingesting import NOW, Store, ingest_into
from windsock.collector.delivery import backup as backups
from windsock.collector.delivery.backup import back_up, notice_restore, restore
from windsock.collector.delivery.gap_rows import gap_rows, lost_by_restore
from windsock.collector.ledger import VERSION, LedgerError, open_ledger
from windsock.collector.receive.gaps import RESTORED
from windsock.collector.receive.inbox import Arrived
from windsock.protocol import topics
from windsock.protocol.envelope import Header, encode
from windsock.protocol.messages import Flight

DAY_US = 86_400_000_000


def batch(seq, epoch=1, lane=1):
    header = Header("station-7", epoch, lane, seq, NOW, 1, "boot", "0.1.0")
    payload = encode(header, Flight(logs=[record()]))
    return Arrived(topics.up("station-7"), payload, retained=False, mid=1)


def take(path, *batches, now_us=NOW):
    with closing(open_ledger(path)) as ledger:
        ingest_into(ledger, Store()).take(list(batches), now_us)


def said(path):
    """Gaps as (epoch, lane, from, to, reason)."""
    with closing(open_ledger(path)) as ledger:
        return [(row.epoch, row.lane, row.first_seq, row.last_seq, row.reason)
                for row in gap_rows(ledger)]  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "windsock.ledger"


def test_a_ledger_that_is_written_meanwhile_is_copied_whole(path, tmp_path):
    take(path, *(sent(record()) for _ in range(50)))
    stop = threading.Event()

    def write():
        while not stop.is_set():
            take(path, sent(record()))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [back_up(path, tmp_path / f"copy-{number}", NOW) for number in range(5)]
    finally:
        stop.set()
        writer.join()

    for copy in copies:
        with closing(open_ledger(copy.path)) as ledger:
            assert ledger.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            stored = ledger.execute("SELECT count(*) FROM batches").fetchone()[0]
            marks = ledger.execute("SELECT sum(high_seq) FROM marks").fetchone()[0]
            assert stored == copy.batches >= 50
            assert marks == ledger.execute("SELECT sum(high_seq) FROM backup_marks").fetchone()[0]
    assert not list(tmp_path.glob("*.part*"))


def test_what_was_acknowledged_after_the_backup_is_a_gap_that_says_so(path, tmp_path):
    take(path, batch(1), batch(2))
    back_up(path, tmp_path / "backup", NOW)
    take(path, *(batch(seq) for seq in range(3, 8)))

    aside = restore(tmp_path / "backup", path, NOW + 1)
    take(path, batch(8), batch(9))

    assert said(path) == [("1", "flights", 3, 7, RESTORED)]
    assert len(said(aside)) == 0, "the one before is kept, and whole"
    with closing(open_ledger(path)) as ledger:
        assert lost_by_restore(gap_rows(ledger)) == ["station-7"]


def test_what_the_station_still_had_closes_the_gap(path, tmp_path):
    take(path, batch(1))
    back_up(path, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", path, NOW)

    take(path, batch(5))
    take(path, batch(3), batch(2))
    assert said(path) == [("1", "flights", 4, 4, RESTORED)]
    take(path, batch(4))
    assert said(path) == []


def test_epochs_and_lanes_that_the_backup_never_saw(path, tmp_path):
    take(path, batch(1))
    back_up(path, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", path, NOW)

    take(path, batch(4, lane=2))  # a lane of an epoch that was there
    take(path, batch(3, epoch=2))  # an epoch that began before the restore
    take(path, batch(1, epoch=3), batch(3, epoch=3))  # one that began after it: a loss, if it is

    assert said(path) == [
        ("3", "flights", 2, 2, None),
        ("1", "series", 1, 3, RESTORED),
        ("2", "flights", 1, 2, RESTORED),
    ]


def test_a_gap_above_what_came_since_is_no_matter_of_the_restore(path, tmp_path):
    take(path, batch(1))
    back_up(path, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", path, NOW)

    take(path, batch(2))
    take(path, batch(5))

    assert said(path) == [("1", "flights", 3, 4, None)]


def test_a_backup_put_in_place_by_hand_knows_it_too_and_says_so_once(path, tmp_path):
    take(path, batch(1))
    back_up(path, tmp_path / "copied.ledger", NOW)

    with closing(open_ledger(tmp_path / "copied.ledger")) as ledger:
        assert [notice_restore(ledger, NOW + 5) for _ in range(2)] == [NOW, None]
        notice_restore(ledger, NOW + 61 * DAY_US)
    take(tmp_path / "copied.ledger", batch(5))

    assert said(tmp_path / "copied.ledger") == [("1", "flights", 2, 4, None)]


def test_a_ledger_that_never_was_a_backup_says_nothing(path):
    take(path, batch(1))

    with closing(open_ledger(path)) as ledger:
        assert notice_restore(ledger, NOW) is None


@pytest.mark.parametrize("after", range(1, 5))
def test_killed_while_it_restores_there_is_a_ledger_at_any_moment(
    path, tmp_path, after, monkeypatch
):
    take(path, batch(1))
    back_up(path, tmp_path / "backup", NOW)
    take(path, batch(2))
    steps = itertools.count(1)

    def dying(step):
        def take_step(*arguments):
            if next(steps) == after:
                raise KeyboardInterrupt
            return step(*arguments)

        return take_step

    for name in ("_copy", "_set_aside", "_settle"):
        monkeypatch.setattr(backups, name, dying(getattr(backups, name)))
    with contextlib.suppress(KeyboardInterrupt):
        restore(tmp_path / "backup", path, NOW)

    with closing(open_ledger(path)) as ledger:
        stored = ledger.execute("SELECT count(*) FROM batches").fetchone()[0]
    assert stored == 2


def test_what_is_no_ledger_is_not_put_in_its_place(path, tmp_path):
    take(path, batch(1))
    (tmp_path / "backup").write_bytes(b"no ledger" * 1000)

    with pytest.raises(LedgerError, match="not a database"):
        restore(tmp_path / "backup", path, NOW)

    with closing(open_ledger(path)) as ledger:
        assert ledger.execute("SELECT count(*) FROM batches").fetchone()[0] == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["backup", "windsock.ledger"]


def test_a_damaged_backup_is_found_out(path, tmp_path):
    take(path, *(sent(record()) for _ in range(200)))
    back_up(path, tmp_path / "backup", NOW)
    content = bytearray((tmp_path / "backup").read_bytes())
    content[4096 * 9 : 4096 * 12] = bytes([0xA5]) * 4096 * 3
    (tmp_path / "backup").write_bytes(content)

    with pytest.raises(LedgerError):
        restore(tmp_path / "backup", path, NOW)


def test_a_backup_is_of_this_version_and_never_the_ledger_itself(path, tmp_path):
    take(path, batch(1))
    with pytest.raises(LedgerError, match="the ledger itself"):
        back_up(path, path, NOW)
    back_up(path, tmp_path / "backup", NOW)
    with closing(open_ledger(tmp_path / "backup")) as ledger:
        assert ledger.execute("PRAGMA user_version").fetchone()[0] == VERSION
