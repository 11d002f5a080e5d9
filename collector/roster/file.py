"""The roster file: which autopilot is which drone, whose it is, and who looks after it.

One row says what held from ``valid_from`` until ``valid_until``; an empty cell says nothing. Of
rows that speak of the same thing the one that starts later counts, so a hand-over is one new row.
Rows that start together and disagree are an error. `config/roster.csv` is an example with words.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from windsock.collector.roster import cells

COLUMNS: Final[dict[str, Callable[[str], str | int]]] = {
    "serial": cells.serial,
    "uid": cells.uid,
    "product": str,
    "hardware": str,
    "channel": str.lower,
    "group": str,
    "delivered": cells.moment_us,
    "customer": str,
    "customer_email": cells.email,
    "stage": str.lower,
    "region": str,
    "distributor": str,
    "distributor_email": cells.email,
    "csm": str,
    "csm_email": cells.email,
    "service_state": cells.service_state,
    "valid_from": cells.moment_us,
    "valid_until": cells.moment_us,
}
_NEEDS: Final = {
    "customer_email": "customer",
    "stage": "customer",
    "region": "customer",
    "distributor": "customer",
    "distributor_email": "distributor",
    "csm_email": "customer",
    "csm": "csm_email",
}
"""A cell that means nothing without another one."""

Kind = Literal[
    "uid_drone", "drone_customer", "drone_service", "customer_distributor", "account_csm",
    "product", "hardware", "channel", "group", "delivered", "account_email", "stage", "region",
    "person_name",
]  # fmt: skip
_STATEMENTS: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("uid_drone", "uid", "serial"),
    ("drone_customer", "serial", "customer"),
    ("drone_service", "serial", "service_state"),
    ("customer_distributor", "customer", "distributor"),
    ("account_csm", "customer", "csm_email"),
    ("product", "serial", "product"),
    ("hardware", "serial", "hardware"),
    ("channel", "serial", "channel"),
    ("group", "serial", "group"),
    ("delivered", "serial", "delivered"),
    ("account_email", "customer", "customer_email"),
    ("account_email", "distributor", "distributor_email"),
    ("stage", "customer", "stage"),
    ("region", "customer", "region"),
    ("person_name", "csm_email", "csm"),
)
"""What a row says: kind, the column of what it is about, the column of what it says of that."""

Cells = dict[str, str | int]


class Statement(NamedTuple):
    """Of *subject*, *value* held."""

    kind: Kind
    subject: str
    value: str
    column: str


class RosterRow(NamedTuple):
    """One line: what held over a span. `cells` has only those that were filled in."""

    line: int
    cells: Cells

    @property
    def serial(self) -> str:
        """The drone it speaks of."""
        return str(self.cells["serial"])

    @property
    def from_us(self) -> int:
        """0, since ever, where the row names no start."""
        return int(self.cells.get("valid_from", 0))

    @property
    def until_us(self) -> int | None:
        """None: still."""
        until = self.cells.get("valid_until")
        return None if until is None else int(until)

    def statements(self) -> Iterator[Statement]:
        """What it says, one thing at a time."""
        for kind, about, says in _STATEMENTS:
            if about in self.cells and says in self.cells:
                subject, value = str(self.cells[about]), str(self.cells[says])
                yield Statement(kind, subject, value, says)


class RosterError(NamedTuple):
    """Why a line was left out; `line` 0 stands for the whole file."""

    file: str
    line: int
    column: str
    message: str
    serial: str | None = None

    def __str__(self) -> str:
        place = [self.file, str(self.line) if self.line else "", self.column]
        return f"{':'.join(filter(None, place))}: {self.message}"


class Roster(NamedTuple):
    """The good rows, in order, and what was wrong with the others."""

    rows: list[RosterRow]
    errors: list[RosterError]


def load_roster(path: Path) -> Roster:
    """Read the CSV file at *path*, UTF-8, comma-separated; lines that begin with ``#`` are words.

    Good rows are kept, whatever is wrong with others. A file or header that can't be used gives
    no rows and one error.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        return Roster([], [RosterError(str(path), 0, "", error.strerror or str(error))])
    except UnicodeDecodeError as error:
        return Roster([], [RosterError(str(path), 0, "", f"not UTF-8 text: {error}")])
    return parse_roster(text, str(path))


