"""The life of one case, as a table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from rich.table import Table

from windsock.collector.cases.events import CaseEvent
from windsock.collector.show.layout import Column, laid_out, text


def events_table(events: Sequence[CaseEvent], width: int) -> Table:
    """The oldest step first."""
    return laid_out(_COLUMNS, events, width, [])


def _moment(moment_us: int) -> str:
    return f"{datetime.fromtimestamp(moment_us // 1_000_000, UTC):%Y-%m-%d %H:%M}"


def _what(event: CaseEvent) -> str:
    said = dict(event.detail)
    until_us = said.pop("until_us", None)
    words = [f"{key} {value}" for key, value in said.items()]
    return ", ".join([*([f"until {_moment(until_us)[:10]}"] if until_us else []), *words])


_COLUMNS: Final[tuple[Column[CaseEvent], ...]] = (
    Column("when (UTC)", lambda row: text(_moment(row.at_us))),
    Column("step", lambda row: text(row.transition, "bold")),
    Column("by", lambda row: text(row.actor)),
    Column("told", lambda row: text(row.decision)),
    Column("what", lambda row: text(_what(row))),
)
