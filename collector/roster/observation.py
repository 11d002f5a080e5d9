"""What somebody sees to be so now, without a history: it holds from now on.

Other than a file (`enrolment`) it replaces nothing that was known of the time before.
"""

import sqlite3

from windsock.collector.roster.enrolment import TRAIT_KINDS
from windsock.collector.roster.file import Kind
from windsock.collector.roster.timeline import Span, at, overlay


def observe(ledger: sqlite3.Connection, kind: Kind, subject: str, value: str, now_us: int) -> bool:
    """Of *subject*, *value* holds at *now_us*; True: that was not known.

    The first ever is taken to have held since ever. In the caller's transaction.
    """
    if kind in TRAIT_KINDS:
        table, about, says = "traits", "account", "value"
    else:
        table, about, says = "links", "subject", "object"
    found = ledger.execute(
        f"SELECT from_us, until_us, {says} FROM {table} WHERE kind = ? AND {about} = ?",  # noqa: S608 - our names
        (kind, subject),
    )
    spans = [Span(*row) for row in found]
    if at(spans, now_us) == value:
        return False
    since_us = now_us if spans else 0
    ledger.execute(f"DELETE FROM {table} WHERE kind = ? AND {about} = ?", (kind, subject))  # noqa: S608 - our names
    ledger.executemany(
        f"INSERT INTO {table} (kind, {about}, from_us, until_us, {says}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608 - our names
        [(kind, subject, *span) for span in overlay([*spans, Span(since_us, None, value)])],
    )
    return True
