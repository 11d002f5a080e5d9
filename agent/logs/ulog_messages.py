"""ULog's messages that are not data: what makes one sound, and what it says.

Source: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

import re
from typing import NamedTuple

import numpy as np

from windsock.agent.logs.ulog_definitions import BASIC_TYPES

SYNC = b"\x2f\x73\x13\x20\x25\x0c\xbb\x12"
_KEY = re.compile(rb"([\w/]+)(?:\[\d{1,5}\])? [\w./\[\]-]+")
_FORMAT = re.compile(rb"[\w/-]+:[\w/ ;\[\].-]+\0*")
_TOPIC = re.compile(rb"[\w/-]+\0*")
_LEVELS = b"01234567"
_TEXT_AT = {"L": 9, "C": 11}
_FLAGS_SIZE = 40


class Message(NamedTuple):
    """A message that is not data: its type letter, payload, and place in the file."""

    kind: str
    payload: bytes
    start: int


class Pair(NamedTuple):
    """Key and value of an info or parameter message; arrays other than text stay bytes."""

    key: str
    value: str | float | bytes


def is_sound(message: Message) -> bool:  # noqa: PLR0911 -- one line per kind
    """Tell whether the payload has the shape its kind demands."""
    kind, payload, _ = message
    if kind in "IP":
        return _has_key(payload)
    if kind in "MQ":
        return _has_key(payload[1:])
    if kind in "LC":
        return len(payload) >= _TEXT_AT[kind] and payload[0] in _LEVELS
    if kind == "F":
        return _FORMAT.fullmatch(payload) is not None
    if kind == "A":
        return _TOPIC.fullmatch(payload, 3) is not None
    if kind == "S":
        return payload == SYNC
    return len(payload) >= _FLAGS_SIZE if kind == "B" else len(payload) == 2


def _has_key(payload: bytes) -> bool:
    stop = 1 + payload[0] if payload else 0
    return len(payload) >= stop and _KEY.fullmatch(payload, 1, stop) is not None


def read_pair(message: Message) -> Pair | None:
    """Return key and value of a sound I, M, P or Q message; None for a number of a wrong size."""
    payload = message.payload[1:] if message.kind in "MQ" else message.payload
    stop = 1 + payload[0]
    kind, key = payload[1:stop].decode("ascii").split(" ", 1)
    value = payload[stop:]
    if kind.startswith("char["):
        return Pair(key, value.decode("utf-8", "ignore"))
    if kind not in BASIC_TYPES:
        return Pair(key, value)
    dtype = np.dtype(BASIC_TYPES[kind])
    return Pair(key, np.frombuffer(value, dtype)[0].item()) if len(value) == dtype.itemsize else None


def read_text(message: Message) -> tuple[int, int, str]:
    """Return time, severity and text of a sound L or C message."""
    payload, at = message.payload, _TEXT_AT[message.kind]
    stamp = int.from_bytes(payload[at - 8 : at], "little", signed=True)
    text = payload[at:].decode("utf-8", "ignore").rstrip("\0\t\r\n ")
    return stamp, payload[0] - _LEVELS[0], text
