"""Fixed-size records gathered from anywhere in a buffer, and shown as columns."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Mask = NDArray[np.bool_]
_WORTH_WHOLE = 64  # items a part, so that parts are copied faster than single items
Place = tuple[np.dtype[Any], int]  # type of a field, and its offset in the record


def at_every_byte(buffer: Bytes, dtype: DTypeLike) -> NDArray[Any]:
    """View `buffer` as overlapping items, one starting at each byte that has room for it."""
    item = np.dtype(dtype)
    count = max(len(buffer) - item.itemsize + 1, 0)
    return np.ndarray((count,), item, buffer if count else b"", strides=(1,))


def sifted(kept: Mask, *columns: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return of each column the items that are kept: in whole parts where few are not."""
    gone = np.flatnonzero(~kept)
    if not len(gone):
        return columns
    if len(gone) * _WORTH_WHOLE > len(kept):
        return tuple(column[kept] for column in columns)
    firsts, stops = [0, *(gone + 1).tolist()], [*gone.tolist(), len(kept)]
    parts = [slice(*one) for one in zip(firsts, stops, strict=True)]
    return tuple(np.concatenate([column[part] for part in parts]) for column in columns)


def gather(buffer: Bytes, starts: Offsets, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Copy the records that begin at `starts`, shape (n,) of `dtype`, read-only."""
    if not len(starts):
        return np.empty(0, dtype)
    opaque = at_every_byte(buffer, f"V{dtype.itemsize}")  # copies whole items, not field by field
    records = opaque[starts].view(dtype)
    records.flags.writeable = False
    return records


def place_of(dtype: np.dtype[Any], name: str) -> Place | None:
    """Return type and byte offset of a field, or None where the records have no such field."""
    if name not in (dtype.names or ()) or dtype.fields is None:
        return None
    kind, offset = dtype.fields[name][:2]
    return kind, offset


def column_of(
    fields: Mapping[str, NDArray[Any]], name: str, kinds: str = "iuf"
) -> NDArray[Any] | None:
    """Return a column if it is there, of numpy's `kinds`, and one value a row.

    A damaged definition can turn a number into text, and text into a number.
    """
    column = fields.get(name)
    return (
        column if column is not None and column.dtype.kind in kinds and column.ndim == 1 else None
    )


class Columns(Mapping[str, NDArray[Any]]):
    """The fields of records by name: integers with a scale become float64 when they are asked for.

    `divisors` holds field -> number to divide by. Character fields end at their first NUL, except
    those in `binary`.
    """

    __slots__ = ("_binary", "_divisors", "_records")

    def __init__(
        self,
        records: NDArray[Any],
        divisors: Mapping[str, float] | None = None,
        binary: frozenset[str] = frozenset(),
    ) -> None:
        self._records = records
        self._divisors = divisors or {}
        self._binary = binary

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self:
            raise KeyError(name)
        column: NDArray[Any] = self._records[name]
        divisor = self._divisors.get(name)
        if divisor is not None:
            column = column / divisor
        elif column.dtype.kind == "S" and name not in self._binary:
            column = _cut_at_nul(column)
        return column

    def __contains__(self, name: object) -> bool:
        return name in (self._records.dtype.fields or {})

    def __iter__(self) -> Iterator[str]:
        return iter(self._records.dtype.names or ())

    def __len__(self) -> int:
        return len(self._records.dtype.names or ())


def _cut_at_nul(column: NDArray[Any]) -> NDArray[Any]:
    """Blank what follows the first NUL of each string: firmware leaves old bytes there."""
    text = np.ascontiguousarray(column)
    letters = text.view(np.uint8).reshape(len(text), -1)
    ended = np.logical_or.accumulate(letters == 0, axis=1)
    whole: NDArray[Any] = np.where(ended, 0, letters).astype(np.uint8)
    return whole.reshape(-1).view(column.dtype)
