"""``windsock-collector fleet`` and ``cases``: what the ledger knows, as a table or as JSON Lines.

How the tables look is decided here; whoever prints them owns the console.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from windsock.collector.cases.rows import CaseRow
from windsock.collector.fleet.states import DroneState

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
_STATE_STYLES: Final = {
    "active": "green",
    "inactive": "yellow",
    "unseen": "magenta",
    "delivered-never-flown": "yellow",
    "new": "green",
    "slowing": "yellow",
    "lost": "red",
    "unclaimed": "cyan",
}
_VERDICT_STYLES: Final = {"crash": "bold red", "crash-like": "yellow", "none": "green"}
_SEVERE: Final = 70


def fleet_table(states: Sequence[DroneState], width: int) -> Table:
    """One row a drone, then one for each autopilot that nobody claimed; *width* in characters."""
    unclaimed = sum(state.serial is None for state in states)
    notes = [f"{unclaimed} unclaimed: put the uid (--json) into the roster"] if unclaimed else []
    return _table(_FLEET, states, width, notes if states else ["no drones yet"])


def cases_table(rows: Sequence[CaseRow], width: int, troubles: Sequence[str] = ()) -> Table:
    """One row a case, the most severe first, and what `outbox.troubles` says of their notices."""
    return _table(_CASES, rows, width, [*([] if rows else ["no open cases"]), *troubles])


def json_lines(rows: Iterable[DroneState | CaseRow]) -> Iterator[str]:
    """Each row as a JSON object; moments (``*_us``) as ISO 8601 in UTC (``*_utc``)."""
    for row in rows:
        fields = msgspec.structs.asdict(row)
        yield msgspec.json.encode(dict(_readable(name, fields[name]) for name in fields)).decode()


def _readable(name: str, value: object) -> tuple[str, object]:
    if not name.endswith("_us"):
        return name, value
    utc = datetime.fromtimestamp(value / 1e6, UTC).isoformat() if isinstance(value, int) else None
    return f"{name.removesuffix('_us')}_utc", utc


def _table(
    columns: Sequence[Column[Row]], rows: Sequence[Row], width: int, notes: list[str]
) -> Table:
    kept = _that_fit(columns, rows, width)
    left_out = [column.name for column in columns if column not in kept]
    if left_out:
        notes = [*notes, f"no room for {', '.join(left_out)}: see --json"]
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, collapse_padding=True)
    for column in kept:
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=column.name not in _MAY_WRAP,
            min_width=_width(column, rows),
        )
    for row in rows:
        table.add_row(*(column.cell(row) for column in kept))
    table.caption = _text("; ".join(notes)) if notes else None
    return table


def _that_fit(
    columns: Sequence[Column[Row]], rows: Sequence[Row], width: int
) -> list[Column[Row]]:
    """The columns without those of the highest ranks that there is no room for."""
    widths = {column.name: _width(column, rows) for column in columns}
    kept = list(columns)
    for column in sorted(columns, key=lambda column: -column.rank):
        if sum(widths[one.name] + _GAP for one in kept) <= width or not column.rank:
            break
        kept.remove(column)
    return kept


def _width(column: Column[Row], rows: Sequence[Row]) -> int:
    longest = max((column.cell(row).cell_len for row in rows), default=0)
    wanted = min(longest, _NARROWEST) if column.name in _MAY_WRAP else longest
    return max(wanted, len(column.name))


def _text(words: str | None, style: str = "") -> Text:
    """No markup, and nothing that moves a terminal: much of it came from outside."""
    clean = "".join(c if c.isprintable() else " " for c in words or _NOTHING)
    return Text(clean, style=style if words else "dim")


def _drone(state: DroneState) -> Text:
    if state.serial:
        return _text(state.serial, "bold")
    uid = state.drone_uid or ""
    longest = 18
    return _text(uid if len(uid) <= longest else f"{uid[:9]}...{uid[-6:]}", "cyan")


def _day(moment_us: int | None) -> str | None:
    if moment_us is None:
        return None
    return f"{datetime.fromtimestamp(moment_us // 1_000_000, UTC):%Y-%m-%d}"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


_FLEET: Final[tuple[Column[DroneState], ...]] = (
    Column("drone", _drone),
    Column("customer", lambda state: _text(state.customer)),
    Column("CSM", lambda state: _text(state.csm or state.csm_email), rank=3),
    Column("product", lambda state: _text(state.product), rank=5),
    Column("firmware", lambda state: _text(state.firmware), rank=2),
    Column("last flight", lambda state: _text(_day(state.flown_us))),
    Column("flights", lambda state: _text(str(state.flights)), right=True, rank=4),
    Column("hours", lambda state: _text(f"{state.airborne_s / 3600:.1f}"), right=True, rank=7),
    Column("state", lambda state: _text(state.state, _STATE_STYLES.get(state.state, "dim"))),
    Column(
        "data", lambda state: _text(state.data, "" if state.data == "fresh" else "magenta"), rank=3
    ),
    Column("seen", lambda state: _text(_percent(state.seen_share)), right=True, rank=9),
    Column(
        "of customer",
        lambda state: _text(_percent(state.customer_seen_share)),
        right=True,
        rank=10,
    ),
    Column(
        "last verdict",
        lambda state: _text(state.verdict, _VERDICT_STYLES.get(state.verdict or "", "dim")),
    ),
    Column("kind", lambda state: _text(state.kind), rank=8),
    Column("station", lambda state: _text(state.station), rank=6),
)
_CASES: Final[tuple[Column[CaseRow], ...]] = (
    Column("case", lambda row: _text(str(row.case)), right=True),
    Column("rule", lambda row: _text(row.rule)),
    Column("subject", lambda row: _text(row.subject, "bold")),
    Column("customer", lambda row: _text(row.customer), rank=2),
    Column("what", lambda row: _text(row.what)),
    Column(
        "severity",
        lambda row: _text(str(row.severity), "bold red" if row.severity >= _SEVERE else ""),
        right=True,
        rank=3,
    ),
    Column("basis", lambda row: _text(row.basis), rank=4),
    Column("state", lambda row: _text(row.state, "dim" if row.state == "resolved" else "")),
    Column("told", lambda row: _text(row.decision), rank=5),
    Column("opened", lambda row: _text(_day(row.opened_us)), rank=1),
    Column("CSM", lambda row: _text(row.csm_name or row.csm)),
)
