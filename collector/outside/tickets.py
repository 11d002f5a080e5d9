"""Tickets: what customers reported, and whether that was a crash or like one."""

from collections.abc import Mapping
from typing import Any, Final

from windsock.collector.outside.kind import Intake, Kind, Wrong, agreeing, merged, warn_of_unknown
from windsock.collector.roster import cells
from windsock.collector.roster.sheet import Sheet, SheetRow

_COLUMNS: Final = {
    "ticket": "ticket",
    "critical": "critical",
    "incident": "incident_us",
    "opened": "opened_us",
    "drone": "drone",
    "account": "account",
    "state": "state",
    "merged_into": "merged_into",
    "reopened": "reopened_us",
    "title": "detail",
}
"""Of the file, and of the table."""
_MERGED: Final = "SELECT ticket, merged_into FROM tickets WHERE merged_into IS NOT NULL"
_OPEN: Final = "open"
_SOON_US: Final = 86_400_000_000


def _store(intake: Intake, sheet: Sheet) -> None:
    agreeing(sheet, ("ticket",))
    into = {row["ticket"]: row["merged_into"] for row in intake.ledger.execute(_MERGED)}
    into |= {row.cells["ticket"]: row.cells.get("merged_into")
             for row in sheet.rows if "merged_into" in row.columns}  # fmt: skip
    sheet.weed(lambda row: _circle(row, into))
    for row in sheet.rows:
        merged(intake.ledger, "tickets", "ticket", _row(row, intake.source), {"state": _OPEN})
        if int(str(row.cells.get("incident", 0))) > intake.now_us + _SOON_US:
            sheet.warn(row.line, "incident", "is in the future")
    warn_of_unknown(intake, sheet, "drone")
    warn_of_unknown(intake, sheet, "account")


def _circle(row: SheetRow, into: Mapping[object, object]) -> Wrong:
    """Of tickets that were merged into each other none would be left."""
    ticket, seen = row.cells["ticket"], set()
    place = row.cells.get("merged_into")
    while place is not None and place != ticket and place not in seen:
        seen.add(place)
        place = into.get(place)
    return [("merged_into", f"{ticket} would end in itself")] if place == ticket else []


def _row(row: SheetRow, source: str) -> dict[str, Any]:
    said = {name: row.cells.get(column) for column, name in _COLUMNS.items()
            if column in row.columns}  # fmt: skip
    if said.get("state", _OPEN) is None:
        said["state"] = _OPEN
    return said | {"critical": int(bool(row.cells["critical"])), "source": source}


TICKETS: Final = Kind(
    name="tickets",
    about="what customers reported",
    columns={
        "ticket": str,
        "critical": cells.yes_or_no,
        "incident": cells.moment_us,
        "opened": cells.moment_us,
        "drone": cells.serial,
        "account": str,
        "state": cells.one_of(_OPEN, "closed"),
        "merged_into": str,
        "reopened": cells.moment_us,
        "title": str,
    },
    needed=("ticket", "critical"),
    store=_store,
)
