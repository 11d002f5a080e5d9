"""Writes a trajectory as the ULog that PX4 would have written of it.

Source: the ULog file format, version 1, of PX4's user guide (dev_log/ulog_file_format).
"""

import re
import struct
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from windsock.firmware_sim.boards import PIXHAWK, Board, Logger, turns
from windsock.firmware_sim.flights.trajectory import STEP_S, Trajectory, What
from windsock.firmware_sim.interleave import Records, as_rows, interleaved, single
from windsock.firmware_sim.ulog_topics import FIELDS, MAV_TYPES, Topic, topics

_MAGIC: Final = b"ULog\x01\x12\x35\x01"
_SYNC: Final = bytes((0x2F, 0x73, 0x13, 0x20, 0x25, 0x0C, 0xBB, 0x12))
_AFTER_DISARMING_S: Final = 1.0
_ALIGNED: Final = 8
_RELEASE: Final = 255
_DTYPES: Final = {
    "bool": "u1",
    "uint8_t": "u1",
    "uint16_t": "<u2",
    "uint32_t": "<u4",
    "uint64_t": "<u8",
    "int32_t": "<i4",
    "float": "<f4",
    "double": "<f8",
}
_FIELD: Final = re.compile(r"(\w+?)(?:\[(\d+)\])? (\w+)")
_INFO, _WARNING = "6", "4"
# It has no crash check: where ArduPilot would disarm, the pilot does.
_SAID: Final[dict[What, tuple[str, str]]] = {
    "armed": (_INFO, "[commander] Armed by RC"),
    "disarmed by landing": (_INFO, "[commander] Disarmed by landing"),
    "disarmed by the pilot": (_INFO, "[commander] Disarmed by RC"),
    "disarmed by the crash check": (_INFO, "[commander] Disarmed by RC"),
    "battery failsafe": (_WARNING, "[failsafe] Failsafe activated"),
    "radio failsafe": (_WARNING, "[failsafe] Failsafe activated"),
    "launch detected": (_INFO, "[fw_pos_control] Launch detected"),
}


def write_ulog(flight: Trajectory, board: Board = PIXHAWK) -> bytes:
    """The log from arming to a second after disarming, or to where it is cut."""
    log = Logger.over(flight, board, _AFTER_DISARMING_S)
    parts = list(topics(flight, board, log))
    start_us = int(log.boot_us(np.array([log.first]))[0])
    head = [
        _MAGIC + struct.pack("<Q", start_us),
        _message("B", bytes(40)),
        *(_message("F", _definition(name).encode()) for name in FIELDS),
        *(_info(key, value) for key, value in _infos(board).items()),
        *(_parameter(key, value) for key, value in _parameters(flight, board).items()),
        *(_subscription(number, topic) for number, topic in enumerate(parts)),
    ]
    records = [_records(number, topic, log) for number, topic in enumerate(parts)]
    return b"".join(head) + interleaved([*_spoken(flight, board, log), *records])


def _message(kind: str, payload: bytes) -> bytes:
    return struct.pack("<HB", len(payload), ord(kind)) + payload


def _keyed(kind: str, key: str, value: bytes) -> bytes:
    return _message(kind, bytes([len(key)]) + key.encode() + value)


def _info(key: str, value: str | int) -> bytes:
    if isinstance(value, int):
        return _keyed("I", f"uint32_t {key}", struct.pack("<I", value))
    return _keyed("I", f"char[{len(value)}] {key}", value.encode())


def _parameter(key: str, value: float) -> bytes:
    if isinstance(value, int):
        return _keyed("P", f"int32_t {key}", struct.pack("<i", value))
    return _keyed("P", f"float {key}", struct.pack("<f", value))


def _subscription(number: int, topic: Topic) -> bytes:
    return _message("A", struct.pack("<BH", topic.instance, number) + topic.name.encode())


def _fields(name: str) -> Iterator[tuple[str, int, str]]:
    """Type, array length (0: a scalar) and name of each field, the time stamp first."""
    for kind, count, field in _FIELD.findall(f"uint64_t timestamp;{FIELDS[name]}"):
        yield kind, int(count or 0), field


def _definition(name: str) -> str:
    """With the padding that uORB appends; messages leave it out."""
    size = sum(
        np.dtype(_DTYPES[kind]).itemsize * max(count, 1) for kind, count, _ in _fields(name)
    )
    padding = -size % _ALIGNED
    tail = f"uint8_t[{padding}] _padding0;" if padding else ""
    return f"{name}:uint64_t timestamp;{FIELDS[name]}{tail}"


