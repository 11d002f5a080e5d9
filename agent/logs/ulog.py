"""PX4's ULog files (.ulg) as FlightLogs.

Source of the format: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

from windsock.agent.logs.flightlog import (
    Dropout,
    FlightLog,
    LogError,
    LogMessage,
    ParameterChange,
)
from windsock.agent.logs.records import Bytes
from windsock.agent.logs.ulog_chain import Walk, walk_sections
from windsock.agent.logs.ulog_data import TopicData
from windsock.agent.logs.ulog_messages import Message, Pair, read_pair, read_text

MAGIC = b"ULog\x01\x12\x35"
_FILE_HEADER_SIZE = 16
_DATA_APPENDED = 1  # the one incompatible flag that we know
_SYSTEM_DEFAULT, _AIRFRAME_DEFAULT = 1, 2
_TEXTS = (str, bytes)
_FLAGS = slice(19, 59)  # 8 compatible, 8 incompatible, three 64-bit offsets of appended data


def read_ulog(buffer: Bytes, wanted: frozenset[str] | None) -> FlightLog:
    """Read a ULog; `wanted` as in `read_flight_log`. Raises LogError for flags we don't know."""
    if len(buffer) < _FILE_HEADER_SIZE:
        raise LogError("ULog cut off within its first 16 bytes")
    walk = Walk(buffer, _FILE_HEADER_SIZE)
    walk_sections(walk, _appended_at(buffer))
    data = TopicData(walk)
    others = [one for one in walk.others if one.start < data.end]
    pairs = [(one, read_pair(one)) for one in others if one.kind in "IMPQ"]
    initial, changes = _parameters(pairs, data)
    return FlightLog(
        format="ulog",
        tables=data.tables(wanted),
        parameters=initial,
        parameter_defaults=_defaults(pairs),
        parameter_changes=changes,
        messages=[LogMessage(*read_text(one)) for one in others if one.kind in "LC"],
        info=_info(pairs),
        dropouts=_dropouts(others, data),
        size_bytes=len(buffer),
        damaged_bytes=data.damaged_bytes,
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


def _parameters(
    pairs: list[tuple[Message, Pair]], data: TopicData
) -> tuple[dict[str, float], list[ParameterChange]]:
    """Return the values first seen, and every later different value."""
    initial: dict[str, float] = {}
    latest: dict[str, float] = {}
    changes = []
    for message, (key, value) in pairs:
        if message.kind != "P" or isinstance(value, _TEXTS):
            continue
        if key not in latest:
            initial[key] = value
        elif latest[key] != value:
            changes.append(ParameterChange(data.boot_us(message.start), key, value))
        latest[key] = value
    return initial, changes


def _defaults(pairs: list[tuple[Message, Pair]]) -> dict[str, float]:
    """Return the defaults: the one of the airframe where there is one, else the system's."""
    chosen: dict[str, float] = {}
    for bit in (_SYSTEM_DEFAULT, _AIRFRAME_DEFAULT):
        for message, (key, value) in pairs:
            if message.kind == "Q" and message.payload[0] & bit and not isinstance(value, _TEXTS):
                chosen[key] = value
    return chosen


def _info(pairs: list[tuple[Message, Pair]]) -> dict[str, object]:
    """Return single infos by key, and a list of each multi info's values, continuations joined."""
    info: dict[str, object] = {}
    multiple: dict[str, list[list[str | bytes]]] = {}
    for message, (key, value) in pairs:
        if message.kind == "I":
            info[key] = value
        elif message.kind == "M" and isinstance(value, _TEXTS):
            values = multiple.setdefault(key, [])
            if not (message.payload[0] and values):
                values.append([])
            values[-1].append(value)
    info.update({key: [_joined(parts) for parts in values] for key, values in multiple.items()})
    return info


def _joined(parts: list[str | bytes]) -> str | bytes:
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) or b"".join(part for part in parts if isinstance(part, bytes))


def _dropouts(others: list[Message], data: TopicData) -> list[Dropout]:
    return [
        Dropout(data.boot_us(one.start), int.from_bytes(one.payload, "little") / 1000)
        for one in others
        if one.kind == "O"
    ]
