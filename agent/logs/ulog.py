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
from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.records import Bytes
from windsock.agent.logs.rows import Wanted
from windsock.agent.logs.ulog_chain import walk_sections
from windsock.agent.logs.ulog_data import StampPass, TopicData, opened_us
from windsock.agent.logs.ulog_definitions import Definitions
from windsock.agent.logs.ulog_messages import Message, Pair, pair_of, text_of
from windsock.agent.logs.ulog_walk import Walk

Said = list[tuple[Message, Pair, int]]
"""Messages with a key, what they say, and the latest time before them."""

MAGIC = b"ULog\x01\x12\x35"
_FILE_HEADER_SIZE = 16
_DATA_APPENDED = 1  # the one incompatible flag that we know
_SYSTEM_DEFAULT, _AIRFRAME_DEFAULT = 1, 2
_TEXTS = (str, bytes)
_FLAGS = slice(19, 59)  # 8 compatible, 8 incompatible, three 64-bit offsets of appended data


def read_ulog(pieces: Pieces, wanted: Wanted) -> FlightLog:
    """Read a ULog; `wanted` as in `read_flight_log`. Raises LogError for flags we don't know."""
    if pieces.size < _FILE_HEADER_SIZE:
        raise LogError("ULog cut off within its first 16 bytes")
    reading = _Reading(pieces, wanted)
    walk, data = reading.first_pass()
    damaged = walk.accepted.damaged_bytes > 0
    if damaged or data.is_doubtful:
        walk, data = reading.again(walk, damaged=damaged)
    return _flight_log(pieces, walk, data, damaged=damaged)


class _Reading:
    """The passes over one file: a doubtful one is read twice more, once for its clock alone."""

    def __init__(self, pieces: Pieces, wanted: Wanted) -> None:
        self._pieces = pieces
        self._wanted = wanted
        self._borders = _appended_at(pieces.buffer)
        self._opened_us = opened_us(pieces.buffer)

    def first_pass(self) -> tuple[Walk, TopicData]:
        """Read it as if it were sound, learning its definitions."""
        data = TopicData(self._wanted, self._opened_us)
        return self._walk(Definitions(), data), data

    def again(self, first: Walk, *, damaged: bool) -> tuple[Walk, TopicData]:
        """Read it once more, with definitions that were found late, without impossible stamps."""
        stamps = StampPass()
        self._walk(first.definitions.known_from_the_start(), stamps)
        data = TopicData(self._wanted, self._opened_us, stamps.sifted(damaged=damaged))
        return self._walk(first.definitions.known_from_the_start(), data), data

    def _walk(self, definitions: Definitions, data: TopicData | StampPass) -> Walk:
        self._pieces.rewind()
        walk = Walk(self._pieces, _FILE_HEADER_SIZE, definitions)
        for batch in walk_sections(walk, self._borders):
            data.take(walk, batch, walk.share)
        return walk


def _flight_log(pieces: Pieces, walk: Walk, data: TopicData, *, damaged: bool) -> FlightLog:
    end = pieces.size if data.end is None else data.end
    first_us = data.first_boot_us
    said = [
        (one, max(first_us, boot_us))
        for one, boot_us in zip(walk.others, data.said_us, strict=True)
        if one.start < end
    ]
    others = [one for one, _ in said]
    pairs = [(one, pair_of(one), boot_us) for one, boot_us in said if one.kind in "IMPQ"]
    initial, changes = _parameters(pairs)
    return FlightLog(
        format="ulog",
        tables=data.tables(damaged=damaged),
        parameters=initial,
        parameter_defaults=_defaults(pairs),
        parameter_changes=changes,
        messages=[LogMessage(*text_of(one)) for one in others if one.kind in "LC"],
        info=_info(pairs),
        dropouts=[
            Dropout(boot_us, int.from_bytes(one.payload, "little") / 1000)
            for one, boot_us in said
            if one.kind == "O"
        ],
        size_bytes=pieces.size,
        damaged_bytes=walk.accepted.damaged_bytes + data.damaged_bytes,
        first_boot_us=first_us,
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


def _parameters(pairs: Said) -> tuple[dict[str, float], list[ParameterChange]]:
    """Return the values first seen, and every later different value."""
    initial: dict[str, float] = {}
    latest: dict[str, float] = {}
    changes = []
    for message, (key, value), boot_us in pairs:
        if message.kind != "P" or isinstance(value, _TEXTS):
            continue
        if key not in latest:
            initial[key] = value
        elif latest[key] != value:
            changes.append(ParameterChange(boot_us, key, value))
        latest[key] = value
    return initial, changes


def _defaults(pairs: Said) -> dict[str, float]:
    """Return the defaults: the one of the airframe where there is one, else the system's."""
    chosen: dict[str, float] = {}
    for bit in (_SYSTEM_DEFAULT, _AIRFRAME_DEFAULT):
        for message, (key, value), _ in pairs:
            if message.kind == "Q" and message.payload[0] & bit and not isinstance(value, _TEXTS):
                chosen[key] = value
    return chosen


def _info(pairs: Said) -> dict[str, object]:
    """Return single infos by key, and a list of each multi info's values, continuations joined."""
    info: dict[str, object] = {}
    multiple: dict[str, list[list[str | bytes]]] = {}
    for message, (key, value), _ in pairs:
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
