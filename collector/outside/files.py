"""Files of facts, and which facts they hold by their names."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from windsock.collector.outside.imports import Taken, is_known
from windsock.collector.outside.reading import MOST_BYTES
from windsock.collector.outside.take import KINDS, take
from windsock.collector.roster.sheet import RosterError

Stamp = tuple[int, int]
_ENDINGS: Final = (".csv", ".json", ".jsonl")


class Found(NamedTuple):
    """A file in the folder, and of which kind its facts are; None: its name doesn't say."""

    path: Path
    kind: str | None


def stamp(path: Path) -> Stamp:
    """What changes when a file does; a missing one is said so by who reads it."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def content(path: Path) -> bytes:
    """What is in *path*, and no more of it than is needed to see that it is too much."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def take_file(
    ledger: sqlite3.Connection, kind: str, path: Path, now_us: int, *, again: bool = False
) -> Taken | None:
    """Take in the file at *path*; None: the ledger has it so, unless *again*."""
    try:
        data = content(path)
    except OSError as error:
        wrong = RosterError(str(path), 0, "", error.strerror or str(error))
        return Taken(kind, 0, 0, [wrong])
    if not again and is_known(ledger, kind, str(path), data):
        return None
    return take(ledger, kind, data, str(path), now_us)


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
