"""ULog's formats: the fields of each topic, their types, and where they are in a message.

Source: https://docs.px4.io/main/en/dev_log/ulog_file_format
"""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from windsock.agent.logs.bits import one_bit_apart, texts_one_bit_away
from windsock.agent.logs.ulog_repair import mend_fields, other_array_sizes

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
PAYLOAD_AT = 5  # of a data message: behind size, type and message id
_BASIC_SIZES = {name: (int(kind[-1]), 1) for name, kind in BASIC_TYPES.items()}
_SIZE_MAX = 65535
_ONE_FIELD = r"([\w/]+)(?:\[(\d{1,5})\])? ([\w\[\].]+)"
_FIELDS = re.compile(r"(?:[\w/]+(?:\[\d{1,5}\])? [\w\[\].]+;)+", re.ASCII)
_FIELD = re.compile(_ONE_FIELD + ";", re.ASCII)
_PART = re.compile(_ONE_FIELD, re.ASCII)  # of a damaged format
_UNUSUAL = re.compile("[^a-z0-9_]")
_USUAL_NAME = re.compile("[a-z0-9_]+")
_BINARY = re.compile(rb"[^ -~]")
_DAMAGE_MAX = 4  # bytes of a format that are no text
_DEPTH_MAX = 16  # of types within types
# What no firmware needs and no log gets; PX4 has 139 formats, of 144 fields at most.
_FORMATS_MAX, _FIELDS_MAX = 1 << 14, 1 << 18  # fields of all topics that have data
_MEASURED_MAX = 8  # times that a topic's shape is worked out anew because formats were added
_GUESSES_MAX = 1 << 12  # at what damaged fields and array sizes may have been
_PADDING = "_padding"
_STAMP = "timestamp"


Field = tuple[str, str, str]
"""One field as a format declares it: type, array size as written or nothing, name."""


class Shape(NamedTuple):
    """Bytes of a topic's payload, of the padding behind it, and where its time stamp is."""

    size: int
    padding_bytes: int
    stamp_at: int | None
    fields: int = 1  # with those of nested types, and each element of an array


