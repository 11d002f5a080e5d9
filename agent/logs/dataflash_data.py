"""The messages of a DataFlash log, by name and instance."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.chain import Batch
from windsock.agent.logs.dataflash_chain import Walk
from windsock.agent.logs.dataflash_clock import Interpolation, Stamps, has_stamps
from windsock.agent.logs.dataflash_definitions import TYPES
from windsock.agent.logs.dataflash_formats import Format
from windsock.agent.logs.flightlog import LateTimes, Table
from windsock.agent.logs.late_rows import LateRows, Noted
from windsock.agent.logs.preferences import Group
from windsock.agent.logs.records import Bytes, Columns, Mask, column_of, gather, place_of
from windsock.agent.logs.rows import GivenTimes, Growing, Rows, Wanted
from windsock.agent.logs.stamps import (
    NO_STAMP,
    SLACK_US,
    Times,
    out_of_order,
    spikes,
    stale_from,
)

_PAUSE_US = 600_000_000
_PAUSE_UNDAMAGED_US = 86_400_000_000
_INSTANCES_RARE = 50  # times as many messages of another instance
_BINARY = {"FILE": frozenset({"Data"})}
_WHOLE: Final = frozenset({"PARM", "MSG", "VER"})  # read whatever their instance
_UNITS: Final = "FMTU"


class StampPass:
    """A pass over a doubtful log that only reads the times of its messages."""

    def __init__(self) -> None:
        self._stamps = Stamps()
        self._times = Growing(np.dtype(np.int64))

    def take(self, walk: Walk, batch: Batch, share: float) -> None:
        """Read the messages of a piece."""
        self._times.extend(self._stamps.read(walk.definitions, walk.pieces.padded, batch), share)

    def kept(self, *, damaged: bool) -> Mask:
        """Mark messages whose stamps can be true, in file order."""
        times = self._times.taken()
        kept = np.ones(len(times), np.bool_)
        stamped = np.flatnonzero(times != NO_STAMP)
        kept[stamped[_impossible(times[stamped], damaged=damaged)]] = False
        return kept


class MessageData:
    """A pass over a log that gathers the wanted messages.

    `kept` marks the messages to keep, in file order, `marks` are FMTU's from an earlier pass.
    """

    def __init__(
        self, wanted: Wanted, kept: Mask | None = None, marks: Mapping[int, bytes] | None = None
    ) -> None:
        self._wanted, self._kept = wanted, kept
        self._taken = 0
        self._stamps, self._clock = Stamps(), Interpolation()
        self._counts = np.zeros(TYPES, np.int64)
        self._formats: dict[int, Format] = {}
        self._tables: dict[int, Rows | LateRows] = {}  # by type number and instance
        self.noted = Noted()
        self._whole: dict[int, Rows] = {}
        self._preferences = wanted.preferences()
        self._dropped: set[str] = set()
        self._is_wanted = np.zeros(TYPES, np.bool_)
        self._instance_at = np.zeros(TYPES, np.int64)  # 0 where messages have none
        self._latest_us: int | None = None
        self.instance_marks: dict[int, bytes] = dict(marks or {})
        self.first_boot_us: int | None = None
        self.last_boot_us: int | None = None
        self.damaged_bytes = 0
        self.is_doubtful = False

    def take(self, walk: Walk, batch: Batch, share: float) -> None:
        """Gather the messages of a piece."""
        batch = self._sift(walk, batch)
        self._learn(walk, batch)
        times = self._stamps.read(walk.definitions, walk.pieces.padded, batch)
        self._follow_clock(times)
        base = walk.pieces.base
        self._clock.note(batch.starts, times, base)
        self._counts += np.bincount(batch.kinds, minlength=TYPES)
        if times.min(initial=0) == NO_STAMP:  # those have their offsets until the clock is known
            times = np.where(times == NO_STAMP, batch.starts + base, times)
        self._gather(walk, batch, times, share)

    def _sift(self, walk: Walk, batch: Batch) -> Batch:
        """Return the messages that are kept and have a format, counting the others as damage."""
        here = slice(self._taken, self._taken + len(batch.starts))
        self._taken = here.stop
        kept = np.isin(np.arange(TYPES), list(walk.definitions.formats)).take(batch.kinds)
        if self._kept is not None:
            kept &= self._kept[here]
        if kept.all():
            return batch
        self.damaged_bytes += int(walk.definitions.sizes[batch.kinds[~kept]].sum())
        return Batch(batch.starts[kept], batch.kinds[kept])

    def _follow_clock(self, times: Times) -> None:
        known = times if times.min(initial=0) > NO_STAMP else times[times != NO_STAMP]
        if not len(known):
            return
        before_us = int(known[0]) if self._latest_us is None else self._latest_us
        steps = np.diff(known)
        step_us = int(known[0]) - before_us
        self.is_doubtful |= max(step_us, int(steps.max(initial=0))) > SLACK_US
        self.is_doubtful |= min(step_us, int(steps.min(initial=0))) < -SLACK_US
        self._latest_us = int(known[-1])
        first_us, last_us = int(known.min()), int(known.max())
        self.first_boot_us = min(
            first_us, first_us if self.first_boot_us is None else self.first_boot_us
        )
        self.last_boot_us = max(
            last_us, last_us if self.last_boot_us is None else self.last_boot_us
        )

    def _learn(self, walk: Walk, batch: Batch) -> None:
        """Note new types, and what FMTU says of their instances."""
        marked = self._read_units(walk, batch)
        formats = walk.definitions.formats
        new = formats.keys() - self._formats.keys()
        for number in new | marked:
            if number in formats:
                self._formats[number] = formats[number]
                self._place_instance(formats[number], is_new=number in new)

    def _read_units(self, walk: Walk, batch: Batch) -> set[int]:
        """Return the types that an FMTU message speaks of for the first time."""
        marked = set()
        own = [one for one in walk.definitions.formats.values() if one.name == _UNITS]
        for units in own:
            starts = batch.starts[batch.kinds == units.number]
            if not len(starts):
                continue
            fields = Columns(gather(walk.pieces.padded, starts, units.dtype))
            for number, mark in _marks(fields):
                if self.instance_marks.get(number) != mark:
                    self.instance_marks[number] = mark
                    marked.add(number)
        return marked

    def _place_instance(self, definition: Format, *, is_new: bool) -> None:
        number = definition.number
        column = definition.instance_column(self.instance_marks.get(number))
        place = place_of(definition.dtype, column) if column else None
        at = place[1] if place and place[0].itemsize == 1 else 0
        if not is_new and at != self._instance_at[number] and self._counts[number]:
            self.is_doubtful = True  # some were gathered under another instance
        self._instance_at[number] = at
        self._is_wanted[number] = (
            self._wanted.has(definition.name) and definition.name not in self._dropped
        )

    def _gather(self, walk: Walk, batch: Batch, times: Times, share: float) -> None:
        buffer = walk.pieces.padded
        self.noted.base = walk.pieces.base
        for number, definition in self._formats.items():
            if definition.name in _WHOLE:
                rows = np.flatnonzero(batch.kinds == number)
                names = definition.dtype.names or ()
                whole = self._whole.setdefault(number, Rows(definition.dtype, names))
                if len(rows):
                    whole.extend(buffer, batch.starts[rows], times[rows], share)
        wanted = self._is_wanted.take(batch.kinds)
        if not wanted.all():
            rows = np.flatnonzero(wanted)
            batch, times = Batch(batch.starts.take(rows), batch.kinds.take(rows)), times.take(rows)
        keys = self._keys(buffer, batch)
        order = np.argsort(keys, kind="stable")
        keys, starts, times = keys.take(order), batch.starts.take(order), times.take(order)
        stops = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        for first, stop in pairwise([0, *stops.tolist(), len(keys)] if len(keys) else ()):
            own = slice(first, stop)
            self._rows(int(keys[first])).extend(buffer, starts[own], times[own], share)
        if dropped := self._preferences.superseded(self._has_values):
            self._drop(dropped)

    def _keys(self, buffer: Bytes, batch: Batch) -> NDArray[np.uint16]:
        """Return type number and instance of messages as one number each, which sorts fast."""
        keys = batch.kinds.astype(np.uint16)
        keys *= np.uint16(TYPES)
        at = self._instance_at.take(batch.kinds)
        instances = buffer.take(batch.starts + at)
        instances *= at > 0
        keys += instances
        return keys

    def _rows(self, key: int) -> Rows | LateRows:
        if key not in self._tables:
            self._tables[key] = self._new_rows(self._formats[key // TYPES])
        return self._tables[key]

    def _new_rows(self, definition: Format) -> Rows | LateRows:
        if self._wanted.fields is None:
            return LateRows(definition.dtype, definition.stamp, self.noted)
        return Rows(definition.dtype, self._wanted.fields_of(definition.name))

    def _has_values(self, group: Group) -> bool:
        return any(
            rows.has_values(group.fields)
            for key, rows in self._tables.items()
            if self._formats[key // TYPES].name == group.table and isinstance(rows, Rows)
        )

    def _drop(self, names: set[str]) -> None:
        """Let go of messages that better ones have made needless."""
        self._dropped |= names
        for number, definition in self._formats.items():
            if definition.name in names:
                self._is_wanted[number] = False
        kept = {key: rows for key, rows in self._tables.items() if self._is_wanted[key // TYPES]}
        self._tables = kept

    @property
    def names(self) -> set[str]:
        """The names of all messages there are."""
        return {one.name for one in self._formats.values() if self._counts[one.number]}

    def tables(self, *, damaged: bool) -> dict[str, dict[int, Table]]:
        """Return the wanted tables by name and instance."""
        tables: dict[str, dict[int, Table]] = {}
        for key in sorted(self._tables):
            definition = self._formats[key // TYPES]
            if self._commonest(definition.name) is definition:
                instance = self._instance(definition, key % TYPES)
                table = self._table(definition, instance, self._tables[key])
                tables.setdefault(definition.name, {})[instance] = table
        if damaged:
            tables = {name: _without_rare(own) for name, own in tables.items()}
        return {name: dict(sorted(tables[name].items())) for name in sorted(tables)}

    def whole_table(self, name: str) -> Table | None:
        """Return all messages of one name in file order, whatever their instance."""
        definition = self._commonest(name)
        if definition is None or not self._counts[definition.number]:
            return None
        return self._table(definition, 0, self._whole[definition.number])

    def _commonest(self, name: str) -> Format | None:
        """Return the format of a name; of two types with one name the commoner."""
        own = [one for one in self._formats.values() if one.name == name]
        return max(own, key=lambda one: int(self._counts[one.number]), default=None)

    def _instance(self, definition: Format, byte: int) -> int:
        """Return the instance as its field has it, which may be signed."""
        column = definition.instance_column(self.instance_marks.get(definition.number))
        place = place_of(definition.dtype, column) if column else None
        if place is None or not self._instance_at[definition.number]:
            return 0
        return int(np.uint8(byte).view(place[0]))

    def _table(self, definition: Format, instance: int, rows: Rows | LateRows) -> Table:
        times: LateTimes = rows.times
        if not has_stamps(definition):
            times = GivenTimes(self._clock.at(times.times()))
        binary = _BINARY.get(definition.name, frozenset())
        columns = Columns(rows.records(), definition.divisors, binary)
        return Table(definition.name, instance, times, columns)


def _without_rare(instances: dict[int, Table]) -> dict[int, Table]:
    """Without instances of a message or two: a flipped bit, no sensor."""
    most = max(len(table) for table in instances.values())
    return {
        number: table
        for number, table in instances.items()
        if len(table) >= most // _INSTANCES_RARE
    }


def _marks(units: Columns) -> list[tuple[int, bytes]]:
    """Return the unit ids of each type that FMTU messages speak of."""
    numbers, unit_ids = column_of(units, "FmtType", "iu"), column_of(units, "UnitIds", "S")
    if numbers is None or unit_ids is None:
        return []
    return list(zip(numbers.tolist(), unit_ids.tolist(), strict=True))


def _impossible(times: Times, *, damaged: bool) -> Mask:
    """Mark stamps that can't be true; in a sound file only those that no pause explains."""
    marked = out_of_order(times, _PAUSE_US if damaged else _PAUSE_UNDAMAGED_US)
    if damaged:
        rest = np.flatnonzero(~marked)
        marked[rest[spikes(times[rest])]] = True
        rest = np.flatnonzero(~marked)
        marked[rest[stale_from(times[rest]) :]] = True
    return marked
