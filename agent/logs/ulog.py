"""PX4's ULog files (.ulg) as FlightLogs.

Source of the format: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.flightlog import (
    Dropout,
    FlightLog,
    LogError,
    LogMessage,
    ParameterChange,
    Table,
)
from windsock.agent.logs.records import Bytes, Columns, Offsets, at_every_byte, gather
from windsock.agent.logs.ulog_chain import Walk, walk_sections
from windsock.agent.logs.ulog_definitions import PAYLOAD, Layout, Subscription
from windsock.agent.logs.ulog_messages import Message, Pair, read_pair, read_text

MAGIC = b"ULog\x01\x12\x35"
_FILE_HEADER_SIZE = 16
_DATA_APPENDED = 1  # the one incompatible flag that we know
_FLAGS = slice(19, 59)  # 8 compatible, 8 incompatible, three 64-bit offsets of appended data


def read_ulog(buffer: Bytes, wanted: frozenset[str] | None) -> FlightLog:
    """Read a ULog; `wanted` as in `read_flight_log`. Raises LogError for flags we don't know."""
    if len(buffer) < _FILE_HEADER_SIZE:
        raise LogError("ULog cut off within its first 16 bytes")
    walk = Walk(buffer, _FILE_HEADER_SIZE, len(buffer))
    walk_sections(walk, _appended_at(buffer))
    data = _Data(walk)
    pairs = [(one, pair) for one in walk.others if (pair := _pair(one))]
    initial, changes = _parameters(pairs, data)
    return FlightLog(
        format="ulog",
        tables=data.tables(wanted),
        parameters=initial,
        parameter_defaults={p.key: p.value for one, p in pairs if one.kind == "Q"},
        parameter_changes=changes,
        messages=[LogMessage(*read_text(one)) for one in walk.others if one.kind in "LC"],
        info=_info(pairs),
        dropouts=_dropouts(walk.others, data),
        size_bytes=len(buffer),
        damaged_bytes=walk.accepted.damaged_bytes,
        first_boot_us=data.first_boot_us,
        last_boot_us=data.last_boot_us,
    )


def _appended_at(buffer: Bytes) -> list[int]:
    """Return the offsets where crash data was appended. LogError for incompatible flags."""
    if len(buffer) < _FLAGS.stop or buffer[18] != ord("B"):
        return []
    flags = buffer[_FLAGS].tobytes()
    incompatible = int.from_bytes(flags[8:16], "little")
    if incompatible & ~_DATA_APPENDED:
        raise LogError(f"ULog with unknown incompatible flags {incompatible:#x}")
    offsets = [int.from_bytes(flags[at : at + 8], "little") for at in (16, 24, 32)]
    inside = [one for one in offsets if _FLAGS.stop <= one < len(buffer)]
    return sorted(inside) if incompatible else []


class _Data:
    """The data messages of one file by topic and instance."""

    def __init__(self, walk: Walk) -> None:
        self._buffer = walk.buffer
        self._definitions = walk.definitions
        self._starts = walk.accepted.starts()
        self._numbers = at_every_byte(walk.buffer, "<u2")[self._starts + 3]
        self._order = np.argsort(self._numbers, kind="stable")
        self._borders = np.searchsorted(self._numbers[self._order], np.arange(65537))
        self.first_boot_us = int.from_bytes(walk.buffer[8:16].tobytes(), "little", signed=True)
        self._latest_us = self._running_time()
        self.last_boot_us = int(self._latest_us[-1])

    def _running_time(self) -> NDArray[np.int64]:
        """Return the latest stamp up to each data message; the file's own stamp comes first."""
        offsets = np.full(65536, -1)
        for one in self._definitions.subscriptions:
            layout = self._definitions.layout(one.name)
            offset = layout.stamp_offset if layout else None
            offsets[one.number] = -1 if offset is None else offset
        at = offsets[self._numbers]
        stamps = np.full(len(at) + 1, self.first_boot_us)
        stamped = at >= 0
        found = at_every_byte(self._buffer, "<i8")[(self._starts + at)[stamped]]
        stamps[1:][stamped] = found
        return np.maximum.accumulate(stamps)

    def boot_us(self, start: int) -> int:
        """Return the time at a file offset: the latest stamp before it."""
        return int(self._latest_us[self._starts.searchsorted(start)])

    def tables(self, wanted: frozenset[str] | None) -> dict[str, dict[int, Table]]:
        found: dict[tuple[str, int], list[Offsets]] = {}
        for one in self._definitions.subscriptions:
            starts = self._starts_of(one)
            if len(starts) and (wanted is None or one.name in wanted):
                found.setdefault((one.name, one.instance), []).append(starts)
        tables: dict[str, dict[int, Table]] = {}
        for name, instance in sorted(found):
            starts = np.sort(np.concatenate(found[name, instance]))
            tables.setdefault(name, {})[instance] = self._table(name, instance, starts)
        return tables

    def _starts_of(self, one: Subscription) -> Offsets:
        """Return where the messages of a subscription begin: until its id is given away."""
        chosen = self._order[self._borders[one.number] : self._borders[one.number + 1]]
        starts = self._starts[chosen]
        later = [
            other.since
            for other in self._definitions.subscriptions
            if other.number == one.number and other.since > one.since
        ]
        return starts[(starts > one.since) & (starts < min(later, default=len(self._buffer)))]

    def _table(self, name: str, instance: int, starts: Offsets) -> Table:
        layout = self._definitions.layout(name) or Layout((), 0)
        records = gather(self._buffer, starts, layout.dtype)
        columns = Columns(records)
        if layout.stamp_offset is None:
            times = self._latest_us[self._starts.searchsorted(starts)]
        else:
            times = columns["timestamp"].astype(np.int64)
        return Table(name, instance, times, columns)


def _pair(message: Message) -> Pair | None:
    return read_pair(message) if message.kind in "IMPQ" else None


def _parameters(
    pairs: list[tuple[Message, Pair]], data: _Data
) -> tuple[dict[str, float], list[ParameterChange]]:
    """Return the values first seen, and every later different value."""
    initial: dict[str, float] = {}
    latest: dict[str, float] = {}
    changes = []
    for message, (key, value) in pairs:
        if message.kind != "P" or not isinstance(value, int | float):
            continue
        initial.setdefault(key, value)
        if latest.setdefault(key, value) != value:
            changes.append(ParameterChange(data.boot_us(message.start), key, value))
            latest[key] = value
    return initial, changes


def _info(pairs: list[tuple[Message, Pair]]) -> dict[str, Any]:
    """Return single infos by key, and the texts of each multi info, its continuations joined."""
    info: dict[str, Any] = {}
    for message, (key, value) in pairs:
        if message.kind == "I":
            info[key] = value
        elif message.kind == "M":
            known = info.setdefault(key, [])
            if not isinstance(known, list):
                continue
            if message.payload[0] and known and isinstance(known[-1], type(value)):
                known[-1] += value
            else:
                known.append(value)
    return info


def _dropouts(others: list[Message], data: _Data) -> list[Dropout]:
    return [
        Dropout(data.boot_us(one.start), int.from_bytes(one.payload, "little") / 1000)
        for one in others
        if one.kind == "O"
    ]
