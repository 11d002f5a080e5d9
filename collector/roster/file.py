"""The roster file: which autopilot is which drone, whose it is, and who looks after it.

One row says what held from ``valid_from`` until ``valid_until``; an empty cell says nothing. Of
rows that speak of the same thing the one that starts later counts, so a hand-over is one new row.
Rows that start together and disagree are an error. `config/roster.csv` is an example with words.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, cast

from windsock.collector.roster import cells
from windsock.collector.roster.sheet import RosterError, Sheet, load_sheet, read_sheet

COLUMNS: Final[dict[str, Callable[[str], str | int]]] = {
    "serial": cells.serial,
    "uid": cells.uid,
    "product": str,
    "hardware": str,
    "companion_app": cells.version,
    "channel": str.lower,
    "group": str,
    "delivered": cells.moment_us,
    "customer": str,
    "customer_email": cells.email,
    "stage": str.lower,
    "region": str,
    "tier": cells.tier,
    "distributor": str,
    "distributor_email": cells.email,
    "csm": str,
    "csm_email": cells.email,
    "sales": str,
    "sales_email": cells.email,
    "service_state": cells.service_state,
    "valid_from": cells.moment_us,
    "valid_until": cells.moment_us,
}
_OF_ACCOUNTS: Final = (
    "distributor", "distributor_email", "stage", "region", "tier", "csm", "csm_email", "sales",
    "sales_email", "valid_from", "valid_until",
)  # fmt: skip
ACCOUNT_COLUMNS: Final[dict[str, Callable[[str], str | int]]] = {
    "account": str,
    "kind": cells.account_kind,
    "email": cells.email,
    **{name: COLUMNS[name] for name in _OF_ACCOUNTS},
}
"""Of rows that are about an account, whether it has drones or not."""

_NEEDS: Final = {
    "customer_email": "customer",
    "stage": "customer",
    "region": "customer",
    "tier": "customer",
    "distributor": "customer",
    "distributor_email": "distributor",
    "csm_email": "customer",
    "csm": "csm_email",
    "sales_email": "customer",
    "sales": "sales_email",
}
"""A cell that means nothing without another one."""

Kind = Literal[
    "uid_drone", "drone_customer", "drone_service", "customer_distributor", "account_csm",
    "account_sales", "product", "hardware", "companion_app", "channel", "group", "delivered",
    "account_kind", "account_email", "stage", "region", "tier", "person_name",
]  # fmt: skip
_STATEMENTS: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("uid_drone", "uid", "serial"),
    ("drone_customer", "serial", "customer"),
    ("drone_service", "serial", "service_state"),
    ("product", "serial", "product"),
    ("hardware", "serial", "hardware"),
    ("companion_app", "serial", "companion_app"),
    ("channel", "serial", "channel"),
    ("group", "serial", "group"),
    ("delivered", "serial", "delivered"),
    ("account_email", "customer", "customer_email"),
    ("account_email", "distributor", "distributor_email"),
    ("account_email", "account", "email"),
    ("account_kind", "account", "kind"),
    ("person_name", "csm_email", "csm"),
    ("person_name", "sales_email", "sales"),
    ("customer_distributor", "customer", "distributor"),
    ("customer_distributor", "account", "distributor"),
    ("account_csm", "customer", "csm_email"),
    ("account_csm", "account", "csm_email"),
    ("account_sales", "customer", "sales_email"),
    ("account_sales", "account", "sales_email"),
    ("stage", "customer", "stage"),
    ("stage", "account", "stage"),
    ("region", "customer", "region"),
    ("region", "account", "region"),
    ("tier", "customer", "tier"),
    ("tier", "account", "tier"),
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
    def subject(self) -> str:
        """The drone that it speaks of, or the account."""
        return str(self.cells.get("serial") or self.cells["account"])

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


class Roster(NamedTuple):
    """The good rows, in order, and what was wrong with the others."""

    rows: list[RosterRow]
    errors: list[RosterError]
    kinds: frozenset[Kind]
    """What its columns speak of, be the cells filled in or not."""


def load_roster(path: Path) -> Roster:
    """Read the CSV file at *path*, UTF-8, comma-separated; lines that begin with ``#`` are words.

    Good rows are kept, whatever is wrong with others. A file or header that can't be used gives
    no rows and one error.
    """
    return roster_of(load_sheet(path, _parse))


def parse_roster(text: str, file: str) -> Roster:
    """As `load_roster`, for text that was read from *file*."""
    return roster_of(_parse(text, file))


def roster_of(sheet: Sheet) -> Roster:
    """The rows of *sheet* that mean something and agree with each other."""
    said: dict[tuple[Kind, str, int], tuple[str, int]] = {}
    rows = []
    for line, filled, _ in sheet.rows:
        row = RosterRow(line, cast("Cells", filled))
        wrong = list(_incomplete(row.cells)) or _disagreements(row, said)
        if wrong:
            sheet.refuse(line, wrong, row.subject)
            continue
        for one in row.statements():
            said[one.kind, one.subject, row.from_us] = (one.value, line)
        rows.append(row)
    spoken = (kind for kind, about, says in _STATEMENTS if {about, says} <= sheet.columns)
    return Roster(rows, sheet.errors, frozenset(spoken))


def _parse(text: str, file: str) -> Sheet:
    return read_sheet(text, file, COLUMNS, ("serial",))


def _disagreements(
    row: RosterRow, said: dict[tuple[Kind, str, int], tuple[str, int]]
) -> list[tuple[str, str]]:
    """The first thing that a line before *row* says otherwise from the same day on."""
    for one in row.statements():
        value, line = said.get((one.kind, one.subject, row.from_us), (one.value, 0))
        if value != one.value:
            message = (
                f"line {line} says otherwise of {one.subject} from the same day on;"
                " a change needs its valid_from"
            )
            return [(one.column, message)]
    return []


def _incomplete(row: Cells) -> Iterator[tuple[str, str]]:
    for column, other in _NEEDS.items():
        if column in row and other not in row and not (other == "customer" and "account" in row):
            yield other, f"missing, and {column} says nothing without it"
    if "valid_until" in row and int(row["valid_until"]) <= int(row.get("valid_from", 0)):
        yield "valid_until", "not after valid_from"