def parse_roster(text: str, file: str) -> Roster:
    """As `load_roster`, for text that was read from *file*."""
    lines = [
        (number, line)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip().strip(",") and not line.startswith("#")
    ]
    reading = _Reading(file)
    if not lines:
        reading.note(0, "", "empty: expected a header with the column serial")
        return Roster([], reading.errors)
    header = reading.header(*lines[0])
    for number, line in lines[1:] if header else []:
        reading.row(header, number, line)
    return Roster(reading.rows, reading.errors)


class _Reading:
    """The rows so far, and who said what first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.rows: list[RosterRow] = []
        self.errors: list[RosterError] = []
        self._said: dict[tuple[Kind, str, int], tuple[str, int]] = {}

    def note(self, line: int, column: str, message: str, serial: str | None = None) -> None:
        self.errors.append(RosterError(self.file, line, column, message, serial))

    def header(self, number: int, line: str) -> list[str]:
        """The columns, or none if the header can't be used."""
        names = [name.strip() for name in self._split(number, line)]
        unknown = [name for name in names if name not in COLUMNS]
        twice = [name for name in names if names.count(name) > 1]
        if unknown:
            self.note(number, unknown[0], f"no such column; there are {', '.join(COLUMNS)}")
        elif twice:
            self.note(number, twice[0], "this column is there twice")
        elif "serial" not in names:
            self.note(number, "serial", "this column is missing")
        else:
            return names
        return []

    def row(self, header: list[str], number: int, line: str) -> None:
        """Keep a line if nothing is wrong with it."""
        values = self._split(number, line)
        if not values:
            return
        if len(values) != len(header):
            self.note(number, "", f"{len(values)} cells, the header has {len(header)}")
            return
        row = self._parsed(number, dict(zip(header, values, strict=True)))
        if row and self._agrees(row):
            for statement in row.statements():
                key = (statement.kind, statement.subject, row.from_us)
                self._said[key] = (statement.value, number)
            self.rows.append(row)

    def _split(self, number: int, line: str) -> list[str]:
        try:
            return next(csv.reader([line.rstrip("\r")], strict=True))
        except csv.Error as error:
            self.note(number, "", f"not CSV: {error}")
            return []

    def _parsed(self, number: int, texts: dict[str, str]) -> RosterRow | None:
        cells_: Cells = {}
        wrong: list[tuple[str, str]] = []
        for column, text in texts.items():
            try:
                if text.strip():
                    cells_[column] = COLUMNS[column](cells.clean(text))
            except ValueError as error:
                wrong.append((column, str(error)))
        wrong = wrong or list(_incomplete(cells_))
        serial = cells_.get("serial")
        for column, message in wrong:
            self.note(number, column, message, None if serial is None else str(serial))
        return None if wrong else RosterRow(number, cells_)

    def _agrees(self, row: RosterRow) -> bool:
        for statement in row.statements():
            key = (statement.kind, statement.subject, row.from_us)
            value, line = self._said.get(key, (statement.value, 0))
            if value != statement.value:
                message = (
                    f"line {line} says otherwise of {statement.subject} from the same day on;"
                    " a change needs its valid_from"
                )
                self.note(row.line, statement.column, message, row.serial)
                return False
        return True


def _incomplete(row: Cells) -> Iterator[tuple[str, str]]:
    if "serial" not in row:
        yield "serial", "missing: which drone is this?"
    for column, other in _NEEDS.items():
        if column in row and other not in row:
            yield other, f"missing, and {column} says nothing without it"
    if "valid_until" in row and int(row["valid_until"]) <= int(row.get("valid_from", 0)):
        yield "valid_until", "not after valid_from"
