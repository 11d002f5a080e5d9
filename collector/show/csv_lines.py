"""Rows as CSV, for spreadsheets: what came from outside is text there and no formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from windsock.collector.show.tables import readable

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of one, in both widths (OWASP, CSV injection)."""
_END: Final = "\r\n"
"""What is in it is quoted."""
_LEFT_OUT: Final = {"facts"}
"""For programs: JSON has it."""


def csv_lines(rows: Iterable[msgspec.Struct]) -> Iterator[str]:
    """A heading, then a line each; moments as ISO 8601 in UTC. Nothing for no rows."""
    written = False
    for row in rows:
        fields = msgspec.structs.asdict(row)
        cells = dict(readable(name, fields[name]) for name in fields if name not in _LEFT_OUT)
        if not written:
            yield _line(cells)
            written = True
        yield _line(cells.values())


def _line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator=_END).writerow(map(_cell, cells))
    return line.getvalue().removesuffix(_END)


def _cell(value: object) -> str:
    """A quote mark before what would be a formula: spreadsheets show the rest as it stands."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
