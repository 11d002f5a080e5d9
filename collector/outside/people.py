"""People: ours (CSMs, sales owners, support), theirs (contacts), and who stands in for whom."""

from collections import defaultdict
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from windsock.collector.outside.kind import (
    Intake,
    Kind,
    Wrong,
    after,
    agreeing,
    merged,
    warn_of_unknown,
)
from windsock.collector.roster import cells
from windsock.collector.roster.sheet import Sheet, SheetRow


def zone(text: str) -> str:
    """A time zone as the IANA database names it."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"expected a time zone such as Europe/Berlin, got {text!r}") from None


def _store_people(intake: Intake, sheet: Sheet) -> None:
    agreeing(sheet, ("email",))
    for row in sheet.rows:
        said = {column: row.cells.get(column) for column in row.columns}
        merged(intake.ledger, "people", "email", said, {})


def _store_contacts(intake: Intake, sheet: Sheet) -> None:
    """Those of an account that the file names are all its contacts."""
    sheet.weed(lambda row: after(row, "valid_until", "valid_from"))
    agreeing(sheet, ("account", "email", "valid_from"))
    _forget(intake, "contacts", "account", sheet)
    intake.ledger.executemany(
        "INSERT OR REPLACE INTO contacts VALUES (?, ?, ?, ?, ?, ?)",
        [
            (*map(row.cells.get, ("email", "account", "name", "role")),
             row.cells.get("valid_from", 0), row.cells.get("valid_until"))
            for row in sheet.rows
        ],
    )  # fmt: skip
    warn_of_unknown(intake, sheet, "account")


def _store_cover(intake: Intake, sheet: Sheet) -> None:
    """The absences of a CSM that the file names are all there are."""
    sheet.weed(lambda row: after(row, "until", "from") + _own_cover(row))
    agreeing(sheet, ("csm", "from"))
    taken: defaultdict[object, list[SheetRow]] = defaultdict(list)
    sheet.weed(lambda row: _overlap(row, taken[row.cells["csm"]]))
    _forget(intake, "cover", "csm", sheet)
    intake.ledger.executemany(
        "INSERT OR REPLACE INTO cover (csm, from_us, until_us, substitute) VALUES (?, ?, ?, ?)",
        [tuple(map(row.cells.get, ("csm", "from", "until", "substitute"))) for row in sheet.rows],
    )
    known = {row[0] for row in intake.ledger.execute("SELECT email FROM people")}
    for column in ("csm", "substitute"):
        warn_of_unknown(intake, sheet, column, known)


def _own_cover(row: SheetRow) -> Wrong:
    same = row.cells["csm"] == row.cells["substitute"]
    return [("substitute", "nobody stands in for themselves")] if same else []


def _overlap(row: SheetRow, earlier: list[SheetRow]) -> Wrong:
    for other in earlier:
        begins = max(row.cells["from"], other.cells["from"])  # type: ignore[call-overload]  # moments
        if begins < min(row.cells["until"], other.cells["until"]) and row.cells != other.cells:  # type: ignore[call-overload]  # moments
            return [("from", f"{row.cells['csm']} is away then by line {other.line}, too")]
    earlier.append(row)
    return []


def _forget(intake: Intake, table: str, column: str, sheet: Sheet) -> None:
    intake.ledger.executemany(
        f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608 - our names
        [(name,) for name in {row.cells[column] for row in sheet.rows}],
    )


PEOPLE: Final = Kind(
    name="people",
    about="those of ours who call customers or are told of cases",
    columns={
        "email": cells.email,
        "name": str,
        "role": cells.one_of("csm", "sales", "support"),
        "zone": zone,
    },
    needed=("email", "role"),
    store=_store_people,
)
CONTACTS: Final = Kind(
    name="contacts",
    about="people at customers and distributors",
    columns={
        "account": str,
        "email": cells.email,
        "name": str,
        "role": str,
        "valid_from": cells.moment_us,
        "valid_until": cells.moment_us,
    },
    needed=("account", "email"),
    store=_store_contacts,
)
COVER: Final = Kind(
    name="cover",
    about="who stands in for an absent CSM",
    columns={
        "csm": cells.email,
        "from": cells.moment_us,
        "until": cells.moment_us,
        "substitute": cells.email,
    },
    needed=("csm", "from", "until", "substitute"),
    store=_store_cover,
)
