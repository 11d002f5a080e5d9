"""Downloads on the disk: durable within a second, resumed at the byte, kept within a budget."""

import hashlib
import zlib
from pathlib import Path

import pytest

from windsock.agent.clock import Clock
from windsock.agent.download.listing import LogFile
from windsock.agent.drones.downloads import Budget, Downloads
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.stores import open_stores

UID = "px4:0011"
DATA = bytes(range(256)) * 40
LOG = LogFile(len(DATA), "/log/2026-11-23/19_52_03.ulg", 4, 1_795_000_000)
ROOM = Budget(100, 0)


class Disk:
    def __init__(self, folder, budget=ROOM):
        self.folder, self.budget, self.now_us = folder, budget, 0
        self.shelf = None
        self.clock = Clock(lambda: 10**15 + self.now_us, lambda: self.now_us, "boot")
        self.start()

    def start(self):
        """As after a kill: whatever wasn't noted is lost."""
        for part in self.shelf._open.values() if self.shelf else ():
            part.close()
        self.downloads = Downloads(self.folder, self.budget, self.clock)
        self.shelf = self.downloads.shelf(UID)

    def fetch(self, log, data):
        part = self.shelf.part(log)
        part.write(0, data)
        part.finish()
        return part


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path)


def test_a_whole_log_is_handed_on_and_never_fetched_again(disk):
    disk.fetch(LOG, DATA)

    (whole,) = disk.downloads.whole()
    assert whole.file.read_bytes() == DATA
    assert whole.file.name.endswith("19_52_03.ulg")
    assert disk.downloads.rows(UID)[0]["log_id"] == hashlib.sha256(DATA).hexdigest()[:32]
    for log in (LOG, LOG._replace(path=None, log_id=9), LOG._replace(time_s=0)):
        assert disk.shelf.part(log) is None
    disk.downloads.queued(whole.id)
    assert disk.downloads.whole() == []
    assert disk.shelf.part(LOG) is None


@pytest.mark.parametrize("other", [
    LOG._replace(path="/log/2026-11-23/20_00_00.ulg"),
    LOG._replace(size=LOG.size + 1),
    LOG._replace(path=None, time_s=LOG.time_s + 60),
])  # fmt: skip
def test_another_log_is_another_one(disk, other):
    disk.fetch(LOG, DATA)

    assert disk.shelf.part(other).ranges.total == 0
    assert disk.downloads.shelf("ap:22").part(LOG).ranges.total == 0


def test_a_second_at_most_is_lost_with_the_process(disk):
    part = disk.shelf.part(LOG)
    part.write(0, DATA[:1000])
    disk.now_us += 1_000_000
    part.write(3000, DATA[3000:4000])
    disk.now_us += 999_999
    part.write(1000, DATA[1000:2000])
    disk.start()

    again = disk.shelf.part(LOG)
    assert list(again.ranges) == [(0, 1000), (3000, 4000)]
    assert again.read(3000, 1000) == DATA[3000:4000]
    for start, end in list(again.ranges.missing(again.size)):
        again.write(start, DATA[start:end])
    assert again.crc32() == zlib.crc32(DATA, 0xFFFFFFFF) ^ 0xFFFFFFFF
    again.finish()
    (whole,) = disk.downloads.whole()
    assert whole.file.read_bytes() == DATA


def test_nothing_is_believed_of_a_part_whose_file_is_gone(disk):
    disk.shelf.part(LOG).write(0, DATA[:1000])
    disk.shelf.close()
    next(disk.folder.rglob("*.part")).unlink()
    disk.start()

    assert disk.shelf.part(LOG).ranges.total == 0


def test_a_log_that_grew_goes_on_and_one_that_shrank_begins_anew(disk):
    part = disk.shelf.part(LOG)
    part.write(0, DATA[:1000])
    disk.shelf.commit()
    disk.start()
    grown = disk.shelf.part(LOG._replace(size=len(DATA) + 500))
    assert (grown.size, grown.ranges.total) == (len(DATA) + 500, 1000)
    shrunk = disk.shelf.part(LOG._replace(size=900))
    assert (shrunk.size, shrunk.ranges.total) == (900, 0)
    shrunk.write(0, bytes(900))
    shrunk.finish()
    assert disk.downloads.whole()[0].file.read_bytes() == bytes(900)


def test_the_oldest_queued_logs_make_room_and_no_others(tmp_path):
    disk = Disk(tmp_path, Budget(keep_mb=0.03, free_mb=0))
    logs = [LogFile(len(DATA), f"/log/{number}.ulg") for number in range(4)]
    for log in logs[:2]:
        disk.now_us += 1
        disk.fetch(log, DATA)
    assert disk.shelf.part(logs[2]) is None, "both wait to be queued"
    oldest, newest = reversed(disk.downloads.whole())
    for one in (oldest, newest):
        disk.now_us += 1
        disk.downloads.queued(one.id)

    disk.fetch(logs[2], DATA)
    assert not oldest.file.exists()
    assert newest.file.exists()
    assert disk.shelf.part(logs[0]) is None, "deleted here is not wanted again"


def test_the_disk_is_not_filled(tmp_path):
    disk = Disk(tmp_path, Budget(keep_mb=1000, free_mb=1e9))
    assert disk.shelf.part(LOG) is None


def test_a_lost_database_fetches_no_whole_log_again(disk):
    disk.fetch(LOG, DATA)
    disk.shelf.part(LOG._replace(path="/log/other.ulg", size=77))
    for file in disk.folder.glob("catalogue*"):
        file.unlink()
    disk.start()
    disk.downloads.reconcile()

    (whole,) = disk.downloads.whole()
    assert (whole.drone_uid, whole.file.read_bytes()) == (UID, DATA)
    assert disk.shelf.part(LOG) is None
    assert list(disk.folder.rglob("*.part")) == []


def test_with_a_lost_spool_what_is_still_here_is_queued_again(tmp_path):
    disk = Disk(tmp_path)
    disk.fetch(LOG, DATA)
    disk.downloads.queued(disk.downloads.whole()[0].id)
    (tmp_path / "spool.sqlite").write_bytes(b"damaged!" * 1000)
    for store in open_stores(Settings(agent="a", state=tmp_path), Identity("a", "0"), disk.clock):
        store.close()

    assert len(disk.downloads.whole()) == 1


def test_a_name_from_a_drone_stays_in_its_folder(disk):
    for name in ("../../etc/passwd.bin", "..", "a b\0c.ulg", ".hidden.ulg"):
        part = disk.shelf.part(LogFile(10, f"/log/x/{name}"))
        part.write(0, bytes(10))
        part.finish()
    files = [Path(one.file) for one in disk.downloads.whole()]
    assert len(files) == 4
    assert {file.parent for file in files} == {disk.folder / "downloads" / "px4-0011"}
