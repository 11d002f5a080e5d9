"""ULog's messages that are not data: what makes one sound, and what it says.

Source: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from windsock.agent.logs.ulog_formats import BASIC_TYPES

_SYNC = b"\x2f\x73\x13\x20\x25\x0c\xbb\x12"
_KEY = re.compile(rb"([\w/]+)(?:\[(\d{1,5})\])? [\w./\[\]-]+")
_FORMAT = re.compile(rb"[\w/-]+:[\w/ ;\[\].-]+;\0*")
_TOPIC = re.compile(rb"[\w/-]+\0*")
_LEVELS = b"01234567"
_TEXT_AT = {"L": 9, "C": 11}
_FLAGS_SIZES = range(40, 100)  # there may be more flags one day
_TEXT_MAX = 1024  # bytes: PX4 logs 127 at most
_FORMAT_MAX, _SUBSCRIPTION_MAX = 8192, 256  # bytes: PX4 has room for 1,500, and for 255
_KEYED_MAX = 1 << 10  # bytes of a parameter
_UNKNOWN_FLAGS = slice(9, 16)
_SHORT_SIZE = 2  # a dropout's duration, a removed id

_LETTERS = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I"}
_LETTERS |= {"i8": "q", "u8": "Q", "f4": "f", "f8": "d"}
_SCALARS = {
    name: struct.Struct("<" + _LETTERS[kind.lstrip("<")]) for name, kind in BASIC_TYPES.items()
}
_SIZES = {name.encode(): scalar.size for name, scalar in _SCALARS.items()}


class Message(NamedTuple):
    """A message that is not data: its type letter, payload, and file offset."""

    kind: str
    payload: bytes
    start: int


class Pair(NamedTuple):
    """Key and value of an info or parameter message; arrays other than text stay bytes."""

    key: str
    value: str | float | bytes


def _is_keyed(payload: bytes, at: int = 0) -> bool:
    """Tell whether a key is at `at`, and a value of the size its type demands behind it."""
    stop = at + 1 + payload[at] if len(payload) > at else 0
    key = _KEY.fullmatch(payload, at + 1, stop) if at < stop <= len(payload) else None
    if not key or key[1] not in _SIZES:
        return False
    return len(payload) - stop == _SIZES[key[1]] * int(key[2] or 1)


def _is_keyed_behind_a_byte(payload: bytes) -> bool:
    return _is_keyed(payload, 1)


def _is_parameter(payload: bytes) -> bool:
    return len(payload) < _KEYED_MAX and _is_keyed(payload)


def _is_default(payload: bytes) -> bool:
    return len(payload) < _KEYED_MAX and _is_keyed(payload, 1)


def _is_text(payload: bytes, at: int) -> bool:
    """Tell whether a severity comes first and text, not binary data, is at `at`."""
    return (
        at <= len(payload) <= at + _TEXT_MAX
        and payload[0] in _LEVELS
        and b"\0" not in payload[at:].rstrip(b"\0")
    )


def _is_short(payload: bytes) -> bool:
    return len(payload) == _SHORT_SIZE


# By type letter, whether a payload has the shape that its kind demands.
CHECKS: dict[int, Callable[[bytes], bool]] = {
    ord("I"): _is_keyed,
    ord("P"): _is_parameter,
    ord("M"): _is_keyed_behind_a_byte,
    ord("Q"): _is_default,
    ord("L"): lambda payload: _is_text(payload, _TEXT_AT["L"]),
    ord("C"): lambda payload: _is_text(payload, _TEXT_AT["C"]),
    ord("F"): lambda payload: (
        len(payload) <= _FORMAT_MAX and _FORMAT.fullmatch(payload) is not None
    ),
    ord("A"): lambda payload: (
        len(payload) <= _SUBSCRIPTION_MAX and _TOPIC.fullmatch(payload, 3) is not None
    ),
    ord("S"): lambda payload: payload == _SYNC,
    ord("B"): lambda payload: len(payload) in _FLAGS_SIZES and not any(payload[_UNKNOWN_FLAGS]),
    ord("O"): _is_short,
    ord("R"): _is_short,
}


# By type letter, the payload sizes that can pass the check.
SIZES = {
    ord("I"): range(3, 1 << 16),
    ord("P"): range(3, _KEYED_MAX),
    ord("M"): range(4, 1 << 16),
    ord("Q"): range(4, _KEYED_MAX),
    ord("L"): range(_TEXT_AT["L"], _TEXT_AT["L"] + _TEXT_MAX + 1),
    ord("C"): range(_TEXT_AT["C"], _TEXT_AT["C"] + _TEXT_MAX + 1),
    ord("F"): range(3, _FORMAT_MAX + 1),
    ord("A"): range(4, _SUBSCRIPTION_MAX + 1),
    ord("S"): range(len(_SYNC), len(_SYNC) + 1),
    ord("B"): _FLAGS_SIZES,
    ord("O"): range(_SHORT_SIZE, _SHORT_SIZE + 1),
    ord("R"): range(_SHORT_SIZE, _SHORT_SIZE + 1),
}


def pair_of(message: Message) -> Pair:
    """Return key and value of a sound I, M, P or Q message."""
    payload, at = message.payload, 1 if message.kind in "MQ" else 0
    stop = at + 1 + payload[at]
    kind, _, key = payload[at + 1 : stop].decode("ascii").partition(" ")
    value = payload[stop:]
    if scalar := _SCALARS.get(kind):
        return Pair(key, scalar.unpack(value)[0])
    return Pair(key, value.decode("utf-8", "ignore") if kind.startswith("char[") else value)


def text_of(message: Message) -> tuple[int, int, str]:
    """Return time, severity and text of a sound L or C message."""
    payload, at = message.payload, _TEXT_AT[message.kind]
    stamp = int.from_bytes(payload[at - 8 : at], "little", signed=True)
    text = payload[at:].decode("utf-8", "ignore").rstrip("\0\t\r\n ")
    return stamp, payload[0] - _LEVELS[0], text
