"""``windsock-collector fleet`` and ``cases``: what the ledger knows, as a table or as JSON Lines.

How the tables look is decided here; whoever prints them owns the console.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from rich.table import Table
from rich.text import Text

from windsock.collector.cases.rows import CaseRow
from windsock.collector.detect.rates import Rate
from windsock.collector.fleet.states import DroneState
from windsock.collector.show.layout import Column, day, laid_out, text

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
    return laid_out(_FLEET, states, width, notes if states else ["no drones yet"])


def cases_table(rows: Sequence[CaseRow], width: int, troubles: Sequence[str] = ()) -> Table:
    """One row a case, the most severe first, and what `outbox.troubles` says of their notices."""
    return laid_out(_CASES, rows, width, [*([] if rows else ["no open cases"]), *troubles])


def json_lines(rows: Iterable[msgspec.Struct]) -> Iterator[str]:
    """Each row as a JSON object; moments (``*_us``) as ISO 8601 in UTC (``*_utc``)."""
    for row in rows:
        fields = msgspec.structs.asdict(row)
        yield msgspec.json.encode(dict(readable(name, fields[name]) for name in fields)).decode()


def readable(name: str, value: object) -> tuple[str, object]:
    """A field as people and programs read it: moments (``*_us``) as ISO 8601 (``*_utc``)."""
    if isinstance(value, Rate):
        return name, value._asdict()
    if not name.endswith("_us"):
        return name, value
    utc = datetime.fromtimestamp(value / 1e6, UTC).isoformat() if isinstance(value, int) else None
    return f"{name.removesuffix('_us')}_utc", utc


def _drone(state: DroneState) -> Text:
    if state.serial:
        return text(state.serial, "bold")
    uid = state.drone_uid or ""
    longest = 18
    return text(uid if len(uid) <= longest else f"{uid[:9]}...{uid[-6:]}", "cyan")


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


_FLEET: Final[tuple[Column[DroneState], ...]] = (
    Column("drone", _drone),
    Column("customer", lambda state: text(state.customer)),
    Column("CSM", lambda state: text(state.csm or state.csm_email), rank=3),
    Column("product", lambda state: text(state.product), rank=5),
    Column("firmware", lambda state: text(state.firmware), rank=2),
    Column("last flight", lambda state: text(day(state.flown_us))),
    Column("flights", lambda state: text(str(state.flights)), right=True, rank=4),
    Column("hours", lambda state: text(f"{state.airborne_s / 3600:.1f}"), right=True, rank=7),
    Column("state", lambda state: text(state.state, _STATE_STYLES.get(state.state, "dim"))),
    Column(
        "data", lambda state: text(state.data, "" if state.data == "fresh" else "magenta"), rank=3
    ),
    Column("seen", lambda state: text(_percent(state.seen_share)), right=True, rank=9),
    Column(
        "of customer",
        lambda state: text(_percent(state.customer_seen_share)),
        right=True,
        rank=10,
    ),
    Column(
        "last verdict",
        lambda state: text(state.verdict, _VERDICT_STYLES.get(state.verdict or "", "dim")),
    ),
    Column("kind", lambda state: text(state.kind), rank=8),
    Column("station", lambda state: text(state.station), rank=6),
)
_FLEW: Final = {None: None, True: "yes", False: "no"}


def _case_state(row: CaseRow) -> str:
    until = day(row.snoozed_until_us)
    return f"{row.state} until {until}" if until else row.state


_CASES: Final[tuple[Column[CaseRow], ...]] = (
    Column("case", lambda row: text(str(row.case)), right=True),
    Column("rule", lambda row: text(row.rule)),
    Column("subject", lambda row: text(row.subject, "bold")),
    Column("customer", lambda row: text(row.customer), rank=3),
    Column("what", lambda row: text(row.what)),
    Column(
        "severity",
        lambda row: text(str(row.severity), "bold red" if row.severity >= _SEVERE else ""),
        right=True,
        rank=2,
    ),
    Column("basis", lambda row: text(row.basis), rank=4),
    Column("state", lambda row: text(_case_state(row), "dim" if row.closed_us else "")),
    Column("flew again", lambda row: text(_FLEW[row.flew_again]), rank=6),
    Column("told", lambda row: text(row.decision), rank=1),
    Column("opened", lambda row: text(day(row.opened_us)), rank=5),
    Column("CSM", lambda row: text(row.csm_name or row.csm)),
)
