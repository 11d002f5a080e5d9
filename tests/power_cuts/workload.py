"""A station at work, under the shim: ``python -m tests.power_cuts.workload STATE SEED``.

The agent's own spool, catalogue and downloads; now and then with a spool that is too small. What
it was promised it writes into ``marks``, in the same trace: ``stored DIGEST`` once `add` returned,
``removing`` and ``removed`` or ``kept``, ``noted START END`` once so much of a download was
committed, ``whole`` once it is there.
"""

import logging
import os
import random
import sys
from pathlib import Path

from windsock.agent.clock import Clock
from windsock.agent.download.listing import LogFile
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.stores import open_downloads, open_stores
from windsock.protocol.acks import STORED, Ack
from windsock.protocol.envelope import digest
from windsock.protocol.messages import Log

CLOCK = Clock(lambda: 1_795_467_600_000_000, lambda: 5_000_000, "boot")
WHO = Identity("station-7", "0.1.0")
UID = "ap:0011"
SIZE = 30_000
ROUNDS = 40


def content(number):
    """The bytes of a drone's log."""
    return random.Random(number).randbytes(SIZE)


def listed(number):
    """As the drone lists it."""
    return LogFile(SIZE, f"/log/{number:08}.BIN", None, 1_795_000_000 + number)


class Station:
    """One process on the state folder."""

    def __init__(self, state, random):
        self.random = random
        self.settings = Settings(agent=WHO.agent, state=state)
        self.marks = os.open(state / "marks", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.number = 0
        self.limited = self.random.random() < 0.4
        self.start()

    def start(self):
        self.spool, self.catalogue = open_stores(self.settings, WHO, CLOCK)
        if self.limited:
            self.spool.max_bytes = 30_000
        self.downloads = open_downloads(self.settings, CLOCK)
        self.shelf = self.downloads.shelf(UID)
        for store in (self.spool, self.catalogue, self.downloads):
            pages = self.random.choice((4, 16, 1000))
            store._database.execute(f"PRAGMA wal_autocheckpoint = {pages}")

    def restart(self):
        """As `systemctl restart`: the last connection folds the write-ahead log in."""
        self.shelf.close()
        for store in (self.spool, self.catalogue, self.downloads):
            store.close()
        self.start()

    def mark(self, *words):
        os.write(self.marks, (" ".join(map(str, words)) + "\n").encode())

    def queue(self):
        """A log of some flights: spool first, then the catalogue."""
        count = self.random.randint(1, 4)
        sizes = [self.random.choice((20, 300, 900)) for _ in range(count)]
        before = self.waiting() if self.limited else {}
        for one in before.values():
            self.mark("removing", one)  # any of them may be what goes for want of room
        known = self.spool.head(10**6)
        self.spool.add([(self.random.randrange(4), self.log(size)) for size in sizes])
        after = self.waiting()
        for batch, one in after.items():
            if batch not in known:
                self.mark("stored", one)
        for batch, one in before.items():
            self.mark("kept" if batch in after else "removed", one)
        self.catalogue.remember(f"{self.random.getrandbits(128):032x}", 1, UID, 0)

    def waiting(self):
        """Digests by id."""
        batches = self.spool.head(10**6)
        return {batch: digest(self.spool.payload(batch)).hex() for batch in batches}

    def log(self, size):
        self.number += 1
        text = self.random.randbytes(size // 2).hex()
        return Log(log_id=f"{self.number:032x}", name="x", size_bytes=1, error=text)

    def acknowledge(self):
        head = self.spool.head(self.random.randint(1, 6))
        digests = [digest(self.spool.payload(batch)) for batch in head]
        for one in digests:
            self.mark("removing", one.hex())
        self.spool.remove([Ack(one, STORED) for one in digests])
        for one in digests:
            self.mark("removed", one.hex())

    def fetch(self):
        """Some of the first log that isn't here yet, as it comes over a link."""
        number = next(n for n in range(100) if self.shelf.wants(listed(n)))
        part = self.shelf.part(listed(number))
        data = content(number)
        for _ in range(self.random.randint(1, 8)):
            start = self.random.randrange(0, SIZE, 90)
            part.write(start, data[start : start + self.random.choice((90, 239, 4000))])
        part.commit()
        for start, end in part.ranges:
            self.mark("noted", number, start, end)
        if self.random.random() < 0.3:
            for start, end in list(part.ranges.missing(SIZE)):
                part.write(start, data[start:end])
            part.finish()
            self.mark("whole", number)


def main():
    logging.disable()  # that a spool is full is no news here
    state, seed = Path(sys.argv[1]), int(sys.argv[2])
    station = Station(state, random.Random(seed))
    turns = (station.queue, station.queue, station.acknowledge, station.fetch, station.fetch)
    for _ in range(ROUNDS):
        station.random.choice(turns)()
        if station.random.random() < 0.05:
            station.restart()
    os._exit(0)  # killed, as far as the files are concerned: the write-ahead logs stay


if __name__ == "__main__":
    main()
