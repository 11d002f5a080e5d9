"""Planned pauses: a drone or a customer will not fly for a while, and nobody need wonder."""

from typing import Final

from windsock.collector.outside.kind import Intake, Kind, Wrong, after, agreeing, warn_of_unknown
from windsock.collector.roster import cells
from windsock.collector.roster.sheet import Sheet, SheetRow

_BROUGHT: Final = "import:"
"""Before the source of a pause that was imported; other pauses came of answers."""


def _store(intake: Intake, sheet: Sheet) -> None:
    """The imported pauses of a drone or customer that the file names are all there are."""
    sheet.weed(lambda row: _one_subject(row) + after(row, "until", "from"))
    agreeing(sheet, ("drone", "customer", "from"))
    source = _BROUGHT + intake.source
    rows = [
        (*_subject(row), row.cells["from"], row.cells["until"], row.cells.get("reason"), source)
        for row in sheet.rows
    ]
    intake.ledger.executemany(
        "DELETE FROM pauses WHERE subject_kind = ? AND subject = ? AND substr(source, 1, 7) = ?",
        [(*subject, _BROUGHT) for subject in {row[:2] for row in rows}],
    )
    intake.ledger.executemany("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?, ?, ?, ?)", rows)
    warn_of_unknown(intake, sheet, "drone")
    warn_of_unknown(intake, sheet, "customer")


def _one_subject(row: SheetRow) -> Wrong:
    named = [column for column in ("drone", "customer") if column in row.cells]
    return [] if len(named) == 1 else [("drone", "expected either a drone or a customer")]


def _subject(row: SheetRow) -> tuple[str, str]:
    kind = "drone" if "drone" in row.cells else "customer"
    return kind, str(row.cells[kind])


PAUSES: Final = Kind(
    name="pauses",
    about="when a drone or a customer will not fly",
    columns={
        "drone": cells.serial,
        "customer": str,
        "from": cells.moment_us,
        "until": cells.moment_us,
        "reason": str,
    },
    needed=("from", "until"),
    store=_store,
)
