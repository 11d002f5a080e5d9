"""What `read`, `import` and `preview` show."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from windsock.agent.intake import Intake, messages, readable
from windsock.protocol.envelope import Header, encode
from windsock.protocol.messages import FlightRecord, LogRecord, Utc

if TYPE_CHECKING:  # `read` needs no database
    from windsock.agent.importer import Outcome

LANE_NAMES = ("urgent", "flights", "series", "backlog")
_STYLES = {
    "queued": "green",
    "known": "dim",
    "unreadable": "yellow",
    "no log": "yellow",
    "missing": "red",
}


def print_record(intake: Intake, console: Console) -> None:
    """One log as a person reads it."""
    record = intake.record
    if record is None:
        console.print(
            f"[bold]{_shown(intake.path)}[/]: [yellow]{escape(intake.error or '')}[/]",
            highlight=False,
            soft_wrap=True,
        )
        return
    headline = f"[bold]{_shown(intake.path)}[/]  {escape(_headline(record))}"
    console.print(headline, highlight=False, soft_wrap=True)
    if not record.flights:
        console.print("  no flight: never armed", highlight=False)
        return
    table = Table("flight")
    table.add_column("start (UTC)", no_wrap=True)
    for heading in ("armed", "in the air", "height", "peak force", "tilt"):
        table.add_column(heading, justify="right")
    for flight in record.flights:
        table.add_row(*_cells(flight))
    console.print(table)


def print_preview(intake: Intake, now_us: int, console: Console, *, compared: bool) -> None:
    """Every message that would leave the station, with its lane and its size on the wire.

    *compared*: the parameters were, with this drone's previous log as the station knows it.
    """
    console.print(f"[bold]{_shown(intake.path)}[/]: this leaves the station", soft_wrap=True)
    for seq, (lane, message) in enumerate(messages(intake, now_us), 1):
        header = Header("preview", 0, lane, seq, now_us, 0, "preview", "0")
        size = len(encode(header, message))
        console.rule(f"lane {lane}, {LANE_NAMES[lane]}: {size:,} bytes", align="left")
        content = msgspec.to_builtins(message, builtin_types=(bytes,))
        console.print_json(data=content, default=lambda column: f"{len(column)} bytes")

    unknown = (
        "" if compared else
        " parameters that changed since this drone's previous log here, by name and value"
        " (-c agent.toml shows them), and"
    )  # fmt: skip
    console.print(f"Beside it:{unknown} an hourly report of the station itself.")


def print_outcomes(outcomes: "Iterable[Outcome]", console: Console) -> None:
    """What became of each file."""
    table = Table("log", "", "")
    for outcome in outcomes:
        style = _STYLES[outcome.status]
        table.add_row(
            _shown(outcome.path), f"[{style}]{outcome.status}[/]", escape(outcome.detail)
        )
    console.print(table)


def _shown(path: Path) -> str:
    """A path as text, whatever bytes and brackets it is made of."""
    return escape(readable(str(path)))


def _headline(record: LogRecord) -> str:
    firmware = record.firmware
    words = [firmware.autopilot, firmware.vehicle, firmware.version, record.drone_uid]
    if record.simulated:
        words.append("simulated")
    if record.damaged_bytes:
        words.append(f"{record.damaged_bytes:,} damaged bytes skipped")
    return "  ".join(word for word in words if word)


def _cells(flight: FlightRecord) -> Iterator[str]:
    yield str(flight.flight)
    yield _time(flight.start)
    for fact, unit in (
        ("armed_s", " s"),
        ("airborne_s", " s"),
        ("height_max_m", " m"),
        ("peak_force_m_s2", " m/s²"),
        ("tilt_max_deg", "°"),
    ):
        value = flight.facts.get(fact)
        yield "?" if value is None else f"{value:.0f}{unit}"


def _time(utc: Utc) -> str:
    if utc.us is None:
        return "unknown"
    moment = datetime.fromtimestamp(utc.us / 1e6, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}" + ("" if utc.quality == "gps" else f" ({utc.quality})")
