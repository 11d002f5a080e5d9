"""Logs on their way from drones: files in the state folder, and what is known of them.

In the catalogue's database, apart from the spool: a damaged spool downloads nothing again. What
was received is noted within a second, after the bytes are on the disk, so a power cut costs that
second. Files on the station are deleted by `Budget`, oldest first and only once they are queued;
on the drone nothing is ever deleted.
"""

import json
import shutil
import sqlite3
import zlib
from pathlib import Path
from typing import Final, NamedTuple

from windsock.agent.catalogue_file import CATALOGUE, connect
from windsock.agent.clock import Clock
from windsock.agent.download.listing import LogFile, same
from windsock.agent.download.ranges import Ranges
from windsock.agent.drones.partfile import PartFile, log_id_of

PART, WHOLE, QUEUED, DELETED = "part", "whole", "queued", "deleted"
_HERE: Final = (WHOLE, QUEUED, DELETED)
"""A disk that changes a letter makes none of these."""
_MB: Final = 1_000_000


class Budget(NamedTuple):
    """What downloaded logs may take of the disk, in megabytes."""

    keep_mb: float = 2000.0
    """Of logs on the station in all."""
    free_mb: float = 500.0
    """That stay free for everything else."""


class Finished(NamedTuple):
    """A log that is here whole."""

    id: int
    drone_uid: str
    file: Path


class Downloads:
    """The table and the folder. One connection, of one thread."""

    def __init__(self, state: Path, budget: Budget, clock: Clock) -> None:
        self._folder = state / "downloads"
        self._budget = budget
        self._clock = clock
        self._database = connect(state / CATALOGUE)

    def whole(self) -> list[Finished]:
        """Logs to be queued; those whose spool was lost are among them again."""
        rows = self._database.execute(
            "SELECT id, drone_uid, file FROM downloads WHERE state = ? ORDER BY id DESC", (WHOLE,)
        )
        return [Finished(id_, uid, self._folder / file) for id_, uid, file in rows]

    def queued(self, id_: int) -> None:
        """A log is in the spool: its file may go when room is needed."""
        self._set(id_, state=QUEUED)

    def queue_again(self) -> None:
        """The spool was lost."""
        with self._database:
            self._database.execute(
                "UPDATE downloads SET state = ? WHERE state = ?", (WHOLE, QUEUED)
            )

    def reconcile(self) -> None:
        """Files of which the database knows less: whole ones are queued, the rest goes.

        The database was lost, or the power was, between a file's new name and the note of it.
        """
        files = [file for file in self._folder.glob("*/*") if file.is_file()]
        # Asked afterwards: what a port's thread begins meanwhile is noted before it is a file.
        rows = self._database.execute("SELECT file, id, state FROM downloads").fetchall()
        known = {file: (id_, state) for file, id_, state in rows}
        for file in files:
            name = str(file.relative_to(self._folder)).removesuffix(".part")
            id_, state = known.get(name, (None, None))
            if file.suffix == ".part":
                if id_ is None:
                    file.unlink()
            elif id_ is None:
                self._adopt(file, name)
            elif state == PART:
                self.complete(id_, log_id_of(file))

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def shelf(self, drone_uid: str) -> "DiskShelf":
        """Where this drone's logs go."""
        return DiskShelf(self, drone_uid)

    def rows(self, drone_uid: str) -> list[sqlite3.Row]:
        """All that is known of a drone's logs."""
        self._database.row_factory = sqlite3.Row
        found = self._database.execute(
            "SELECT * FROM downloads WHERE drone_uid = ? ORDER BY id DESC", (drone_uid,)
        ).fetchall()
        self._database.row_factory = None
        return found

    def begin(self, drone_uid: str, log: LogFile) -> int:
        """Note a new download; its id."""
        with self._database:
            cursor = self._database.execute(
                "INSERT INTO downloads (drone_uid, path, size, time_s, changed_us)"
                " VALUES (?, ?, ?, ?, ?)",
                (drone_uid, log.path, log.size, log.time_s, self._clock.wall_us()),
            )
            id_ = int(cursor.lastrowid or 0)
        self._set(id_, file=f"{_folder_name(drone_uid)}/{id_}-{_file_name(log)}")
        return id_

    def note(self, id_: int, size: int, ranges: Ranges) -> None:
        """So much of a part is on the disk."""
        self._set(id_, size=size, ranges=_written(ranges))

    def complete(self, id_: int, log_id: str) -> None:
        """All of it is there, and this is its name."""
        self._set(id_, state=WHOLE, ranges="", log_id=log_id)

    def part_file(self, id_: int, size: int, ranges: Ranges) -> PartFile:
        """The bytes of a download that was begun."""
        (name,) = self._database.execute(
            "SELECT file FROM downloads WHERE id = ?", (id_,)
        ).fetchone()
        return PartFile(self, id_, self._folder / name, size, ranges)

    def make_room(self, size: int) -> bool:
        """Delete queued logs until *size* more bytes fit; False where they don't."""
        self._folder.mkdir(parents=True, exist_ok=True)
        held = self._held()
        for id_, file in self._oldest_queued():
            if self._fits(held, size):
                break
            path = self._folder / file
            held -= path.stat().st_size if path.exists() else 0
            path.unlink(missing_ok=True)
            self._set(id_, state=DELETED)
        return self._fits(held, size)

    def now_us(self) -> int:
        """The station's monotonic clock."""
        return self._clock.monotonic_us()

    def _adopt(self, file: Path, name: str) -> None:
        uid = file.parent.name.replace("-", ":", 1)
        id_ = self.begin(uid, LogFile(file.stat().st_size))
        self._set(id_, state=WHOLE, file=name)

    def _fits(self, held: int, size: int) -> bool:
        free = shutil.disk_usage(self._folder).free
        budget = self._budget
        return held + size <= budget.keep_mb * _MB and free - size >= budget.free_mb * _MB

    def _held(self) -> int:
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())

    def _oldest_queued(self) -> list[tuple[int, str]]:
        return self._database.execute(
            "SELECT id, file FROM downloads WHERE state = ? ORDER BY changed_us", (QUEUED,)
        ).fetchall()

    def _set(self, id_: int, **columns: str | int) -> None:
        values = {**columns, "changed_us": self._clock.wall_us()}
        assignments = ", ".join(f"{name} = ?" for name in values)
        with self._database:
            self._database.execute(
                f"UPDATE downloads SET {assignments} WHERE id = ?",  # noqa: S608 - names of ours
                (*values.values(), id_),
            )


