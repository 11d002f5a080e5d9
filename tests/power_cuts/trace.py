"""What a process did to its files, and what a disk may hold if the power goes in between.

The model is that of a journalling file system with a write cache. What was synced is there. Of
what was written since, any sectors of 512 bytes may be there and any may not, in whatever order
they were written. Names are made, changed and removed in their order, up to some moment; a synced
folder, or a synced new file, has come at least so far.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

CREATE, WRITE, TRUNCATE, SYNC, RENAME, UNLINK = range(1, 7)
SECTOR = 512
_HEAD = struct.Struct("<IIqq")
FORGOTTEN = ("-shm",)
"""Never on a disk for good: SQLite makes the index of its log anew."""


class Op(NamedTuple):
    kind: int
    path: str
    offset: int
    data: bytes


def parsed(trace):
    """The operations in the shim's *trace*."""
    at, ops = 0, []
    while at < len(trace):
        kind, path_length, offset, length = _HEAD.unpack_from(trace, at)
        at += _HEAD.size
        path = trace[at : at + path_length].decode()
        at += path_length
        ops.append(Op(kind, path, offset, trace[at : at + length]))
        at += length
    return [op for op in ops if not op.path.endswith(FORGOTTEN)]


@dataclass
class File:
    """One file: what the disk surely has, and what it may have."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Op] = field(default_factory=list)

    def sync(self):
        for op in self.pending:
            _apply(self.durable, op)
        self.pending = []

    def after_cut(self, chance, random):
        """Its bytes if each sector written since the last sync is there with *chance*."""
        content = bytearray(self.durable)
        for op in self.pending:
            for part in _sectors(op):
                if random.random() < chance:
                    _apply(content, part)
        return bytes(content)


@dataclass
class Disk:
    """The files below one folder while a trace is played."""

    names: dict[str, File] = field(default_factory=dict)
    """As they are on the disk for sure."""
    pending: list[tuple[Op, File | None]] = field(default_factory=list)
    _now: dict[str, File] = field(default_factory=dict)

    def play(self, op):
        """One operation more."""
        if op.kind in (WRITE, TRUNCATE):
            self._now[op.path].pending.append(op)
        elif op.kind == SYNC:
            self._sync(op.path)
        else:
            file = File() if op.kind == CREATE else None
            self.pending.append((op, file))
            _rename(self._now, op, file)

    def after_cut(self, random):
        """Path and bytes of what a power cut now may leave."""
        names = dict(self.names)
        for op, file in self.pending[: random.randint(0, len(self.pending))]:
            _rename(names, op, file)
        chance = random.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        return {path: file.after_cut(chance, random) for path, file in names.items()}

    def _sync(self, path):
        synced, upto = self._now.get(path), len(self.pending)
        if synced is not None:
            synced.sync()
            made = [at for at, (_, file) in enumerate(self.pending, 1) if file is synced]
            upto = made[0] if made else 0
        for op, file in self.pending[:upto]:
            _rename(self.names, op, file)
        self.pending = self.pending[upto:]


def write_image(files, source, target):
    """Lay out *files*, which were below *source*, below *target*."""
    for path, content in files.items():
        copy = target / Path(path).relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)


def _rename(names, op, file):
    if op.kind == CREATE:
        names[op.path] = file
    elif op.kind == RENAME and op.path in names:
        names[op.data.decode()] = names.pop(op.path)
    elif op.kind == UNLINK:
        names.pop(op.path, None)


def _apply(content, op):
    if op.kind == TRUNCATE:
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
        return
    content.extend(bytes(max(0, op.offset - len(content))))
    content[op.offset : op.offset + len(op.data)] = op.data


def _sectors(op):
    """A write in pieces that a disk writes whole."""
    if op.kind == TRUNCATE:
        yield op
        return
    at = 0
    while at < len(op.data):
        size = SECTOR - (op.offset + at) % SECTOR
        yield op._replace(offset=op.offset + at, data=op.data[at : at + size])
        at += size
