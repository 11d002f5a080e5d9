"""What a kind of facts is: its columns, and what becomes of its rows."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from windsock.collector.roster.sheet import Readers, Sheet, SheetRow
from windsock.collector.sql import insert

Wrong = list[tuple[str, str]]
"""Columns, and what is wrong there."""


class Intake(NamedTuple):
    """Where facts go, who brought them, and when."""

    ledger: sqlite3.Connection
    source: str
    now_us: int


class Kind(NamedTuple):
    """One kind of facts."""

    name: str
    about: str
    columns: Readers
    needed: tuple[str, ...]
    """Columns that can't be empty."""
    store: Callable[[Intake, Sheet], None]
    """Puts the rows of a sheet into the ledger, in a transaction of its caller; what contradicts
    is refused in the sheet."""


def agreeing(sheet: Sheet, key: tuple[str, ...]) -> None:
    """Leave out rows that say otherwise than a line before of what the cells *key* name."""
    seen: dict[tuple[object, ...], SheetRow] = {}

    def wrong_with(row: SheetRow) -> Wrong:
        first = seen.setdefault(tuple(row.cells.get(column) for column in key), row)
        differs = [column for column in row.cells | first.cells
                   if row.cells.get(column) != first.cells.get(column)]  # fmt: skip
        return [(differs[0], f"line {first.line} says otherwise")] if differs else []

    sheet.weed(wrong_with)


def after(row: SheetRow, later: str, earlier: str) -> Wrong:
    """What is wrong where the cell *later* is not after the cell *earlier*."""
    begins, ends = row.cells.get(earlier, 0), row.cells.get(later)
    return [(later, f"not after {earlier}")] if ends is not None and ends <= begins else []  # type: ignore[operator]  # both are moments


def warn_of_unknown(
    intake: Intake, sheet: Sheet, column: str, known: Iterable[str] | None = None
) -> None:
    """A name that nobody knows is taken, as what it names may come later; it may be misspelt."""
    names = set(_known(intake.ledger, column) if known is None else known)
    for row in sheet.rows:
        name = row.cells.get(column)
        if name is not None and name not in names:
            sheet.warn(row.line, column, f"{name!r} is not known yet")


def _known(ledger: sqlite3.Connection, column: str) -> Iterable[str]:
    table = "SELECT serial FROM drones" if column == "drone" else "SELECT account FROM accounts"
    return (row[0] for row in ledger.execute(table))


def merged(
    ledger: sqlite3.Connection, table: str, key: str, row: dict[str, Any], new: dict[str, Any]
) -> None:
    """Put *row* into *table*: what it says in place of what was there, the rest as it was.

    A row that was not there has what *new* says, too.
    """
    places = ", ".join(f"{column} = :{column}" for column in row)
    there = ledger.execute(f"UPDATE {table} SET {places} WHERE {key} = :{key}", row).rowcount  # noqa: S608 - our names
    if not there:
        insert(ledger, table, new | row)
