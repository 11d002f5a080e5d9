"""ULog's messages that are not data: what makes one sound, and what it says.

Source: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from windsock.agent.logs.ulog_definitions import BASIC_TYPES

_SYNC = b"\x2f\x73\x13\x20\x25\x0c\xbb\x12"
_KEY = re.compile(rb"[\w/]+(?:\[\d{1,5}\])? [\w./\[\]-]+")
_FORMAT = re.compile(rb"[\w/-]+:[\w/ ;\[\].-]+\0*")
_TOPIC = re.compile(rb"[\w/-]+\0*")
_LEVELS = b"01234567"
_TEXT_AT = {"L": 9, "C": 11}
_FLAGS_SIZE = 40
_SHORT_SIZE = 2  # a dropout's duration, a removed id

_LETTERS = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I"}
_LETTERS |= {"i8": "q", "u8": "Q", "f4": "f", "f8": "d"}
_SCALARS = {
    name: struct.Struct("<" + _LETTERS[kind.lstrip("<")]) for name, kind in BASIC_TYPES.items()
}


class Message(NamedTuple):
    """A message that is not data: its type letter, payload, and place in the file."""

    kind: str
    payload: bytes
    start: int


class Pair(NamedTuple):
    """Key and value of an info or parameter message; arrays other than text stay bytes."""

    key: str
    value: str | float | bytes


def _has_key(payload: bytes, at: int = 0) -> bool:
    stop = at + 1 + payload[at] if len(payload) > at else 0
    return at < stop <= len(payload) and _KEY.fullmatch(payload, at + 1, stop) is not None


def _has_second_key(payload: bytes) -> bool:
    return _has_key(payload, 1)


def _is_short(payload: bytes) -> bool:
    return len(payload) == _SHORT_SIZE


_CHECKS: dict[str, Callable[[bytes], bool]] = {
    "I": _has_key,
    "P": _has_key,
    "M": _has_second_key,
    "Q": _has_second_key,
    "L": lambda payload: len(payload) >= _TEXT_AT["L"] and payload[0] in _LEVELS,
    "C": lambda payload: len(payload) >= _TEXT_AT["C"] and payload[0] in _LEVELS,
    "F": lambda payload: _FORMAT.fullmatch(payload) is not None,
    "A": lambda payload: _TOPIC.fullmatch(payload, 3) is not None,
    "S": lambda payload: payload == _SYNC,
    "B": lambda payload: len(payload) >= _FLAGS_SIZE,
    "O": _is_short,
    "R": _is_short,
}


def is_sound(message: Message) -> bool:
    """Tell whether the payload has the shape its kind demands."""
    return _CHECKS[message.kind](message.payload)


def read_pair(message: Message) -> Pair | None:
    """Return key and value of a sound I, M, P or Q message; None for a number of a wrong size."""
    payload, at = message.payload, 1 if message.kind in "MQ" else 0
    stop = at + 1 + payload[at]
    kind, key = payload[at + 1 : stop].decode("ascii").split(" ", 1)
    value = payload[stop:]
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        return Pair(key, scalar.unpack(value)[0]) if len(value) == scalar.size else None
    return Pair(key, value.decode("utf-8", "ignore") if kind.startswith("char[") else value)


def read_text(message: Message) -> tuple[int, int, str]:
    """Return time, severity and text of a sound L or C message."""
    payload, at = message.payload, _TEXT_AT[message.kind]
    stamp = int.from_bytes(payload[at - 8 : at], "little", signed=True)
    text = payload[at:].decode("utf-8", "ignore").rstrip("\0\t\r\n ")
    return stamp, payload[0] - _LEVELS[0], text
