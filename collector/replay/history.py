"""A copy of the ledger, put back to a moment, and its history judged again from there.

The copy forgets every verdict, incident, case and answer, and all that arrived later; then the
days pass, what had arrived arrives again, and everything is judged by other rules. Measurements
and the roster are as they stand today, and so is what a measurement took back.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from windsock.collector.cases.judge import judge_fleet, judge_new, judge_wear
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.replay.rules import Rules

HOUR_US: Final = 3_600_000_000
_JUDGED: Final = (
    "outbox", "case_events", "incidents", "call_cases", "calls", "digests", "overruled", "answers",
    "outcomes", "cases", "verdicts", "unjudged", "stale_rows", "progress",
)  # fmt: skip
_ARRIVING: Final = {"flights": "received_us", "sightings": "received_us", "presence": "hour"}
"""Tables whose rows come one after the other, and the column that says when."""

_CASES: Final = """
SELECT rule, subject, opened_us, severity, basis,
    coalesce('flight ' || (
        SELECT min(flight_id) FROM incidents WHERE incidents.case_id = cases.id), episode)
        AS episode,
    EXISTS (SELECT 1 FROM case_events WHERE case_id = cases.id
        AND decision IN ('notify', 'no-csm', 'support')) AS told
FROM cases WHERE closed_us IS NULL OR closed_us >= ? ORDER BY id
"""


class Told(NamedTuple):
    """A case as it came out."""

    rule: str
    subject: str
    episode: str
    opened_us: int
    severity: int
    basis: str | None
    told: bool
    """Somebody got a notice of it."""


@contextmanager
def copied(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the ledger at *path* in a folder of its own, which goes when the block ends.

    The ledger itself is only read, whatever its version; services may go on writing to it.
    """
    with TemporaryDirectory(prefix="windsock-replay-") as folder:
        file = Path(folder) / "ledger"
        source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        target = sqlite3.connect(file)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()
        copy = open_ledger(file)
        try:
            copy.execute("PRAGMA synchronous = OFF")
            copy.execute("PRAGMA foreign_keys = OFF")
            yield copy
        finally:
            copy.close()


def cases_since(ledger: sqlite3.Connection, since_us: int) -> list[Told]:
    """The cases that were open at *since_us* or later."""
    return [
        Told(
            row["rule"],
            row["subject"],
            row["episode"],
            row["opened_us"],
            row["severity"],
            row["basis"],
            bool(row["told"]),
        )
        for row in ledger.execute(_CASES, (since_us,))
    ]


def judge_again(
    copy: sqlite3.Connection, rules: Rules, since_us: int, until_us: int, step_us: int
) -> list[Told]:
    """Judge from *since_us* to *until_us*, every *step_us*; the cases that came of it."""
    _put_back(copy, since_us)
    before_us = since_us
    for now_us in moments(since_us, until_us, step_us):
        _arrive(copy, before_us, now_us)
        judge_new(copy, now_us, rules.settings, rules.crash)
        judge_fleet(copy, now_us, rules.settings)
        judge_wear(copy, now_us, rules.settings)
        before_us = now_us
    return cases_since(copy, since_us)


def moments(since_us: int, until_us: int, step_us: int) -> Iterator[int]:
    """The beginning, every step after it, and the end."""
    yield from range(since_us, until_us, step_us)
    yield until_us


def _put_back(copy: sqlite3.Connection, since_us: int) -> None:
    with transaction(copy):
        for table in _JUDGED:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
        for table, column in _ARRIVING.items():
            after = since_us // HOUR_US if column == "hour" else since_us
            copy.execute(
                f"CREATE TEMP TABLE later_{table} AS SELECT * FROM main.{table}"  # noqa: S608 - our names
                f" WHERE {column} > {after}"
            )
            copy.execute(f"DELETE FROM main.{table} WHERE {column} > {after}")  # noqa: S608 - our names
        copy.execute("INSERT INTO unjudged SELECT id FROM flights")


def _arrive(copy: sqlite3.Connection, after_us: int, until_us: int) -> None:
    with transaction(copy):
        for table, column in _ARRIVING.items():
            unit = HOUR_US if column == "hour" else 1
            copy.execute(
                f"INSERT INTO main.{table} SELECT * FROM later_{table}"  # noqa: S608 - our names
                f" WHERE {column} > ? AND {column} <= ?",
                (after_us // unit, until_us // unit),
            )
