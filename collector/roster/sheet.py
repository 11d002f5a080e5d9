"""A CSV file with typed columns, as people write them: every error names its file and line."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from windsock.collector.roster import cells
from windsock.collector.roster.file import RosterError

Readers = Mapping[str, Callable[[str], object]]
"""For each column, what makes a value of its text or raises ValueError with what it expected."""


class SheetRow(NamedTuple):
    """A line; `cells` has only those that were filled in."""

    line: int
    cells: dict[str, object]


class Sheet(NamedTuple):
    """The good rows, in order, and what was wrong with the others."""

    file: str
    rows: list[SheetRow]
    errors: list[RosterError]

    def note(self, line: int, column: str, message: str) -> None:
        """Something is wrong with a line."""
        self.errors.append(RosterError(self.file, line, column, message))


def load_sheet(path: Path, parse: Callable[[str, str], Sheet]) -> Sheet:
    """What *parse* makes of the text at *path*; a file that can't be read is an error, too."""
    try:
        return parse(path.read_text("utf-8-sig"), str(path))
    except OSError as error:
        why = error.strerror or str(error)
    except UnicodeDecodeError as error:
        why = f"not UTF-8 text: {error}"
    return Sheet(str(path), [], [RosterError(str(path), 0, "", why)])


def read_sheet(text: str, file: str, readers: Readers, needed: Sequence[str]) -> Sheet:
    """UTF-8 CSV with a header; lines that begin with ``#`` are words. *needed* can't be empty."""
    reading = _Reading(Sheet(file, [], []), readers, needed)
    lines = [
        (number, line)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip().strip(",") and not line.startswith("#")
    ]
    if not lines:
        reading.sheet.note(0, "", f"empty: expected a header with {', '.join(needed)}")
        return reading.sheet
    header = reading.header(*lines[0])
    for number, line in lines[1:] if header else []:
        reading.row(header, number, line)
    return reading.sheet


class _Reading(NamedTuple):
    """A sheet on its way, and what its columns hold."""

    sheet: Sheet
    readers: Readers
    needed: Sequence[str]

    def header(self, number: int, line: str) -> list[str]:
        """The columns, or none if the header can't be used."""
        names = [name.strip() for name in self._split(number, line)]
        for name in names:
            if name not in self.readers:
                known = ", ".join(self.readers)
                self.sheet.note(number, name, f"no such column; there are {known}")
            elif names.count(name) > 1:
                self.sheet.note(number, name, "this column is there twice")
        for name in self.needed:
            if name not in names:
                self.sheet.note(number, name, "this column is missing")
        return [] if self.sheet.errors else names

    def row(self, header: list[str], number: int, line: str) -> None:
        """Keep a line if nothing is wrong with it."""
        texts = self._split(number, line)
        if len(texts) != len(header):
            if texts:
                said = f"{len(texts)} cells, the header has {len(header)}"
                self.sheet.note(number, "", said)
            return
        before, row = len(self.sheet.errors), SheetRow(number, {})
        for column, text in zip(header, texts, strict=True):
            self._cell(row, column, text)
        if len(self.sheet.errors) == before:
            self.sheet.rows.append(row)

    def _cell(self, row: SheetRow, column: str, text: str) -> None:
        try:
            if text.strip():
                row.cells[column] = self.readers[column](cells.clean(text))
            elif column in self.needed:
                self.sheet.note(row.line, column, "missing")
        except ValueError as error:
            self.sheet.note(row.line, column, str(error))

    def _split(self, number: int, line: str) -> list[str]:
        try:
            return next(csv.reader([line.rstrip("\r")], strict=True))
        except csv.Error as error:
            self.sheet.note(number, "", f"not CSV: {error}")
            return []