def _records(number: int, topic: Topic, log: Logger) -> Records:
    """The data messages of a topic."""
    head = [("size", "<u2"), ("type", "u1"), ("number", "<u2")]
    body = [
        (field, _DTYPES[kind], (count,)) if count else (field, _DTYPES[kind])
        for kind, count, field in _fields(topic.name)
    ]
    table = np.zeros(len(topic.rows), np.dtype([*head, *body]))
    table["size"], table["type"] = table.dtype.itemsize - 3, ord("D")
    table["number"] = number
    times = log.boot_us(topic.rows)
    table["timestamp"] = times
    for field, values in topic.values.items():
        table[field] = values
    return Records(times, as_rows(table))


def _spoken(flight: Trajectory, board: Board, log: Logger) -> Iterator[Records]:
    """Synchronisation, messages of text and parameters that change."""
    ticks = log.boot_us(log.every(1))
    sync = np.frombuffer(_message("S", _SYNC), np.uint8)
    yield Records(ticks, np.tile(sync, (len(ticks), 1)))
    for t_s, level, text in _texts(flight):
        row = log.row(t_s)
        if row is not None:
            yield _text(int(log.boot_us(np.array([row]))[0]), level, text)
    disarmings = [mark.t_s for mark in flight.marks if mark.what.startswith("disarmed")]
    for t_s in disarmings:
        row = log.row(t_s)
        if row is not None:
            time_us = int(log.boot_us(np.array([row]))[0])
            changed = _counters(board.flights + 1, board.flown_s + _flown_s(flight))
            changes = b"".join(_parameter(key, value) for key, value in changed.items())
            yield single(time_us + 50_000, changes)


def _texts(flight: Trajectory) -> Iterator[tuple[float, str, str]]:
    """When, how severe and what: texts end with a tab as the event interface sends them."""
    for mark in flight.marks:
        if mark.what in _SAID:
            yield mark.t_s, *_SAID[mark.what]
    airborne = ~flight.landed & flight.armed
    for row in turns(airborne, to=True):
        yield row * STEP_S, _INFO, "[commander] Takeoff detected"
    for row in turns(airborne, to=False):
        if flight.armed[row]:
            yield row * STEP_S, _INFO, "[commander] Landing detected"


def _text(time_us: int, level: str, text: str) -> Records:
    payload = level.encode() + struct.pack("<Q", time_us) + text.encode() + b"\t"
    return single(time_us, _message("L", payload))


def _infos(board: Board) -> Mapping[str, str | int]:
    major, minor, patch = board.version
    infos: dict[str, str | int] = {
        "sys_name": "PX4",
        "ver_hw": board.hardware,
        "ver_sw": board.git_hash,
        "ver_sw_release": major << 24 | minor << 16 | patch << 8 | _RELEASE,
        "ver_vendor_sw_release": _RELEASE,
        "sys_os_name": "NuttX",
        "sys_toolchain": "GNU GCC",
        "ver_data_format": 1,
        "time_ref_utc": 0,
    }
    if board.uid:
        infos["sys_uuid"] = board.uid.hex()
    return infos


def _parameters(flight: Trajectory, board: Board) -> Mapping[str, float]:
    kind = flight.craft.kind
    return {
        "SYS_AUTOSTART": {"multicopter": 4001, "plane": 2100, "vtol": 13000}.get(kind, 13200),
        "SYS_HITL": int(board.in_the_loop),
        "MAV_TYPE": MAV_TYPES[kind],
        "BAT1_N_CELLS": flight.craft.cells,
        "CBRK_FLIGHTTERM": 121_212,
        "FD_FAIL_P": 60,
        "FD_FAIL_R": 60,
        "MPC_MANTHR_MIN": 0.08,
        "MPC_THR_HOVER": flight.craft.hover_throttle,
        **_counters(board.flights, board.flown_s),
        **board.parameters,
    }


def _counters(flights: int, flown_s: float) -> Mapping[str, int]:
    """Flight time is one unsigned number of microseconds in two signed halves."""
    total = round(flown_s * 1e6)
    low = total & 0xFFFF_FFFF
    return {
        "COM_FLIGHT_UUID": flights,
        "LND_FLIGHT_T_HI": total >> 32,
        "LND_FLIGHT_T_LO": low - (low >> 31 << 32),
    }


def _flown_s(flight: Trajectory) -> float:
    return float(np.count_nonzero(~flight.landed & flight.armed) * STEP_S)
