"""ULog's definitions: formats of topics, and which message id carries which topic instance.

Source: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from windsock.agent.logs.records import Offsets, place_of

IDS = 65536
_PAYLOAD = 5  # of a data message: behind size, type and message id
_ID_SIZE = 2
_DEPTH_MAX = 16
_FIELDS_MAX = 65535  # no message has more bytes

BASIC_TYPES = {
    "int8_t": "i1",
    "uint8_t": "u1",
    "int16_t": "<i2",
    "uint16_t": "<u2",
    "int32_t": "<i4",
    "uint32_t": "<u4",
    "int64_t": "<i8",
    "uint64_t": "<u8",
    "float": "<f4",
    "double": "<f8",
    "bool": "i1",
    "char": "i1",
}
_FIELD = re.compile(rb"([\w/]+)(?:\[(\d{1,5})\])? ([\w\[\].]+)")


@dataclass(frozen=True)
class Layout:
    """The flat fields of a topic's payload in order, trailing padding left out."""

    fields: tuple[tuple[str, str], ...]  # name, numpy type
    size: int
    padding_bytes: int

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Return the layout of a whole data message; its five header bytes have no name."""
        offsets, offset = [], _PAYLOAD
        for _, kind in self.fields:
            offsets.append(offset)
            offset += int(kind[-1])
        names, formats = zip(*self.fields, strict=True)
        return np.dtype(
            {"names": names, "formats": formats, "offsets": offsets, "itemsize": offset}
        )

    @property
    def stamp_offset(self) -> int | None:
        """Return where in the message the 64-bit time stamp is, or None where it has none."""
        if self.fields[0] == ("timestamp", "<u8"):
            return _PAYLOAD
        found = place_of(self.dtype, "timestamp")
        return found[1] if found and found[0] == np.dtype("<u8") else None


class Subscription(NamedTuple):
    """From file offset `since` on, data messages with `number` are this topic's instance."""

    number: int
    name: str
    instance: int
    since: int


@dataclass(slots=True)
class Definitions:
    """Formats and subscriptions seen so far. The first sound definition stays."""

    formats: dict[str, bytes] = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)
    # size of a data message as its header states it, by message id; 1 and 0 where not known
    size_min: Offsets = field(default_factory=lambda: np.ones(IDS, np.int64))
    size_max: Offsets = field(default_factory=lambda: np.zeros(IDS, np.int64))
    _current: dict[int, Subscription] = field(default_factory=dict)
    _layouts: dict[str, Layout | None] = field(default_factory=dict)

    def add_format(self, payload: bytes) -> None:
        """Take a sound format message, if it is the first of its name."""
        name, _, body = payload.rstrip(b"\0").partition(b":")
        self.formats.setdefault(name.decode("ascii"), body)

    def subscribe(self, payload: bytes, since: int) -> None:
        """Take a sound subscription message, unless it contradicts an earlier one."""
        number = int.from_bytes(payload[1:3], "little")
        name = payload[3:].rstrip(b"\0").decode("ascii")
        layout = self.layout(name)
        if layout is None or number in self._current:
            return
        self._current[number] = Subscription(number, name, payload[0], since)
        self.subscriptions.append(self._current[number])
        self.size_min[number] = layout.size + _ID_SIZE
        self.size_max[number] = layout.size + layout.padding_bytes + _ID_SIZE

    def unsubscribe(self, payload: bytes) -> None:
        """Take a removal: the id may be given to another topic from then on."""
        self._current.pop(int.from_bytes(payload[:2], "little"), None)

    def layout(self, name: str) -> Layout | None:
        """Return the flat layout of a topic, or None where its format can't be resolved."""
        if name not in self._layouts:
            try:
                self._layouts[name] = _as_layout(list(self._flatten(name, "", [_FIELDS_MAX])))
            except (KeyError, ValueError):
                self._layouts[name] = None
        return self._layouts[name]

    def _flatten(self, name: str, prefix: str, budget: list[int]) -> Iterator[tuple[str, str]]:
        """Yield flat names and numpy types.

        KeyError for a type that is not defined, ValueError for what is no field or for a type
        that holds itself.
        """
        if prefix.count(".") > _DEPTH_MAX:
            raise ValueError("a type that holds itself")
        for part in self.formats[name].split(b";"):
            found = _FIELD.fullmatch(part)
            if part and not found:
                raise ValueError("not a field")
            if found:
                yield from self._expand(found, prefix, budget)

    def _expand(
        self, found: re.Match[bytes], prefix: str, budget: list[int]
    ) -> Iterator[tuple[str, str]]:
        kind, own = found[1].decode("ascii"), prefix + found[3].decode("ascii")
        names = [own] if found[2] is None else [f"{own}[{one}]" for one in range(int(found[2]))]
        budget[0] -= len(names)
        if budget[0] < 0:
            raise ValueError("more fields than a message has bytes")
        if kind in BASIC_TYPES:
            basic = BASIC_TYPES[kind]
            yield from [(name, basic) for name in names]
            return
        for name in names:
            yield from self._flatten(kind, f"{name}.", budget)


def _as_layout(fields: list[tuple[str, str]]) -> Layout | None:
    """Return the layout of flat fields, or None where nothing is left or a name comes twice."""
    total = sum(int(kind[-1]) for _, kind in fields)
    while fields and fields[-1][0].startswith("_padding"):
        fields.pop()
    size = sum(int(kind[-1]) for _, kind in fields)
    if not fields or len(dict(fields)) < len(fields):
        return None
    return Layout(tuple(fields), size, total - size)