class DiskShelf:
    """One drone's logs on the disk (`download.shelf.Shelf`)."""

    def __init__(self, downloads: Downloads, drone_uid: str) -> None:
        self._downloads = downloads
        self._drone_uid = drone_uid
        self._open: dict[int, PartFile] = {}

    def wants(self, log: LogFile) -> bool:
        """Whether it is not here yet."""
        return not any(
            row["state"] in _HERE and row["size"] == log.size and same(_listed(row), log)
            for row in self._downloads.rows(self._drone_uid)
        )

    def part(self, log: LogFile) -> PartFile | None:
        """What there is of *log*; None where it is here already or there is no room for it."""
        if not self.wants(log):
            return None
        for row in self._downloads.rows(self._drone_uid):
            if row["state"] == PART and same(_listed(row), log):
                return self._resumed(row, log)
        if not self._downloads.make_room(log.size):
            return None
        return self._opened(self._downloads.begin(self._drone_uid, log), log.size, Ranges())

    def commit(self) -> None:
        """Note what was received since the last time."""
        for part in self._open.values():
            part.commit()

    def close(self) -> None:
        """Note all of it, and let go of the files."""
        self.commit()
        for part in self._open.values():
            part.close()
        self._open = {}

    def _resumed(self, row: sqlite3.Row, log: LogFile) -> PartFile | None:
        if not self._downloads.make_room(log.size - row["size"]):
            return None
        part = self._opened(row["id"], row["size"], _ranges(row["ranges"]))
        if log.size > part.size:
            part.grow(log.size)
        elif log.size < part.size:
            part.shrink(log.size)
        return part

    def _opened(self, id_: int, size: int, ranges: Ranges) -> PartFile:
        if id_ not in self._open:
            self.close()
            self._open = {id_: self._downloads.part_file(id_, size, ranges)}
        return self._open[id_]


def _written(ranges: Ranges) -> str:
    """With a checksum: a disk that changes a digit would have us skip bytes we never got."""
    text = json.dumps(list(ranges))
    return f"{zlib.crc32(text.encode()):08x} {text}"


def _ranges(text: str) -> Ranges:
    """As they were noted; else none, and the log is fetched anew."""
    checksum, _, spans = text.partition(" ")
    sound = checksum == f"{zlib.crc32(spans.encode()):08x}"
    return Ranges(json.loads(spans)) if sound else Ranges()


def _listed(row: sqlite3.Row) -> LogFile:
    """The log as it was listed when its download began."""
    return LogFile(row["size"], row["path"], None, row["time_s"])


def _folder_name(drone_uid: str) -> str:
    return drone_uid.replace(":", "-")


def _file_name(log: LogFile) -> str:
    """Ours to write whatever the drone calls it, with the suffix that says what it is."""
    clean = "".join(c if c.isalnum() or c in "._-" else "_" for c in log.name)[-64:]
    return clean.lstrip(".") or "log"
