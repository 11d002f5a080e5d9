"""ArduPilot's DataFlash logs (.bin) as FlightLogs.

Source of the format: ArduPilot, libraries/AP_Logger. Message types are defined by FMT messages in
the log itself, their instances by FMTU.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.dataflash_chain import Messages, find_messages
from windsock.agent.logs.dataflash_clock import fill_gaps, read_stamps
from windsock.agent.logs.dataflash_formats import Format
from windsock.agent.logs.dataflash_texts import last_row, read_messages, read_parameters
from windsock.agent.logs.flightlog import FlightLog, LogError, Table
from windsock.agent.logs.records import Bytes, Columns, Offsets, gather
from windsock.agent.logs.stamps import Mask, Times, out_of_order, spikes, stale_from

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
        starts, times = self._keep_possible(found)
        types = buffer[starts + 2]
        order = np.argsort(types, kind="stable")
        self._starts, self._times = starts[order], times[order]
        counts = np.bincount(types, minlength=256)
        self._borders = np.r_[0, counts.cumsum()].tolist()
        self._formats = _by_name(found.formats, counts)
        if not self._formats.keys() - {"FMT"}:
            raise LogError("not a flight log")
        self._instance_columns = self._read_instance_columns()

    def _keep_possible(self, found: Messages) -> tuple[Offsets, Times]:
        """Return starts and times of all messages that can be true, in file order."""
        starts = found.starts
        times, stamped = read_stamps(self._buffer, starts, found.formats)
        impossible = np.zeros(len(starts), np.bool_)
        impossible[stamped] = _impossible(times[stamped], damaged=found.damaged_bytes > 0)
        sizes = np.zeros(256, np.int64)
        for number, definition in found.formats.items():
            sizes[number] = definition.length
        lost_bytes = int(sizes[self._buffer[starts[impossible] + 2]].sum())
        self.damaged_bytes = found.damaged_bytes + lost_bytes
        if impossible.any():
            starts, times, stamped = starts[~impossible], times[~impossible], stamped[~impossible]
        known = times[stamped]
        self.first_boot_us = int(known.min()) if len(known) else None
        self.last_boot_us = int(known.max()) if len(known) else None
        return starts, fill_gaps(times, stamped, starts)

    def _read_instance_columns(self) -> dict[int, str]:
        """Return the instance column by message type number, as FMTU marks it."""
        units = self.whole_table("FMTU")
        if units is None or not {"FmtType", "UnitIds"} <= units.fields.keys():
            return {}
        marks = dict(zip(units["FmtType"].tolist(), units["UnitIds"].tolist(), strict=True))
        found = {
            one.number: one.instance_column(marks.get(one.number))
            for one in self._formats.values()
        }
        return {number: column for number, column in found.items() if column}

    def tables(self, wanted: frozenset[str] | None) -> dict[str, dict[int, Table]]:
        """Return the wanted tables by name and instance."""
        names = self._formats.keys() if wanted is None else self._formats.keys() & wanted
        return {name: dict(self._instances(self._formats[name])) for name in sorted(names)}

    def whole_table(self, name: str) -> Table | None:
        """Return all messages of one name in file order, whatever their instance."""
        if name not in self._formats:
            return None
        definition = self._formats[name]
        return self._table(definition, 0, self._span(definition))

    def _span(self, definition: Format) -> slice:
        return slice(*self._borders[definition.number : definition.number + 2])

    def _instances(self, definition: Format) -> Iterator[tuple[int, Table]]:
        span = self._span(definition)
        column = self._instance_columns.get(definition.number)
        if column is None:
            yield 0, self._table(definition, 0, span)
            return
        numbers = gather(self._buffer, self._starts[span], definition.dtype)[column]
        values, counts = np.unique(numbers, return_counts=True)
        for number, count in zip(values.tolist(), counts.tolist(), strict=True):
            if self.damaged_bytes and count < counts.max() // _INSTANCES_RARE:
                continue  # a flipped bit, no sensor
            rows = np.flatnonzero(numbers == number) + span.start
            yield number, self._table(definition, number, rows)

    def _table(self, definition: Format, instance: int, chosen: slice | Offsets) -> Table:
        starts, times = self._starts[chosen], self._times[chosen]
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
