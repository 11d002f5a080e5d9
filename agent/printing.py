"""What `read`, `import` and `preview` show."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from windsock.agent.intake import Intake, messages, readable
from windsock.protocol.envelope import Header, encode
from windsock.protocol.messages import FlightRecord, LogRecord, Samples, Series, Utc, Window
from windsock.protocol.series import decode_samples, values
from windsock.protocol.signals import WINDOW_BY_NAME

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


def json_line(intake: Intake, *, series: bool, parameters: bool = False) -> str:
    """One log as one line of JSON: its record, or its error.

    With *series* also its series, windows and dropouts, with *parameters* what somebody set.
    """
    line: dict[str, Any] = {"log": readable(str(intake.path))}
    if intake.record is None:
        line |= {"log_id": intake.log_id, "error": intake.error}
    else:
        line |= msgspec.to_builtins(intake.record)
        # The first thing a reader of the line looks for must be there, even empty.
        line.setdefault("flights", [])
        line.setdefault("firmware", {})
        line.setdefault("parameters_hash", None)
        if series:
            line["series"] = [_series(part) for part in intake.series]
            line["windows"] = [_window(window) for window in intake.windows]
            line["dropouts"] = [
                {"boot_s": one.boot_us / 1e6, "duration_s": one.duration_s}
                for one in intake.dropouts
            ]
        if parameters:
            line["parameters"] = intake.parameters
    return msgspec.json.encode(line).decode()


def error_line(path: Path, error: str) -> str:
    """A file that could not be read at all as one line of JSON."""
    return msgspec.json.encode({"log": readable(str(path)), "error": error}).decode()


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


def complain(line: str) -> None:
    """One line to stderr."""
    print(line, file=sys.stderr)  # noqa: T201 - the command line's own voice


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


def _series(series: Series) -> dict[str, Any]:
    """Columns as values instead of as bytes."""
    plain: dict[str, Any] = msgspec.to_builtins(series, builtin_types=(bytes,))
    plain["columns"] = {
        name: values(name, data, series.rows) for name, data in series.columns.items()
    }
    return plain


def _window(window: Window) -> dict[str, Any]:
    """Columns as values; samples with their times in microseconds since the window's start."""
    plain: dict[str, Any] = msgspec.to_builtins(window, builtin_types=(bytes,))
    for side, columns in (("low", window.low), ("high", window.high)):
        plain[side] = {
            name: values(name, data, window.rows, WINDOW_BY_NAME) for name, data in columns.items()
        }
    plain["full"] = {name: _samples(name, samples) for name, samples in window.full.items()}
    return plain


def _samples(name: str, samples: Samples) -> dict[str, Any]:
    times, numbers = decode_samples(samples, WINDOW_BY_NAME[name].scale)
    return {"times_us": times.tolist(), "values": numbers.tolist()}