class Formats:
    """All formats of a log by name. The first sound one stays; damaged ones are mended."""

    def __init__(self) -> None:
        self._bodies: dict[str, str] = {}
        self._words: Counter[str] = Counter()  # of the names
        self._measured: Counter[str] = Counter()
        self._passing: set[str] = set()  # names whose shapes another format may change
        self._guesses = 0
        self._laid_out = 0
        self._mended: set[str] = set()
        self._depth = 0
        self._fields: dict[str, tuple[Field, ...]] = {}
        self._shapes: dict[str, Shape | None] = {}
        self._dtypes: dict[str, np.dtype[Any]] = {}

    def copied(self) -> "Formats":
        """Return the same for another pass, which goes on from here."""
        other = Formats()
        vars(other).update((name, copy.copy(one)) for name, one in vars(self).items())
        return other

    def add(self, payload: bytes, *, whole: bool) -> None:
        """Take a format message of sound text, if it is the first of its name.

        One that may be cut short is taken as long as there is no better one.
        """
        name, _, body = payload.rstrip(b"\0").partition(b":")
        own = name.decode("ascii")
        is_new = own not in self._bodies and len(self._bodies) < _FORMATS_MAX
        if is_new or (whole and own in self._mended):
            self._words.update(own.split("_") if is_new else ())
            self._bodies[own] = body.decode("latin-1")
            (self._mended.discard if whole else self._mended.add)(own)
            self._forget()

    def _forget(self) -> None:
        """Let shapes be worked out anew that depend on formats; each a few times only."""
        for cache in (self._fields, self._shapes, self._dtypes):
            for name in self._passing:
                cache.pop(name, None)
        self._passing.clear()

    def mend(self, payload: bytes) -> bool:
        """Take a damaged format message, if that is what it is and no other has its name."""
        name, _, body = payload.rstrip(b"\0").partition(b":")
        own = name.decode("latin-1")
        if b";" not in body or own in self._bodies or len(_BINARY.findall(payload)) > _DAMAGE_MAX:
            return False
        if len(self._bodies) >= _FORMATS_MAX:
            return False
        self._bodies[own] = body.decode("latin-1")
        self._words.update(own.split("_"))
        self._mended.add(own)
        return True

    def has(self, name: str) -> bool:
        """Tell whether a topic's or a nested type's format is known."""
        return name in self._bodies

    def name_like(self, said: str) -> str | None:
        """Return the format that is called so, but for one damaged bit on either side."""
        if said in self._bodies:
            return said
        if len(_UNUSUAL.findall(said)) > 1 or not self._may_guess():
            return None
        name = next((near for near in texts_one_bit_away(said) if near in self._bodies), None)
        is_odd = name in self._mended and not _USUAL_NAME.fullmatch(name)
        if name and (is_odd or self._is_likelier(said, name)):
            self._bodies[said] = self._bodies[name]
            return said
        return name

    def _is_likelier(self, said: str, name: str) -> bool:
        """Tell whether of two words that differ only the subscription's is in other names."""
        words = zip(said.split("_"), name.split("_"), strict=False)
        return any(
            self._words[one] > 0 and self._words[own] == 1 for one, own in words if one != own
        )

    def shape(self, name: str) -> Shape | None:
        """Return size and time stamp of a topic, or None where its format can't be resolved."""
        if name not in self._shapes:
            self._shapes[name] = None  # so it stays for a type that holds itself
            self._measured[name] += 1
            if self._measured[name] < _MEASURED_MAX:
                self._passing.add(name)
            self._depth += 1
            try:
                if self._depth <= _DEPTH_MAX:
                    self._shapes[name] = self._measure(self._fields_of(name))
            except ValueError:
                pass
            finally:
                self._depth -= 1
        return self._shapes[name]

    def _measure(self, fields: tuple[Field, ...]) -> Shape:
        """Return the shape; ValueError for unknown types, nothing but padding, or a bomb."""
        size, padding_bytes, stamp_at, count = 0, 0, None, 0
        for kind, length, name in fields:
            if name == _STAMP and kind == "uint64_t" and not length:
                stamp_at = PAYLOAD_AT + size
            bytes_each, fields_each = _BASIC_SIZES.get(kind) or self._size_of(kind)
            times = int(length or 1)
            padding_bytes = padding_bytes + times * bytes_each if name.startswith(_PADDING) else 0
            size += times * bytes_each
            count += times * fields_each
        if not padding_bytes < size <= _SIZE_MAX:
            raise ValueError("nothing in it, or more than a message holds")
        return Shape(size - padding_bytes, padding_bytes, stamp_at, count)

    def _size_of(self, kind: str) -> tuple[int, int]:
        """Return the bytes and the number of fields of a type."""
        if kind in _BASIC_SIZES:
            return _BASIC_SIZES[kind]
        shape = self.shape(kind) if kind in self._bodies else None
        if shape is None:
            raise ValueError("a type without a size")
        return shape.size + shape.padding_bytes, shape.fields

    def _fields_of(self, name: str) -> tuple[Field, ...]:
        if name not in self._fields:
            self._fields[name] = self._parse(self._bodies[name])
        return self._fields[name]

    def _parse(self, body: str) -> tuple[Field, ...]:
        """Return the fields of a format; ValueError for what is none and can't be mended."""
        found = _FIELD.findall(body) if _FIELDS.fullmatch(body) else []
        sound = bool(found) and all(map(self._is_type, {kind for kind, _, _ in found}))
        fields = list[Field](found if sound else self._mend(body))
        for place, (kind, length, name) in enumerate(fields):
            if name[0] == _PADDING[0] or name[1 : len(_PADDING)] == _PADDING[1:]:
                fields[place] = kind, length, _padding(name)
        if fields and one_bit_apart(fields[0][-1], _STAMP):
            fields[0] = (*fields[0][:-1], _STAMP)
        return tuple(fields)

    def _mend(self, body: str) -> Iterator[Field]:
        for part in body.split(";"):
            found = _PART.fullmatch(part)
            if found and self._is_type(found[1]):
                yield found[1], found[2] or "", found[3]
            elif part and not self._may_guess():
                raise ValueError("too much that would have to be guessed")
            elif part:
                for one in mend_fields(part, self._is_type):
                    yield one[1], one[2] or "", one[3]

    def _may_guess(self) -> bool:
        """Count a guess; False for too many: no card damages that much and leaves a log."""
        self._guesses += 1
        return self._guesses <= _GUESSES_MAX

    def _is_type(self, name: str) -> bool:
        return name in BASIC_TYPES or name in self._bodies

    def refit(self, name: str, size: int) -> bool:
        """Mend an array's size so that the payload has `size` bytes; False where none fits."""
        found: list[tuple[int, tuple[Field, ...], Shape]] = []
        for body in other_array_sizes(self._bodies[name]):
            if not self._may_guess():
                break
            try:
                fields = self._parse(body)
                shape = self._measure(fields)
            except ValueError:
                continue
            if 0 <= size - shape.size <= shape.padding_bytes:
                found.append((size - shape.size, fields, shape))
        if found:
            _, self._fields[name], self._shapes[name] = min(found, key=lambda one: one[0])
            self._dtypes.pop(name, None)
        return bool(found)

    def dtype(self, name: str) -> np.dtype[Any]:
        """Return the layout of a whole data message of a topic that has a shape.

        Nested fields are flattened, the header and trailing padding have no names.
        """
        if name not in self._dtypes:
            shape = self.shape(name)
            end = PAYLOAD_AT + (shape.size if shape else 0)
            self._laid_out += shape.fields if shape else 0
            try:
                flat_fields = self._flatten(name, "", PAYLOAD_AT)
                places = dict(flat_fields) if self._laid_out <= _FIELDS_MAX else {}
            except ValueError:  # a type within it was found to be another one meanwhile
                places = {}
            inside = {
                flat: (kind, at)
                for flat, (kind, at) in places.items()
                if at + int(kind[-1]) <= end
            }
            self._dtypes[name] = np.dtype(
                {
                    "names": list(inside),
                    "formats": [kind for kind, _ in inside.values()],
                    "offsets": [offset for _, offset in inside.values()],
                    "itemsize": end,
                }
            )
        return self._dtypes[name]

    def _flatten(
        self, name: str, prefix: str, offset: int
    ) -> Iterator[tuple[str, tuple[str, int]]]:
        """Yield name, numpy type and offset of each basic field."""
        for kind, length, own in self._fields_of(name):
            size, _ = self._size_of(kind)
            for index in range(int(length or 1)):
                flat = f"{prefix}{own}[{index}]" if length else f"{prefix}{own}"
                if kind in BASIC_TYPES:
                    yield flat, (BASIC_TYPES[kind], offset)
                else:
                    yield from self._flatten(kind, f"{flat}.", offset)
                offset += size


def _padding(name: str) -> str:
    """Return the name of padding as it is when one bit of it is lost, for it has a meaning."""
    stem, rest = name[: len(_PADDING)], name[len(_PADDING) :]
    return _PADDING + rest if one_bit_apart(stem, _PADDING) else name
