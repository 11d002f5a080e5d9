"""What the command line says in plain lines: JSON for programs, and complaints.

Apart from `printing`, as rich takes two megabytes that a log of 300 MB needs.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec

from windsock.agent.intake import Intake, readable
from windsock.protocol.messages import Samples, Series, Window
from windsock.protocol.series import decode_samples, values
from windsock.protocol.signals import WINDOW_BY_NAME


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


def complain(line: str) -> None:
    """One line to stderr."""
    print(line, file=sys.stderr)  # noqa: T201 - the command line's own voice


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
