"""``windsock-collector replay``: history judged again with other rules, and what comes out."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from windsock.collector.detect.crash import CrashRule
from windsock.collector.replay.differences import (
    CaseDifference,
    VerdictChange,
    differences,
    verdict_changes,
)
from windsock.collector.replay.history import HOUR_US, cases_since, copied, judge_again
from windsock.collector.replay.rules import Rules, load_rules
from windsock.collector.settings import Settings
from windsock.collector.show.layout import Column, day, laid_out, text
from windsock.config.loader import SettingsError

_LONGEST_STEP_HOURS = 744.0


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command understands; ``-c`` and ``--json`` come with the others."""
    command.add_argument(
        "--since", type=_moment_us, required=True, metavar="UTC", help="where to begin"
    )
    command.add_argument(
        "--rules", type=Path, metavar="TOML",
        help="what to judge by otherwise: [judge], [sight], [software], [crash]; without it"
        " today's rules are held against the cases that there were",
    )  # fmt: skip
    command.add_argument(
        "--every", type=_hours, default=24.0, metavar="HOURS",
        help="how often the fleet is judged, default 24",
    )  # fmt: skip


class Outcome(NamedTuple):
    """What came of it."""

    cases: list[CaseDifference]
    verdicts: list[VerdictChange]
    """Empty without other rules."""
    before: int
    after: int
    """Cases."""


def replay(options: argparse.Namespace, settings: Settings) -> Outcome:
    """Judge the history of the ledger again, as *options* say.

    Raises SettingsError for rules or a moment that can't be used.
    """
    now_us, step_us = options.now(), round(options.every * HOUR_US)
    if options.since >= now_us:
        raise SettingsError("--since: expected a moment in the past")
    rules = load_rules(options.rules, settings) if options.rules else None
    verdicts: list[VerdictChange] = []
    with copied(settings.ledger) as copy:
        before = cases_since(copy, options.since)
        if rules:
            verdicts = verdict_changes(copy, CrashRule(), rules.crash, options.since)
            before = judge_again(copy, Rules(settings), options.since, now_us, step_us)
    with copied(settings.ledger) as copy:
        again = rules or Rules(settings)
        after = judge_again(copy, again, options.since, now_us, step_us)
    found = differences(before, after, options.since)
    return Outcome(found, verdicts, len(before), len(after))


def tables(outcome: Outcome, width: int) -> list[Table]:
    """The verdicts of flights where there were other rules, and the cases that differ."""
    note = f"{outcome.before} cases before, {outcome.after} after: {len(outcome.cases)} differ"
    cases = laid_out(_COLUMNS, outcome.cases, width, [note])
    return [_verdicts_table(outcome.verdicts), cases] if outcome.verdicts else [cases]


def _verdicts_table(changes: Sequence[VerdictChange]) -> Table:
    table = Table("verdict before", "after", "flights")
    for change in changes:
        table.add_row(change.before, change.after, f"{change.flights:,}")
    return table


def _moment_us(written: str) -> int:
    moment = datetime.fromisoformat(written)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp()) * 1_000_000


def _hours(written: str) -> float:
    hours = float(written)
    if not 1 <= hours <= _LONGEST_STEP_HOURS:
        raise argparse.ArgumentTypeError("expected hours from 1 to 744")
    return hours


_COLUMNS: tuple[Column[CaseDifference], ...] = (
    Column("change", lambda row: text(row.change, "bold")),
    Column("rule", lambda row: text(row.rule)),
    Column("subject", lambda row: text(row.subject)),
    Column("opened", lambda row: text(day(row.opened_us))),
    Column("severity", lambda row: text(str(row.severity)), right=True),
    Column("basis", lambda row: text(row.basis), rank=1),
    Column("told", lambda row: text("yes" if row.told else "no")),
    Column("about", lambda row: text(row.episode), rank=2),
)
