"""ULog's definitions: formats of topics, and which message id carries which topic instance.

Source: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from windsock.agent.logs.records import Offsets

PAYLOAD = 5  # of a data message: behind size, type and message id
_ID_SIZE = 2
_SIZE_MAX = 65535

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
_FIELD = re.compile(r"([\w/]+)(?:\[(\d{1,5})\])? ([\w\[\].]+)", re.ASCII)
_NAME = re.compile(r"[\w/-]+", re.ASCII)


class Field(NamedTuple):
    """One field as a format declares it; `count` is None for a field that is no array."""

    type: str
    count: int | None
    name: str


@dataclass(frozen=True)
class Layout:
    """The flat fields of a topic's payload in order, trailing padding left out."""

    fields: tuple[tuple[str, str], ...]  # name, numpy type
    padding_bytes: int

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Return the layout of a whole data message; its five header bytes have no name."""
        sizes = [np.dtype(kind).itemsize for _, kind in self.fields]
        ends = np.cumsum([PAYLOAD, *sizes]).tolist()
        return np.dtype(
            {
                "names": [name for name, _ in self.fields],
                "formats": [kind for _, kind in self.fields],
                "offsets": ends[:-1],
                "itemsize": ends[-1],
            }
        )

    @property
    def stamp_offset(self) -> int | None:
        """Return where in the message the 64-bit time stamp is, or None where it has none."""
        found = (self.dtype.fields or {}).get("timestamp")
        return int(found[1]) if found and found[0] == np.dtype("<u8") else None


class Subscription(NamedTuple):
    """From file offset `since` on, data messages with `number` are this topic's instance."""

    number: int
    name: str
    instance: int
    since: int


@dataclass(slots=True)
class Definitions:
    """Formats and subscriptions seen so far. The first sound definition stays."""

    formats: dict[str, tuple[Field, ...]] = field(default_factory=dict)
    layouts: dict[str, Layout | None] = field(default_factory=dict)
    current: dict[int, Subscription] = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)
    # size of a data message as its header states it, by message id; 1 and 0 where not known
    size_min: Offsets = field(default_factory=lambda: np.ones(65536, np.int64))
    size_max: Offsets = field(default_factory=lambda: np.zeros(65536, np.int64))

    def add_format(self, payload: bytes) -> bool:
        """Take a format message; False where it is not sound."""
        name, _, body = payload.rstrip(b"\0").decode("ascii", "replace").partition(":")
        fields = [_FIELD.fullmatch(part) for part in body.split(";") if part]
        if not _NAME.fullmatch(name) or not fields or not all(fields):
            return False
        self.formats.setdefault(
            name, tuple(_as_field(one) for one in fields if one is not None)
        )
        return True

    def subscribe(self, payload: bytes, since: int) -> bool:
        """Take a subscription message; False where it is damaged or contradicts an earlier one."""
        name = payload[3:].rstrip(b"\0").decode("ascii", "replace")
        number = int.from_bytes(payload[1:3], "little")
        known = self.current.get(number)
        if name not in self.formats or len(payload) <= PAYLOAD - _ID_SIZE:
            return False
        if known:
            return (known.name, known.instance) == (name, payload[0])
        layout = self.layout(name)
        if layout is None:
            return False
        self.current[number] = Subscription(number, name, payload[0], since)
        self.subscriptions.append(self.current[number])
        self.size_min[number] = layout.dtype.itemsize - PAYLOAD + _ID_SIZE
        self.size_max[number] = self.size_min[number] + layout.padding_bytes
        return True

    def unsubscribe(self, payload: bytes) -> None:
        """Take a removal: the id may be given to another topic from then on."""
        self.current.pop(int.from_bytes(payload[:2], "little"), None)

    def layout(self, name: str) -> Layout | None:
        """Return the flat layout of a topic, or None where its format can't be resolved."""
        if name not in self.layouts:
            self.layouts[name] = self._resolve(name)
        return self.layouts[name]

    def _resolve(self, name: str) -> Layout | None:
        try:
            flat = dict(self._flatten(name, "", [_SIZE_MAX]))
        except (KeyError, ValueError):
            return None
        names = list(flat)
        padding_bytes = 0
        while names and names[-1].startswith("_padding"):
            padding_bytes += np.dtype(flat[names.pop()]).itemsize
        return Layout(tuple((one, flat[one]) for one in names), padding_bytes) if names else None

    def _flatten(self, name: str, prefix: str, budget: list[int]) -> Iterator[tuple[str, str]]:
        """Yield flat names and numpy types; KeyError for an unknown type, ValueError for a bomb."""
        for kind, count, own in self.formats[name]:
            indices = [""] if count is None else [f"[{index}]" for index in range(count)]
            for index in indices:
                budget[0] -= 1
                if budget[0] < 0:
                    raise ValueError("more fields than a message has bytes")
                if kind in BASIC_TYPES:
                    yield f"{prefix}{own}{index}", BASIC_TYPES[kind]
                else:
                    yield from self._flatten(kind, f"{prefix}{own}{index}.", budget)


def _as_field(match: re.Match[str]) -> Field:
    kind, count, name = match.groups()
    return Field(kind, int(count) if count else None, name)

