"""ArduPilot's DataFlash logs (.bin) as FlightLogs.

Source of the format: ArduPilot, libraries/AP_Logger. Message types are defined by FMT messages in
the log itself, their instances by FMTU.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.dataflash_chain import find_messages
from windsock.agent.logs.dataflash_clock import Clock, Times
from windsock.agent.logs.dataflash_formats import FMT_TYPE, Format
from windsock.agent.logs.flightlog import FlightLog, LogError, LogMessage, ParameterChange, Table
from windsock.agent.logs.records import Bytes, Columns, Offsets, gather

Tables = dict[str, dict[int, Table]]
_BINARY = {"FILE": frozenset({"Data"})}


def read_dataflash(buffer: Bytes, wanted: frozenset[str] | None) -> FlightLog:
    """Read a DataFlash log; `wanted` as in `read_flight_log`. Raises LogError if it is none."""
    log = _Log(buffer)
    tables = log.tables(wanted)
    messages = list(_messages(_single(log, tables, "MSG")))
    initial, defaults, changes = _parameters(_single(log, tables, "PARM"))
    first_boot_us, last_boot_us = log.clock.span()
    return FlightLog(
        format="dataflash",
        tables=tables,
        parameters=initial,
        parameter_defaults=defaults,
        parameter_changes=changes,
        messages=messages,
        info=_last_row(_single(log, tables, "VER")),
        dropouts=(),
        size_bytes=len(buffer),
        damaged_bytes=log.damaged_bytes,
        first_boot_us=first_boot_us,
        last_boot_us=last_boot_us,
    )


class _Log:
    """The messages of one file by format."""

    def __init__(self, buffer: Bytes) -> None:
        self._buffer = buffer
        found = find_messages(buffer)
        self.damaged_bytes = found.damaged_bytes
        types = buffer[found.starts + 2]
        order = np.argsort(types, kind="stable")
        borders = np.searchsorted(types[order], np.arange(257))
        grouped = found.starts[order]
        self.starts: dict[str, Offsets] = {}
        self.formats: dict[str, Format] = {}
        for number, definition in found.formats.items():
            starts = grouped[borders[number] : borders[number + 1]]
            if len(starts) > len(self.starts.get(definition.name, ())):
                self.formats[definition.name] = definition
                self.starts[definition.name] = starts
        if not self.starts.keys() - {"FMT"}:
            raise LogError("not a flight log")
        self._name_instances()
        self.clock = Clock(self._stamps)

    def records(self, name: str) -> NDArray[Any]:
        return gather(self._buffer, self.starts[name], self.formats[name].dtype)

    def _name_instances(self) -> None:
        if "FMTU" not in self.formats or "UnitIds" not in self.formats["FMTU"].columns:
            return
        by_number = {one.number: name for name, one in self.formats.items()}
        columns = Columns(self.records("FMTU"))
        numbers, units = columns["FmtType"].tolist(), columns["UnitIds"].tolist()
        for number, unit_ids in zip(numbers, units, strict=True):
            name = by_number.get(number)
            if name:
                self.formats[name] = self.formats[name].with_units(unit_ids.decode("latin-1"))

    def _stamps(self) -> tuple[Offsets, Times]:
        offsets, times = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for name in self.starts.keys() - {"FMT"}:
            own = self._own_times(name, self.records(name))
            if own is not None:
                offsets.append(self.starts[name])
                times.append(own)
        places = np.concatenate(offsets)
        order = np.argsort(places)
        return places[order], np.concatenate(times)[order]

    def _own_times(self, name: str, records: NDArray[Any]) -> Times | None:
        stamp = self.formats[name].stamp
        if stamp is None:
            return None
        times: Times = records[stamp[0]].astype(np.int64) * stamp[1]
        return times

    def whole_table(self, name: str) -> Table:
        """Return all messages of one name in file order, whatever their instance."""
        records = self.records(name)
        own = self._own_times(name, records)
        times = self.clock.at(self.starts[name]) if own is None else own
        columns = Columns(records, self.formats[name].divisors, _BINARY.get(name, frozenset()))
        return Table(name, 0, times, columns)

    def tables(self, wanted: frozenset[str] | None) -> Tables:
        names = self.starts.keys() if wanted is None else self.starts.keys() & wanted
        return {name: dict(self._instances(name)) for name in sorted(names)}

    def _instances(self, name: str) -> Iterator[tuple[int, Table]]:
        whole = self.whole_table(name)
        column = self.formats[name].instance_column
        numbers = whole[column] if column and column in whole else np.zeros(1)
        if numbers.dtype.kind not in "iu":
            yield 0, whole
            return
        records = self.records(name)
        for number in np.unique(numbers).tolist():
            chosen = numbers == number
            fields = Columns(records[chosen], self.formats[name].divisors)
            yield number, Table(name, number, whole.boot_us[chosen], fields)


def _single(log: _Log, tables: Tables, name: str) -> Table | None:
    if name not in log.starts:
        return None
    instances = tables.get(name, {})
    return instances[0] if instances.keys() == {0} else log.whole_table(name)


def _messages(table: Table | None) -> Iterator[LogMessage]:
    if table is None or "Message" not in table:
        return
    for boot_us, text in zip(table.boot_us.tolist(), table["Message"].tolist(), strict=True):
        yield LogMessage(boot_us, None, _text(text).rstrip("\t\r\n "))


def _parameters(
    table: Table | None,
) -> tuple[dict[str, float], dict[str, float], list[ParameterChange]]:
    """Return the values first seen, the defaults, and every later different value."""
    initial: dict[str, float] = {}
    defaults: dict[str, float] = {}
    changes: list[ParameterChange] = []
    if table is None or not ("Name" in table and "Value" in table):
        return initial, defaults, changes
    names = [_text(name) for name in table["Name"].tolist()]
    values = table["Value"].tolist()
    latest: dict[str, float] = {}
    for boot_us, name, value in zip(table.boot_us.tolist(), names, values, strict=True):
        initial.setdefault(name, value)
        if latest.setdefault(name, value) != value:
            changes.append(ParameterChange(boot_us, name, value))
            latest[name] = value
    if "Default" in table:
        pairs = zip(names, table["Default"].tolist(), strict=True)
        defaults = {name: value for name, value in pairs if value == value}
    return initial, defaults, changes


def _last_row(table: Table | None) -> Mapping[str, object]:
    if table is None or not len(table):
        return {}
    row = {name: column[-1] for name, column in table.fields.items()}
    return {
        name: _text(value) if isinstance(value, bytes) else value.item()
        for name, value in row.items()
    }


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
