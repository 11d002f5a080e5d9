"""An autopilot's rows of one table, packed into a blob, and many such blobs as columns. Pure.

What is packed depends on the rows of that table and on nothing else: whose drone it was, what
counts and what time it is are decided when it is read (docs/decisions/0012).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt

from windsock.collector.fleet.arrays import Index

WORD: Final = "word"
"""The last field of rows that name something: which of the blob's words it is."""


class Packing(NamedTuple):
    """How the rows of one table are packed."""

    source: str
    """That table."""
    query: str
    """Rows of autopilots :uids, JSON: the autopilot, then the fields; of one after the other."""
    fields: Sequence[tuple[str, str]]

    @property
    def speaks(self) -> bool:
        """Its rows end in a word."""
        return self.fields[-1][0] == WORD

    @property
    def layout(self) -> np.dtype[np.void]:
        """Of a packed row."""
        return np.dtype(list(self.fields))

    @property
    def made_by(self) -> int:
        """Differs where another program packs otherwise."""
        return crc32(f"{self.query}{self.layout.descr}".encode())


class Pack(NamedTuple):
    """The rows of one autopilot."""

    words: str
    """JSON list of those that its rows name, each once."""
    rows: bytes

    def digest(self, drone_uid: str) -> int:
        """By which damage shows."""
        return crc32(self.rows, crc32(f"{drone_uid}\n{self.words}".encode()))

    def is_whole(self, drone_uid: str, digest: int) -> bool:
        """As it was when *digest* was made; damage can make one kind of value another."""
        kinds = isinstance(self.words, str) and isinstance(self.rows, bytes)
        return kinds and self.digest(drone_uid) == digest


NOTHING: Final = Pack("[]", b"")


Rows = npt.NDArray[np.void]
"""Fields as a `Packing` has them."""


class Columns(NamedTuple):
    """m rows of k autopilots, those of one after the other."""

    rows: Rows
    """(m,) `WORD` counts through `words`."""
    edges: npt.NDArray[np.intp]
    """(k + 1,) where the rows of each autopilot begin."""
    words: list[str]

    @property
    def autopilot(self) -> npt.NDArray[np.intp]:
        """(m,) whose each row is."""
        return np.repeat(np.arange(len(self.edges) - 1), np.diff(self.edges))


def pack(packing: Packing, rows: Iterable[Sequence[Any]]) -> Pack:
    """*rows* of one autopilot as the query has them."""
    words: dict[str, int] = {}
    if packing.speaks:
        packed = [(*row[1:-1], words.setdefault(row[-1], len(words))) for row in rows]
    else:
        packed = [tuple(row[1:]) for row in rows]
    return Pack(_json(list(words)), np.array(packed, packing.layout).tobytes())


def unpack(packing: Packing, packs: Sequence[Pack]) -> Columns:
    """What is in *packs*, as one."""
    layout = packing.layout
    rows = np.frombuffer(bytearray().join(one.rows for one in packs), layout)
    sizes = [len(one.rows) // layout.itemsize for one in packs]
    words = _spoken(rows, sizes, packs) if packing.speaks else []
    return Columns(rows, _begins(sizes), words)


def _spoken(rows: Rows, sizes: Sequence[int], packs: Sequence[Pack]) -> list[str]:
    """Their words, each once, and in *rows* which of those it is."""
    said = [msgspec.json.decode(one.words, type=list[str]) for one in packs]
    place: dict[str, int] = {}
    code = [place.setdefault(word, len(place)) for of_one in said for word in of_one]
    begins = _begins(map(len, said))
    rows[WORD] = np.array(code, np.int32)[rows[WORD] + np.repeat(begins[:-1], sizes)]
    return list(place)


class Claims(NamedTuple):
    """c times that an autopilot was in a drone, half-open."""

    autopilot: Index
    drone: Index
    from_us: npt.NDArray[np.int64]
    until_us: npt.NDArray[np.int64]


Claimed = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
"""Drones, and rows that were theirs."""


def claimed(columns: Columns, claims: Claims, at_us: npt.NDArray[np.int64]) -> Claimed:
    """(drone, row) for each row that, at its *at_us* (m,), was within one of *claims*."""
    first, end = columns.edges[claims.autopilot], columns.edges[claims.autopilot + 1]
    claim = np.repeat(np.arange(len(first)), end - first)
    begins = _begins(end - first)[:-1]
    row = np.arange(len(claim)) + np.repeat(first - begins, end - first)
    within = (at_us[row] >= claims.from_us[claim]) & (at_us[row] < claims.until_us[claim])
    return claims.drone[claim[within]].astype(np.intp), row[within]


def _begins(sizes: Iterable[int]) -> npt.NDArray[np.intp]:
    """Where parts of these sizes begin, and the end of the last one."""
    return np.concatenate([[0], np.cumsum(list(sizes), dtype=np.intp)]).astype(np.intp)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
