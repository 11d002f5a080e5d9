"""The spool keeps what it took, in lanes, until exactly these bytes are acknowledged."""

import os
import signal
import subprocess
import sys

import pytest

from windsock.agent.clock import Clock
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.protocol.acks import STORED, Ack
from windsock.protocol.envelope import decode, digest
from windsock.protocol.messages import Damage, Log, Ping

CLOCK = Clock(lambda: 1_000_000, lambda: 2_000_000, "boot")
WHO = Identity("station-7", "0.1.0")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool.sqlite"


def payloads(spool):
    return [spool.payload(batch) for batch in spool.head(100)]


def test_lower_lanes_leave_first_each_in_order(path):
    spool = open_spool(path, WHO, CLOCK)
    spool.add([(2, Ping()), (3, Ping()), (1, Ping())])
    spool.add([(1, Ping()), (0, Ping())])

    keys = [decode(payload).header.key for payload in payloads(spool)]

    assert [(key.lane, key.seq) for key in keys] == [(0, 1), (1, 1), (1, 2), (2, 1), (3, 1)]


def test_batches_survive_a_restart_with_their_bytes_and_a_new_epoch_begins(path):
    first = open_spool(path, WHO, CLOCK)
    first.add([(1, Ping())])
    before = payloads(first)
    first.close()

    second = open_spool(path, WHO, CLOCK)
    second.add([(1, Ping())])

    old, new = (decode(payload).header.key for payload in payloads(second))
    assert payloads(second)[:1] == before
    assert (old.seq, new.seq) == (1, 1)
    assert old.epoch != new.epoch


def test_only_the_acknowledged_bytes_go(path):
    spool = open_spool(path, WHO, CLOCK)
    spool.add([(1, Ping()), (1, Ping())])
    first, second = payloads(spool)

    gone = spool.remove([Ack(digest(first), STORED), Ack(b"another!", STORED)])

    assert len(gone) == 1
    assert payloads(spool) == [second]
    with pytest.raises(KeyError):
        spool.payload(gone[0])


def test_a_log_is_queued_whole_or_not_at_all(path):
    spool = open_spool(path, WHO, CLOCK)
    too_large = Log(log_id="0" * 32, name="x", size_bytes=1, error=os.urandom(300_000).hex())

    with pytest.raises(ValueError, match="exceeds"):
        spool.add([(1, Ping()), (1, too_large)])

    spool.add([(1, Ping())])
    assert [decode(payload).header.seq for payload in payloads(spool)] == [1]


def test_a_damaged_file_is_set_aside_and_reported(path):
    path.write_bytes(b"not a database" * 1000)

    spool = open_spool(path, WHO, CLOCK)

    (report,) = (decode(payload).message for payload in payloads(spool))
    assert isinstance(report, Damage)
    assert "not a database" in report.detail
    assert len(list(path.parent.glob("spool.sqlite.damaged-*"))) == 1


ADDS_AND_DIES = """
import os, signal, sys
from pathlib import Path
from windsock.agent.clock import system_clock
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.protocol.messages import Ping
spool = open_spool(Path(sys.argv[1]), Identity("station-7", "0"), system_clock())
for number in range(50):
    spool.add([(1, Ping())])
    print(number + 1, flush=True)
    if number == 20:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_added_survives_a_kill(path):
    killed = subprocess.run([sys.executable, "-c", ADDS_AND_DIES, path], capture_output=True,
                            check=False)  # fmt: skip
    assert killed.returncode == -signal.SIGKILL

    spool = open_spool(path, WHO, CLOCK)

    said = int(killed.stdout.split()[-1])
    assert spool.depth()[0] == said == 21


def test_two_processes_share_a_spool(path):
    one, two = open_spool(path, WHO, CLOCK), open_spool(path, WHO, CLOCK)
    one.add([(1, Ping())])
    two.add([(1, Ping())])

    assert len({decode(payload).header.key for payload in payloads(one)}) == 2


def test_it_is_on_disk_before_it_answers(path):
    """SQLite's FULL (2) syncs the write-ahead log at every commit."""
    spool = open_spool(path, WHO, CLOCK)

    assert spool._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert spool._database.execute("PRAGMA synchronous").fetchone() == (2,)
