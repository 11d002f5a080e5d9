"""The messages of one table, gathered piece by piece."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.preferences import Preferences, Preferred
from windsock.agent.logs.records import Bytes, Offsets, at_every_byte


class Wanted(NamedTuple):
    """Fields to keep by table, None for all of them; None alone for all tables.

    Of each list in `preferred` only what is best of a log has to be kept.
    """

    fields: Mapping[str, Collection[str] | None] | None = None
    preferred: Preferred = ()

    def has(self, table: str) -> bool:
        """Whether a table is wanted."""
        return self.fields is None or table in self.fields

    def fields_of(self, table: str) -> Collection[str] | None:
        """Return which fields of a wanted table to keep, None for all."""
        return None if self.fields is None else self.fields[table]

    def preferences(self) -> Preferences:
        """Return what can be left out as better comes."""
        fields = {table: names or () for table, names in (self.fields or {}).items()}
        return Preferences(self.preferred if self.fields else (), fields)


_ROOM_TO_SPARE = 1.05
_WORTH_HUGE_PAGES, _HUGE_FROM = 1 << 19, 1 << 22  # bytes


class Growing:
    """An array that grows at its end, with room for what the rest of the file may bring.

    Room costs nothing until it is used, moving everything to a larger place does. With `roomy` it
    is taken in huge pages, which numpy asks for from 4 MB on: much faster to fill, but up to two
    megabytes more.
    """

    __slots__ = ("_items", "_roomy", "count")

    def __init__(self, dtype: np.dtype[Any], *, roomy: bool = False) -> None:
        self._items: NDArray[Any] = np.empty(0, dtype)
        self._roomy = roomy
        self.count = 0

    def extend(self, items: NDArray[Any], share: float) -> None:
        """Append items; `share` is how much of the file was read with them, 0 to 1."""
        stop = self.count + len(items)
        if stop > len(self._items):
            grown = np.empty(self._room(int(stop / share * _ROOM_TO_SPARE)), self._items.dtype)
            grown[: self.count] = self._items[: self.count]
            self._items = grown
        self._items[self.count : stop] = items
        self.count = stop

    def _room(self, items: int) -> int:
        size = self._items.dtype.itemsize
        if self._roomy and items * size >= _WORTH_HUGE_PAGES:
            return max(items, _HUGE_FROM // size + 1)
        return items + 1

    def taken(self) -> NDArray[Any]:
        """Return all items, read-only."""
        items = self._items[: self.count]
        items.flags.writeable = False
        return items


class CompactTimes:
    """Times in a quarter of the room: as the steps between those of a piece."""

    __slots__ = ("_pieces", "count")

    def __init__(self) -> None:
        self._pieces: list[tuple[int, NDArray[Any]]] = []  # the first, and the steps from there
        self.count = 0

    def __len__(self) -> int:
        return self.count

    def extend(self, times: NDArray[np.int64]) -> None:
        """Append the times of a piece, one at least."""
        self._pieces.append((int(times[0]), _narrowed(np.diff(times))))
        self.count += len(times)

    def times(self) -> NDArray[np.int64]:
        """Return them all, read-only."""
        times = np.empty(self.count, np.int64)
        place = 0
        for first, steps in self._pieces:
            part = times[place : place + 1 + len(steps)]
            part[0] = first
            part[1:] = steps
            np.cumsum(part, out=part)
            place += len(part)
        times.flags.writeable = False
        return times


def _narrowed(steps: NDArray[np.int64]) -> NDArray[Any]:
    """Return steps in as few bytes as hold them all; 16 bits do for 16 messages a second."""
    least, most = int(steps.min(initial=0)), int(steps.max(initial=0))
    for kind in (np.uint16, np.int32):
        if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max:
            return steps.astype(kind)
    return steps


class GivenTimes:
    """Times that are there already."""

    __slots__ = ("_times",)

    def __init__(self, times: NDArray[np.int64]) -> None:
        self._times = times

    def __len__(self) -> int:
        return len(self._times)

    def times(self) -> NDArray[np.int64]:
        """Return them."""
        return self._times


class Rows:
    """Times and records of one table; `fields` names those to keep, None keeps all."""

    __slots__ = ("_kept", "_opaque", "_records", "_whole", "times")

    def __init__(self, dtype: np.dtype[Any], fields: Collection[str] | None) -> None:
        self._whole = dtype
        self._kept = dtype if fields is None else _packed(dtype, fields)
        self._opaque = np.dtype(f"V{dtype.itemsize}")  # copied whole, not field by field
        self._records = Growing(np.dtype(f"V{self._kept.itemsize}"), roomy=fields is None)
        self.times = CompactTimes()

    def __len__(self) -> int:
        return self.times.count

    def extend(
        self, buffer: Bytes, starts: Offsets, times: NDArray[np.int64], share: float
    ) -> None:
        """Append the records that begin at `starts`, one at least.

        Those are left out that are so much shorter than they should be that the file ends first.
        """
        places = at_every_byte(buffer, self._opaque)
        if starts[-1] >= len(places):
            times, starts = times[starts < len(places)], starts[starts < len(places)]
            if not len(starts):
                return
        records = places[starts]
        if self._kept is not self._whole:
            whole, records = records.view(self._whole), np.empty(len(starts), self._kept)
            for name in self._kept.names or ():
                records[name] = whole[name]
        self._records.extend(records.view(f"V{self._kept.itemsize}"), share)
        self.times.extend(times)

    def records(self) -> NDArray[Any]:
        """Return the records, (n,), read-only."""
        return self._records.taken().view(self._kept)

    def has_values(self, fields: Iterable[str]) -> bool:
        """Tell whether all of some fields are there, with a finite number each."""
        records = self.records()
        known = set(self._kept.names or ())
        return all(name in known and np.isfinite(records[name]).any() for name in fields)


def _packed(dtype: np.dtype[Any], fields: Collection[str]) -> np.dtype[Any]:
    """Return the layout of only some fields, in the firmware's order and without gaps."""
    names = [name for name in dtype.names or () if name in fields]
    if not names:
        return np.dtype({"names": [], "formats": [], "itemsize": 1})
    # not as pairs: of those numpy takes a name that damage left empty for none, and makes one up
    return np.dtype({"names": names, "formats": [dtype[name] for name in names]})
