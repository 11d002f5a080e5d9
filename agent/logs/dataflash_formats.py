"""DataFlash's FMT messages: which fields a message type has, their types and scales.

Source: ArduPilot, libraries/AP_Logger/LogStructure.h.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from windsock.agent.logs.records import place_of

HEADER = b"\xa3\x95"
HEADER_SIZE = 3
TYPE_AT = 2  # behind it, in the header
FMT_TYPE = 128
FMT_SIZE = 89

_DTYPES = {
    "a": ("<i2", (32,)),
    "b": "i1",
    "B": "u1",
    "h": "<i2",
    "H": "<u2",
    "i": "<i4",
    "I": "<u4",
    "f": "<f4",
    "d": "<f8",
    "g": "<f2",
    "n": "S4",
    "N": "S16",
    "Z": "S64",
    "c": "<i2",
    "C": "<u2",
    "e": "<i4",
    "E": "<u4",
    "L": "<i4",
    "M": "i1",
    "q": "<i8",
    "Q": "<u8",
}
_DIVISORS = {"c": 100.0, "C": 100.0, "e": 100.0, "E": 100.0, "L": 1e7}
_SIZES = {
    code: np.dtype(dtype if isinstance(dtype, str) else (dtype[0], dtype[1])).itemsize
    for code, dtype in _DTYPES.items()
}
_NAME = re.compile(r"[A-Za-z0-9_]{1,4}")
_COLUMN = re.compile(r"[!-~]+")  # visible ASCII
_INSTANCE_COLUMNS = ("I", "Inst", "Instance")
_NUMBER_AT, _LENGTH_AT = 3, 4
_NAME_AT, _CODES_AT, _COLUMNS_AT = slice(5, 9), slice(9, 25), slice(25, 89)


class Stamp(NamedTuple):
    """The field with the time since boot, and how many microseconds its unit has."""

    field: str
    unit_us: int


@dataclass(frozen=True)
class Format:
    """One message type: its length with header, type letters, and field names."""

    number: int
    name: str
    length: int
    codes: str
    columns: tuple[str, ...]

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Return the layout of a whole message, header included but not named."""
        fields, offset = {}, HEADER_SIZE
        for code, column in zip(self.codes, self.columns, strict=False):
            fields[column] = (_DTYPES[code], offset)
            offset += _SIZES[code]
        return np.dtype(
            {
                "names": list(fields),
                "formats": [dtype for dtype, _ in fields.values()],
                "offsets": [place for _, place in fields.values()],
                "itemsize": self.length,
            }
        )

    @property
    def divisors(self) -> dict[str, float]:
        """Return by what the integers of each scaled field are divided."""
        pairs = zip(self.codes, self.columns, strict=False)
        return {column: _DIVISORS[code] for code, column in pairs if code in _DIVISORS}

    @property
    def stamp(self) -> Stamp | None:
        """Return which field holds the time since boot, if there is one.

        GPS messages of old logs have the GPS time of week in TimeMS and the time since boot in T.
        """
        milliseconds = "T" if self.name in ("GPS", "GPS2") else "TimeMS"
        for stamp in (Stamp("TimeUS", 1), Stamp(milliseconds, 1000), Stamp("StartTime", 1)):
            if self._is_whole_number(stamp.field):
                return stamp
        return None

    def instance_column(self, unit_ids: bytes | None) -> str | None:
        """Return the field that FMTU marks with `#`, if it holds whole numbers.

        Where FMTU says nothing of this type, that message is lost: then it is the usual field.
        """
        if unit_ids is None:
            columns = (
                (*_INSTANCE_COLUMNS, "C") if self.name.startswith("XK") else _INSTANCE_COLUMNS
            )
            usual = [column for column in columns if self._is_whole_number(column)]
            return usual[0] if usual else None
        place = unit_ids.find(b"#")
        column = self.columns[place] if 0 <= place < len(self.columns) else ""
        return column if self._is_whole_number(column) and column not in self.divisors else None

    def _is_whole_number(self, column: str) -> bool:
        found = place_of(self.dtype, column)
        return found is not None and found[0].kind in "iu"


FMT = Format(FMT_TYPE, "FMT", FMT_SIZE, "BBnNZ", ("Type", "Length", "Name", "Format", "Columns"))


def parse_format(message: bytes) -> Format | None:
    """Return what one whole FMT message defines, or None where it contradicts itself."""
    name, codes, columns = read_texts(message)
    length = message[_LENGTH_AT]
    sound = _NAME.fullmatch(name) and size_of(codes) == length and _fits(columns, codes)
    if not sound or not all(_COLUMN.fullmatch(column) for column in columns):
        return None
    return Format(message[_NUMBER_AT], name, length, codes, columns)


def read_texts(message: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Return name, type letters and columns as they stand in a whole FMT message."""
    name, codes, columns = (
        message[part].split(b"\0")[0].decode("latin-1")
        for part in (_NAME_AT, _CODES_AT, _COLUMNS_AT)
    )
    return name, codes, tuple(columns.split(",")) if columns else ()


def size_of(codes: str) -> int | None:
    """Return the size of a message with its header, or None where a letter is none of ours."""
    if not set(codes) <= _SIZES.keys():
        return None
    return HEADER_SIZE + sum(_SIZES[code] for code in codes)


def _fits(columns: tuple[str, ...], codes: str) -> bool:
    """Tell whether each field has a name, or at least as many as there was room for."""
    full = len(",".join(columns)) == _COLUMNS_AT.stop - _COLUMNS_AT.start
    return len(columns) == len(codes) or (full and len(columns) < len(codes))
