"""One file of facts into the ledger: good rows are taken, bad ones named."""

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from windsock.collector.ledger import transaction
from windsock.collector.outside.json_records import json_records, looks_like_json
from windsock.collector.outside.kind import Intake, Kind
from windsock.collector.outside.owning import ACCOUNTS, DRONES, OWNERS, ROSTER
from windsock.collector.outside.pauses import PAUSES
from windsock.collector.outside.people import CONTACTS, COVER, PEOPLE
from windsock.collector.outside.reading import MOST_BYTES, ContentError, text_of
from windsock.collector.outside.software import MAILS, RELEASES
from windsock.collector.outside.surveys import SURVEYS
from windsock.collector.outside.tickets import TICKETS
from windsock.collector.roster.sheet import RosterError, Sheet, read_records, read_sheet
from windsock.collector.sql import insert

__all__ = ["KINDS", "MOST_BYTES", "Taken", "UnknownKindError", "take"]

KINDS: Final = {
    kind.name: kind
    for kind in (
        ROSTER, DRONES, ACCOUNTS, OWNERS, PEOPLE, CONTACTS, COVER, TICKETS, SURVEYS, PAUSES,
        MAILS, RELEASES,
    )
}  # fmt: skip
"""In the order in which they are best taken: what names things before what speaks of them."""
_KEPT_ERRORS: Final = 100
"""Of an import, in the ledger."""


class UnknownKindError(Exception):
    """There are no facts of this kind; the message names those that there are."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"no kind of facts {kind[:40]!r}; there are {', '.join(KINDS)}")


class Taken(NamedTuple):
    """What became of a file."""

    kind: str
    taken: int
    """Rows that hold now."""
    refused: int
    """Rows that were left out; a file that can't be read at all has errors and no rows."""
    errors: list[RosterError]
    """The first `sheet.MOST_ERRORS`."""
    warnings: Sequence[RosterError] = ()
    """What is odd about rows that were taken."""


def take(ledger: sqlite3.Connection, kind: str, data: bytes, source: str, now_us: int) -> Taken:
    """Take in the rows of *data*, CSV or JSON, in one transaction; *source* says who brought it.

    The same again changes nothing. Raises UnknownKindError; whatever is wrong with *data* is in
    what is returned, and in table imports.
    """
    if kind not in KINDS:
        raise UnknownKindError(kind)
    sheet = _read(KINDS[kind], data, source)
    with transaction(ledger):
        KINDS[kind].store(Intake(ledger, source, now_us), sheet)
        taken = Taken(kind, len(sheet.rows), sheet.refused, sheet.errors, sheet.warnings)
        _note(ledger, taken, source, data, now_us)
    return taken


def _read(kind: Kind, data: bytes, source: str) -> Sheet:
    sheet = Sheet(source)
    try:
        text = text_of(data)
    except ContentError as error:
        sheet.note(error.line, "", str(error))
        return sheet
    if not looks_like_json(text):
        return read_sheet(text, source, kind.columns, kind.needed)
    return read_records(json_records(text, sheet), sheet, kind.columns, kind.needed)


def _note(ledger: sqlite3.Connection, taken: Taken, source: str, data: bytes, now_us: int) -> None:
    said = [str(error) for error in (*taken.errors, *taken.warnings)]
    insert(ledger, "imports", {
        "kind": taken.kind,
        "source": source,
        "digest": hashlib.sha256(data).digest(),
        "at_us": now_us,
        "taken": taken.taken,
        "refused": taken.refused,
        "errors": msgspec.json.encode(said[:_KEPT_ERRORS]).decode(),
    })  # fmt: skip
