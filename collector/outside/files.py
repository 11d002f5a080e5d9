"""Files of facts, and which facts they hold by their names."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from windsock.collector.outside.imports import Taken, is_known
from windsock.collector.outside.reading import MOST_BYTES
from windsock.collector.outside.take import KINDS, take
from windsock.collector.roster.sheet import RosterError

Stamp = tuple[int, int, int]
_ENDINGS: Final = (".csv", ".json", ".jsonl")


class Found(NamedTuple):
    """A file in the folder, and of which kind its facts are; None: its name doesn't say."""

    path: Path
    kind: str | None


def stamp(path: Path) -> Stamp:
    """What changes when a file does, or who may read it; a missing one is said by who reads it."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0, 0
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def source_of(path: Path) -> str:
    r"""*path* as text, whatever bytes its name has: ``M\xfcller.csv``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def content(path: Path) -> bytes:
    """What is in *path*, and no more of it than is needed to see that it is too much."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def unreadable(kind: str, path: Path, error: OSError) -> Taken:
    """Nothing of *path*, and why; not noted, so that it is taken once it can be read."""
    wrong = RosterError(source_of(path), 0, "", error.strerror or str(error))
    return Taken(kind, 0, 0, [wrong])


def take_file(
    ledger: sqlite3.Connection, kind: str, path: Path, now_us: int, *, again: bool = False
) -> Taken | None:
    """Take in the file at *path*; None: the ledger has it so, unless *again*."""
    try:
        data = content(path)
    except OSError as error:
        return unreadable(kind, path, error)
    source = source_of(path)
    if not again and is_known(ledger, kind, source, data):
        return None
    return take(ledger, kind, data, source, now_us)


def files_in(folder: Path) -> Iterator[Found]:
    """Its files of facts, kinds in the order in which they are best taken, then by name."""
    order = [*KINDS, None]
    found = [Found(path, _kind(path)) for path in folder.iterdir() if _is_meant(path)]
    yield from sorted(found, key=lambda one: (order.index(one.kind), one.path.name))


def _is_meant(path: Path) -> bool:
    hidden = path.name.startswith((".", "~"))
    return not hidden and path.suffix.lower() in _ENDINGS and path.is_file()


def _kind(path: Path) -> str | None:
    """``tickets.csv`` and ``tickets-2026-05.json`` hold tickets."""
    stem = path.stem.lower()
    return next(
        (kind for kind in KINDS if stem.startswith(kind) and not stem[len(kind) :][:1].isalpha()),
        None,
    )
