"""One file of facts into the ledger: good rows are taken, bad ones named."""

import sqlite3
from typing import Final

from windsock.collector.ledger import transaction
from windsock.collector.outside.imports import Taken, note
from windsock.collector.outside.json_records import json_records, looks_like_json
from windsock.collector.outside.kind import Intake, Kind
from windsock.collector.outside.owning import ACCOUNTS, DRONES, OWNERS, ROSTER
from windsock.collector.outside.pauses import PAUSES
from windsock.collector.outside.people import CONTACTS, COVER, PEOPLE
from windsock.collector.outside.reading import MOST_BYTES, ContentError, refuse_too_many, text_of
from windsock.collector.outside.software import MAILS, RELEASES
from windsock.collector.outside.surveys import SURVEYS
from windsock.collector.outside.tickets import TICKETS
from windsock.collector.roster.sheet import Sheet, read_records, read_sheet

__all__ = ["KINDS", "MOST_BYTES", "Taken", "UnknownKindError", "take"]

KINDS: Final = {
    kind.name: kind
    for kind in (
        ROSTER, DRONES, ACCOUNTS, OWNERS, PEOPLE, CONTACTS, COVER, TICKETS, SURVEYS, PAUSES,
        MAILS, RELEASES,
    )
}  # fmt: skip
"""In the order in which they are best taken: what names things before what speaks of them."""


class UnknownKindError(Exception):
    """There are no facts of this kind; the message names those that there are."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"no kind of facts {kind[:40]!r}; there are {', '.join(KINDS)}")


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
        note(ledger, taken, source, data, now_us)
    return taken


def _read(kind: Kind, data: bytes, source: str) -> Sheet:
    sheet = Sheet(source)
    try:
        text = text_of(data)
        refuse_too_many(text)
    except ContentError as error:
        sheet.note(error.line, "", str(error))
        return sheet
    if not looks_like_json(text):
        return read_sheet(text, source, kind.columns, kind.needed)
    return read_records(json_records(text, sheet), sheet, kind.columns, kind.needed)
