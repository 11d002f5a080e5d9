"""How tables are laid out: columns that give way where room is short, and words made harmless."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Generic, NamedTuple, TypeVar

from rich import box
from rich.table import Table
from rich.text import Text

Row = TypeVar("Row")


class Column(NamedTuple, Generic[Row]):
    """What of a row goes into it; the higher its `rank` the sooner it goes for want of room."""

    name: str
    cell: Callable[[Row], Text]
    right: bool = False
    rank: int = 0


_NOTHING: Final = "-"
_GAP: Final = 2
_MAY_WRAP: Final = ("customer", "what")
_NARROWEST: Final = 24
"""What a column that may wrap counts at most when room is short."""


def laid_out(
    columns: Sequence[Column[Row]], rows: Sequence[Row], width: int, notes: list[str]
) -> Table:
    """*rows* in *width* characters, with *notes* below."""
    kept = _that_fit(columns, rows, width)
    left_out = [column.name for column in columns if column not in kept]
    if left_out:
        notes = [*notes, f"no room for {', '.join(left_out)}: see --json"]
    fits = _taken(kept, rows) <= width  # else all give way together, and nothing is cut off
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, collapse_padding=True)
    for column in kept:
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=fits and column.name not in _MAY_WRAP,
            overflow="fold",
            min_width=_width(column, rows) if fits else None,
        )
    for row in rows:
        table.add_row(*(column.cell(row) for column in kept))
    table.caption = text("; ".join(notes)) if notes else None
    return table


def _that_fit(
    columns: Sequence[Column[Row]], rows: Sequence[Row], width: int
) -> list[Column[Row]]:
    """The columns without those of the highest ranks that there is no room for."""
    kept = list(columns)
    for column in sorted(columns, key=lambda column: -column.rank):
        if _taken(kept, rows) <= width or not column.rank:
            break
        kept.remove(column)
    return kept


def _taken(columns: Sequence[Column[Row]], rows: Sequence[Row]) -> int:
    """The width that they ask for, gaps included."""
    return sum(_width(column, rows) + _GAP for column in columns)


def _width(column: Column[Row], rows: Sequence[Row]) -> int:
    longest = max((column.cell(row).cell_len for row in rows), default=0)
    wanted = min(longest, _NARROWEST) if column.name in _MAY_WRAP else longest
    return max(wanted, len(column.name))


def text(words: str | None, style: str = "") -> Text:
    """No markup, and nothing that moves a terminal: much of it came from outside."""
    clean = "".join(c if c.isprintable() else " " for c in words or _NOTHING)
    return Text(clean, style=style if words else "dim")


def day(moment_us: int | None) -> str | None:
    """``2026-05-12``, UTC."""
    if moment_us is None:
        return None
    return f"{datetime.fromtimestamp(moment_us // 1_000_000, UTC):%Y-%m-%d}"
