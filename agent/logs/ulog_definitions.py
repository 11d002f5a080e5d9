"""ULog's definitions: formats of topics, and which message id carries which topic instance.

Source: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from windsock.agent.logs.bits import one_bit_apart
from windsock.agent.logs.records import Offsets, place_of
from windsock.agent.logs.ulog_repair import FIELD, mend_fields, other_array_sizes

IDS = 65536
_PAYLOAD = 5  # of a data message: behind size, type and message id
_ID_SIZE = 2
_USUAL_NAME = re.compile(r"[a-z0-9_]+")
_PADDING = "_padding"
_DEPTH_MAX = 16
_NAME_MAX = 128  # bytes of a subscription
_SIZES_TO_BELIEVE = 3
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

    subscriptions: list[Subscription] = field(default_factory=list)
    # size of a data message as its header states it, by message id; 1 and 0 where not known
    size_min: Offsets = field(default_factory=lambda: np.ones(IDS, np.int64))
    size_max: Offsets = field(default_factory=lambda: np.zeros(IDS, np.int64))
    _formats: dict[str, bytes] = field(default_factory=dict)
    _mended: set[str] = field(default_factory=set)
    _current: dict[int, Subscription] = field(default_factory=dict)
    _layouts: dict[str, Layout | None] = field(default_factory=dict)
    _seen: Counter[tuple[int, int]] = field(default_factory=Counter)  # unexpected id, size

    def add_format(self, payload: bytes) -> None:
        """Take a sound format message, if it is the first of its name."""
        name, _, body = payload.rstrip(b"\0").partition(b":")
        own = name.decode("ascii")
        if own not in self._formats or own in self._mended:
            self._formats[own] = body
            self._mended.discard(own)

    def subscribe(self, payload: bytes, since: int) -> None:
        """Take a subscription message, unless it contradicts an earlier one."""
        number = int.from_bytes(payload[1:3], "little")
        said = payload[3:].rstrip(b"\0").decode("latin-1")
        name = self._known_name(said)
        layout = self.layout(name) if name else None
        if not name or layout is None or number in self._current:
            return
        if not _USUAL_NAME.fullmatch(name):  # then the damage is not in the subscription
            name = self._rename(name, said)
        self._current[number] = Subscription(number, name, payload[0], since)
        self.subscriptions.append(self._current[number])
        self._set_sizes(number, layout)

    def _set_sizes(self, number: int, layout: Layout) -> None:
        self.size_min[number] = layout.size + _ID_SIZE
        self.size_max[number] = layout.size + layout.padding_bytes + _ID_SIZE

    def _known_name(self, name: str) -> str | None:
        if name in self._formats:
            return name
        return next((known for known in self._formats if one_bit_apart(known, name)), None)

    def _rename(self, name: str, other: str) -> str:
        self._formats[other], self._layouts[other] = self._formats[name], self._layouts[name]
        return other

    def unsubscribe(self, payload: bytes) -> None:
        """Take a removal: the id may be given to another topic from then on."""
        self._current.pop(int.from_bytes(payload[:2], "little"), None)

    def mend(self, payload: bytes, since: int) -> None:
        """Take what may be a format or subscription message, damaged by a few bits."""
        name, colon, body = payload.rstrip(b"\0").partition(b":")
        if colon and b";" in body:
            own = name.decode("latin-1")
            if own not in self._formats:
                self._formats[own] = body
                self._mended.add(own)
        elif _ID_SIZE < len(payload) < _NAME_MAX:
            self.subscribe(payload, since)

    def learn_size(self, number: int, size: int) -> None:
        """Note data of an unexpected size; the third of one size is believed.

        Then the id's format is mended to fit, or its messages are at least known by their size.
        """
        self._seen[number, size] += 1
        if self._seen[number, size] != _SIZES_TO_BELIEVE:
            return
        if number not in self._current:
            self.size_min[number] = self.size_max[number] = size
            return
        name = self._current[number].name
        for body in other_array_sizes(self._formats[name]):
            layout = self._resolve(body)
            if layout and 0 <= size - _ID_SIZE - layout.size <= layout.padding_bytes:
                self._formats[name], self._layouts[name] = body, layout
                for one in self._current.values():
                    if one.name == name:
                        self._set_sizes(one.number, layout)
                return

    def layout(self, name: str) -> Layout | None:
        """Return the flat layout of a topic, or None where its format can't be resolved."""
        if name not in self._layouts:
            self._layouts[name] = self._resolve(self._formats[name])
        return self._layouts[name]

    def _resolve(self, body: bytes) -> Layout | None:
        try:
            return _as_layout(list(self._flatten(body, "", [_FIELDS_MAX])))
        except ValueError:
            return None

    def _flatten(self, body: bytes, prefix: str, budget: list[int]) -> Iterator[tuple[str, str]]:
        """Yield flat names and numpy types.

        ValueError for what is no field, a type that is not defined, or one that holds itself.
        """
        if prefix.count(".") > _DEPTH_MAX:
            raise ValueError("a type that holds itself")
        for part in body.split(b";"):
            if part:
                for found in self._fields(part):
                    yield from self._expand(found, prefix, budget)

    def _fields(self, part: bytes) -> list[re.Match[bytes]]:
        found = FIELD.fullmatch(part)
        if found and self._is_type(found[1]):
            return [found]
        return mend_fields(part, self._is_type)

    def _is_type(self, name: bytes) -> bool:
        text = name.decode("ascii")
        return text in BASIC_TYPES or text in self._formats

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
            yield from self._flatten(self._formats[kind], f"{name}.", budget)


def _as_layout(fields: list[tuple[str, str]]) -> Layout | None:
    """Return the layout of flat fields, or None where nothing is left or a name comes twice."""
    total = sum(int(kind[-1]) for _, kind in fields)
    while fields and one_bit_apart(fields[-1][0][: len(_PADDING)], _PADDING):
        fields.pop()
    size = sum(int(kind[-1]) for _, kind in fields)
    if fields and fields[0][1] == "<u8" and one_bit_apart(fields[0][0], "timestamp"):
        fields[0] = ("timestamp", "<u8")
    if not fields or len(dict(fields)) < len(fields):
        return None
    return Layout(tuple(fields), size, total - size)
