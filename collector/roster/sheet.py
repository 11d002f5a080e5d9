"""Typed columns as people write them, a CSV file or records: every error names file and line."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from windsock.collector.roster import cells

MOST_ERRORS: Final = 1000
"""So many are told; lines that are wrong beyond that are counted."""
_MOST_NAMED: Final = 5
_MOST_LETTERS: Final = 40

Readers = Mapping[str, Callable[[str], object]]
"""For each column, what makes a value of its text or raises ValueError with what it expected."""


class RosterError(NamedTuple):
    """Why a line was left out; `line` 0 stands for the whole file."""

    file: str
    line: int
    column: str
    message: str
    subject: str | None = None
    """What the line is about, where that could be read."""

    def __str__(self) -> str:
        place = [self.file, str(self.line) if self.line else "", self.column]
        return f"{':'.join(filter(None, place))}: {self.message}"


class SheetRow(NamedTuple):
    """A line; `cells` has only those that were filled in."""

    line: int
    cells: dict[str, object]
    columns: frozenset[str] = frozenset()
    """Those that the line has, filled in or not."""


class Record(NamedTuple):
    """A row before it is read: texts by column."""

    line: int
    texts: Mapping[str, str]


@dataclass
class Sheet:
    """The good rows, in order, and what was wrong with the others."""

    file: str
    rows: list[SheetRow] = field(default_factory=list)
    errors: list[RosterError] = field(default_factory=list)
    """At most `MOST_ERRORS`."""
    refused: int = 0
    """Lines that were left out."""
    columns: frozenset[str] = frozenset()
    """Those that are there, filled in or not."""
    warnings: list[RosterError] = field(default_factory=list)
    """What is odd about lines that were taken; at most `MOST_ERRORS`."""

    def warn(self, line: int, column: str, message: str) -> None:
        """Something is odd."""
        if len(self.warnings) < MOST_ERRORS:
            self.warnings.append(RosterError(self.file, line, column, message))

    def note(self, line: int, column: str, message: str, subject: str | None = None) -> None:
        """Something is wrong."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(RosterError(self.file, line, _short(column), message, subject))

    def refuse(
        self, line: int, wrong: Iterable[tuple[str, str]], subject: str | None = None
    ) -> None:
        """Something is wrong with *line*, so it is left out: columns, and what is wrong there."""
        self.refused += 1
        for column, message in wrong:
            self.note(line, column, message, subject)

    def weed(self, wrong_with: Callable[[SheetRow], list[tuple[str, str]]]) -> None:
        """Leave out the rows that *wrong_with* finds something wrong with."""
        rows, self.rows = self.rows, []
        for row in rows:
            if wrong := wrong_with(row):
                self.refuse(row.line, wrong)
            else:
                self.rows.append(row)


def load_sheet(path: Path, parse: Callable[[str, str], Sheet]) -> Sheet:
    """What *parse* makes of the text at *path*; a file that can't be read is an error, too."""
    try:
        return parse(path.read_text("utf-8-sig"), str(path))
    except OSError as error:
        why = error.strerror or str(error)
    except UnicodeDecodeError as error:
        why = f"not UTF-8 text: {error}"
    sheet = Sheet(str(path))
    sheet.note(0, "", why)
    return sheet


def read_sheet(text: str, file: str, readers: Readers, needed: Sequence[str]) -> Sheet:
    """UTF-8 CSV with a header; lines that begin with ``#`` are words. *needed* can't be empty."""
    sheet = Sheet(file)
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        sheet.note(0, "", f"empty: expected a header with {', '.join(needed)}")
        return sheet
    header = _header(sheet, first, readers, needed)
    sheet.columns = frozenset(header)
    for number, line in lines if header else ():
        texts = _split(sheet, number, line)
        if texts and len(texts) != len(header):
            said = f"{len(texts)} cells, the header has {len(header)}"
            sheet.refuse(number, [("", said)])
        elif texts:
            record = Record(number, dict(zip(header, texts, strict=True)))
            _take(sheet, record, readers, needed)
    return sheet


def read_records(
    records: Iterable[Record], sheet: Sheet, readers: Readers, needed: Sequence[str]
) -> Sheet:
    """As `read_sheet`, of *records* that each name their columns, into *sheet*."""
    columns: set[str] = set()
    for record in records:
        unknown = _unknown(record.texts, readers)
        if unknown:
            sheet.refuse(record.line, unknown)
            continue
        columns |= record.texts.keys()
        _take(sheet, record, readers, needed)
    sheet.columns = frozenset(columns)
    return sheet


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Numbered, without the empty ones and those that are words."""
    number, start = 1, 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if line.strip().strip(",") and not line.startswith("#"):
            yield number, line
        number, start = number + 1, end + 1


def _header(
    sheet: Sheet, first: tuple[int, str], readers: Readers, needed: Sequence[str]
) -> list[str]:
    """The columns, or none if the header can't be used."""
    number, line = first
    names = [name.strip() for name in _split(sheet, number, line)]
    times = Counter(names)
    wrong = _unknown(times, readers)
    wrong += [(name, "this column is there twice")
              for name in times if name in readers and times[name] > 1]  # fmt: skip
    wrong = wrong or [(name, "this column is missing") for name in needed if name not in times]
    for column, message in wrong if names else ():
        sheet.note(number, column, message)
    return [] if sheet.errors else names


def _unknown(names: Iterable[str], readers: Readers) -> list[tuple[str, str]]:
    """The first few columns that there are not: of 100,000 nobody reads more."""
    unknown = [name for name in names if name not in readers]
    known = ", ".join(readers)
    said = [
        (name or "(empty)", f"no such column; there are {known}") for name in unknown[:_MOST_NAMED]
    ]
    if len(unknown) > _MOST_NAMED:
        said.append(("", f"{len(unknown) - _MOST_NAMED} more such columns"))
    return said


def _short(name: str) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:_MOST_LETTERS])
    return shown if len(name) <= _MOST_LETTERS else f"{shown}..."


def _take(sheet: Sheet, record: Record, readers: Readers, needed: Sequence[str]) -> None:
    """Keep a row if nothing is wrong with it."""
    row, wrong = SheetRow(record.line, {}, sheet.columns or frozenset(record.texts)), []
    for column, text in record.texts.items():
        try:
            if text.strip():
                row.cells[column] = readers[column](cells.clean(text))
        except ValueError as error:
            wrong.append((column, str(error)))
    faulty = {column for column, _ in wrong}
    wrong += [(column, "missing") for column in needed if column not in row.cells.keys() | faulty]
    if wrong:
        subject = row.cells.get(needed[0]) if needed else None
        sheet.refuse(record.line, wrong, None if subject is None else str(subject))
    else:
        sheet.rows.append(row)


def _split(sheet: Sheet, number: int, line: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r")], strict=True))
    except csv.Error as error:
        sheet.refuse(number, [("", f"not CSV: {error}")])
        return []
