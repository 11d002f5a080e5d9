"""What the maker released, and which accounts were told of it: two CSV files, into the ledger.

`config/releases.csv` and `config/update-mails.csv` are examples with words. A file is the whole
truth of its kind; one with an error changes nothing.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from windsock.collector.ledger import transaction
from windsock.collector.roster import cells
from windsock.collector.roster.sheet import Readers, RosterError, Sheet, SheetRow, read_sheet

STABLE: Final = "stable"
PINNED: Final = "pinned"
"""A drone on this channel stays at what it runs."""
GRACE_DAYS: Final = 14.0
"""DESIGN: D3."""
_LONGEST_GRACE_DAYS: Final = 3650.0


class WaveCell(NamedTuple):
    """A wave as written: a share of the drones or a group, from a moment on."""

    from_us: int
    percent: float | None
    group: str | None


def waves(text: str) -> list[WaveCell]:
    """``10% 2026-05-01; pilots 2026-05-03; 100% 2026-05-15``."""
    return [_wave(part.strip()) for part in text.split(";") if part.strip()]


def hardware(text: str) -> str:
    """``FMU_V5; FMU_V6X``: a set of names, kept in order."""
    return ";".join(sorted({part.strip() for part in text.split(";") if part.strip()}))


def mandatory(text: str) -> bool:
    """Whether a drone can be overdue with it."""
    if text not in ("mandatory", "advisory"):
        raise ValueError(f"expected mandatory or advisory, got {text!r}")
    return text == "mandatory"


def grace_days(text: str) -> float:
    """Days that a drone has from its wave on."""
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= _LONGEST_GRACE_DAYS:
        raise ValueError(f"expected days from 0 to {_LONGEST_GRACE_DAYS:g}, got {text!r}")
    return days


RELEASE_COLUMNS: Final[Readers] = {
    "product": str,
    "hardware": hardware,
    "channel": str.lower,
    "version": cells.version,
    "base": cells.version,
    "released_at": cells.moment_us,
    "waves": waves,
    "must_pass_through": cells.yes_or_no,
    "kind": mandatory,
    "withdrawn_at": cells.moment_us,
    "grace_days": grace_days,
    "companion_app_minimum": cells.version,
}
RELEASE_NEEDS: Final = ("version", "released_at")
MAIL_NEEDS: Final = ("account", "version", "sent_at")
MAIL_COLUMNS: Final[Readers] = {
    "account": str,
    "version": cells.version,
    "sent_at": cells.moment_us,
}


def parse_releases(text: str, file: str) -> Sheet:
    """Rows of releases that don't contradict each other."""
    sheet = read_sheet(text, file, RELEASE_COLUMNS, RELEASE_NEEDS)
    weed_releases(sheet)
    return sheet


def parse_mails(text: str, file: str) -> Sheet:
    """Rows of e-mails sent."""
    return read_sheet(text, file, MAIL_COLUMNS, MAIL_NEEDS)


def apply_releases(ledger: sqlite3.Connection, sheet: Sheet) -> list[RosterError]:
    """Make the ledger's releases those of *sheet*, unless it has an error."""
    return _replace(ledger, sheet, "releases", release_rows(sheet))


def apply_mails(ledger: sqlite3.Connection, sheet: Sheet) -> list[RosterError]:
    """Make the ledger's e-mails those of *sheet*, unless it has an error."""
    return _replace(ledger, sheet, "update_mails", mail_rows(sheet))


def release_rows(sheet: Sheet) -> list[tuple[object, ...]]:
    """As table releases has them."""
    return [_release(row) for row in sheet.rows]


def mail_rows(sheet: Sheet) -> list[tuple[object, ...]]:
    """As table update_mails has them."""
    return [tuple(row.cells[column] for column in MAIL_NEEDS) for row in sheet.rows]


def weed_releases(sheet: Sheet) -> None:
    """Leave out what contradicts itself or a line before it."""
    seen: dict[tuple[object, ...], int] = {}
    sheet.weed(lambda row: list(_contradictions(row, seen)))


def _replace(
    ledger: sqlite3.Connection, sheet: Sheet, table: str, rows: list[tuple[object, ...]]
) -> list[RosterError]:
    if not sheet.errors:
        with transaction(ledger):
            ledger.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                ledger.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our names, question marks
    return sheet.errors


def _release(row: SheetRow) -> tuple[object, ...]:
    found = row.cells
    return (
        *_key(row),
        found.get("base"),
        found["released_at"],
        msgspec.json.encode(found.get("waves", [])).decode(),
        int(bool(found.get("must_pass_through", False))),
        int(bool(found.get("kind", True))),
        found.get("withdrawn_at"),
        found.get("grace_days", GRACE_DAYS),
        found.get("companion_app_minimum"),
    )


def _key(row: SheetRow) -> tuple[object, ...]:
    defaults = (("product", ""), ("hardware", ""), ("channel", STABLE), ("version", ""))
    return tuple(row.cells.get(column, missing) for column, missing in defaults)


def _contradictions(
    row: SheetRow, seen: dict[tuple[object, ...], int]
) -> Iterator[tuple[str, str]]:
    first = seen.setdefault(_key(row), row.line)
    if first != row.line:
        yield "version", f"line {first} is the same release"
    released, withdrawn = row.cells["released_at"], row.cells.get("withdrawn_at")
    if isinstance(withdrawn, int) and isinstance(released, int) and withdrawn <= released:
        yield "withdrawn_at", "not after released_at"
    if row.cells.get("channel") == PINNED:
        yield "channel", "pinned is for drones: they get no releases"


def _wave(text: str) -> WaveCell:
    whom, _, day = text.rpartition(" ")
    whom = whom.strip()
    if not whom:
        raise ValueError(f"expected waves such as 10% 2026-05-01; pilots 2026-05-08, got {text!r}")
    from_us = cells.moment_us(day)
    if not whom.endswith("%"):
        return WaveCell(from_us, None, whom)
    try:
        percent = float(whom.removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not 0 < percent <= 100:  # noqa: PLR2004 - per cent
        raise ValueError(f"expected a percentage above 0 and up to 100, got {whom!r}")
    return WaveCell(from_us, percent, None)
