"""ArduPilot's DataFlash logs (.bin) as FlightLogs.

Source of the format: ArduPilot, libraries/AP_Logger. Message types are defined by FMT messages in
the log itself, their instances by FMTU.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.dataflash_chain import Messages, find_messages
from windsock.agent.logs.dataflash_clock import Interpolation, read_stamps
from windsock.agent.logs.dataflash_formats import Format
from windsock.agent.logs.dataflash_texts import last_row, read_messages, read_parameters
from windsock.agent.logs.flightlog import FlightLog, LogError, Table
from windsock.agent.logs.records import (
    Bytes,
    Columns,
    Mask,
    Offsets,
    Place,
    at_every_byte,
    column_of,
    gather,
    place_of,
)
from windsock.agent.logs.stamps import NO_STAMP, Times, out_of_order, spikes, stale_from

_PAUSE_US = 600_000_000
_PAUSE_UNDAMAGED_US = 86_400_000_000
_INSTANCES_RARE = 50  # times as many messages of another instance
_BINARY = {"FILE": frozenset({"Data"})}


def read_dataflash(buffer: Bytes, wanted: frozenset[str] | None) -> FlightLog:
    """Read a DataFlash log; `wanted` as in `read_flight_log`. Raises LogError if it is none."""
    log = _Log(buffer, find_messages(buffer))
    parameters = read_parameters(log.whole_table("PARM"))
    return FlightLog(
        format="dataflash",
        tables=log.tables(wanted),
        parameters=parameters.initial,
        parameter_defaults=parameters.defaults,
        parameter_changes=parameters.changes,
        messages=read_messages(log.whole_table("MSG")),
        info=last_row(log.whole_table("VER")),
        dropouts=(),
        size_bytes=len(buffer),
        damaged_bytes=log.damaged_bytes,
        first_boot_us=log.first_boot_us,
        last_boot_us=log.last_boot_us,
    )


class _Log:
    """The messages of one file, grouped by type; those with an impossible stamp are left out."""

    def __init__(self, buffer: Bytes, found: Messages) -> None:
        self._buffer = buffer
        self.damaged_bytes = found.damaged_bytes
        self._starts = found.starts
        self._times = read_stamps(buffer, found.starts, found.formats)
        self._drop_impossible(found.formats)
        self._clock = Interpolation(self._starts, self._times)
        known = self._times if self._times.min(initial=0) > NO_STAMP else self._known_times()
        self.first_boot_us = int(known.min()) if len(known) else None
        self.last_boot_us = int(known.max()) if len(known) else None
        types = buffer[self._starts + 2]
        counts = np.bincount(types, minlength=256)
        self._order = np.argsort(types, kind="stable")
        self._stops = counts.cumsum()
        self._formats = _by_name(found.formats, counts)
        if not self._formats.keys() - {"FMT"}:
            raise LogError("not a flight log")
        self._instance_columns = self._read_instance_columns()

    def _known_times(self) -> Times:
        known: Times = self._times[self._times != NO_STAMP]
        return known

    def _drop_impossible(self, formats: Mapping[int, Format]) -> None:
        stamped = np.flatnonzero(self._times != NO_STAMP)
        impossible = stamped[_impossible(self._times[stamped], damaged=self.damaged_bytes > 0)]
        if not len(impossible):
            return
        sizes = np.zeros(256, np.int64)
        for number, definition in formats.items():
            sizes[number] = definition.length
        lost = self._starts[impossible]
        self.damaged_bytes += int(sizes[self._buffer[lost + 2]].sum())
        self._starts = np.delete(self._starts, impossible)
        self._times = np.delete(self._times, impossible)

    def _read_instance_columns(self) -> dict[int, Place]:
        """Return type and offset of the instance by message type number, as FMTU marks it."""
        units = self.whole_table("FMTU")
        fields = units.fields if units else {}
        numbers, unit_ids = column_of(fields, "FmtType", "iu"), column_of(fields, "UnitIds", "S")
        if numbers is None or unit_ids is None:
            return {}
        marks = dict(zip(numbers.tolist(), unit_ids.tolist(), strict=True))
        found = {}
        for one in self._formats.values():
            column = one.instance_column(marks.get(one.number))
            place = place_of(one.dtype, column) if column else None
            if place:
                found[one.number] = place
        return found

    def tables(self, wanted: frozenset[str] | None) -> dict[str, dict[int, Table]]:
        """Return the wanted tables by name and instance."""
        names = self._formats.keys() if wanted is None else self._formats.keys() & wanted
        return {name: dict(self._instances(self._formats[name])) for name in sorted(names)}

    def whole_table(self, name: str) -> Table | None:
        """Return all messages of one name in file order, whatever their instance."""
        if name not in self._formats:
            return None
        definition = self._formats[name]
        return self._table(definition, 0, self._rows(definition))

    def _rows(self, definition: Format) -> Offsets:
        stop = self._stops[definition.number]
        first = self._stops[definition.number - 1] if definition.number else 0
        rows: Offsets = self._order[first:stop]
        return rows

    def _instances(self, definition: Format) -> Iterator[tuple[int, Table]]:
        rows = self._rows(definition)
        place = self._instance_columns.get(definition.number)
        if place is None:
            yield 0, self._table(definition, 0, rows)
            return
        kind, offset = place
        numbers = at_every_byte(self._buffer, kind)[self._starts[rows] + offset]
        values, counts = np.unique(numbers, return_counts=True)
        for number, count in zip(values.tolist(), counts.tolist(), strict=True):
            if self.damaged_bytes and count < counts.max() // _INSTANCES_RARE:
                continue  # a flipped bit, no sensor
            yield number, self._table(definition, number, rows[numbers == number])

    def _table(self, definition: Format, instance: int, rows: Offsets) -> Table:
        starts, times = self._starts[rows], self._times[rows]
        if definition.stamp is None:
            times = self._clock.at(starts)
        records = gather(self._buffer, starts, definition.dtype)
        binary = _BINARY.get(definition.name, frozenset())
        columns = Columns(records, definition.divisors, binary)
        return Table(definition.name, instance, times, columns)


def _by_name(formats: Mapping[int, Format], counts: NDArray[np.int64]) -> dict[str, Format]:
    """Return the formats that messages have; of two types with one name the commoner."""
    used = [one for one in formats.values() if counts[one.number]]
    return {one.name: one for one in sorted(used, key=lambda one: int(counts[one.number]))}


def _impossible(times: Times, *, damaged: bool) -> Mask:
    """Mark stamps that can't be true; in a sound file only those that no pause explains."""
    marked = out_of_order(times, _PAUSE_US if damaged else _PAUSE_UNDAMAGED_US)
    if damaged:
        rest = np.flatnonzero(~marked)
        marked[rest[spikes(times[rest])]] = True
        rest = np.flatnonzero(~marked)
        marked[rest[stale_from(times[rest]) :]] = True
    return marked
