"""``windsock-collector judge``: verdicts for the output of ``windsock-agent read --json``.

One JSON line a flight; a log without a flight and a log that can't be read give one line, too.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from windsock.collector.detect.crash import Evidence, evidence, judge
from windsock.protocol.envelope import check_facts
from windsock.protocol.errors import WireError
from windsock.protocol.facts import matrix
from windsock.protocol.messages import FlightRecord, LogRecord

Line = dict[str, Any]


class _Named(msgspec.Struct):
    """What every line begins with."""

    log: str | None = None
    error: str | None = None


class LineError(ValueError):
    """A line that is not what ``read --json`` prints: which one, and why."""


def judged(lines: Iterable[bytes]) -> Iterator[Line]:
    """The verdicts of every line of input, UTF-8. Raises LineError with the line's number."""
    for number, text in enumerate(lines, 1):
        if text.strip():
            yield from _of_log(_parsed(text, number), number)


def _parsed(text: bytes, number: int) -> Line:
    try:
        line: Line = msgspec.json.decode(text.decode(), type=dict[str, Any])
        msgspec.convert(line, _Named)
    except UnicodeDecodeError as error:
        raise LineError(f"line {number}: not UTF-8 text") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise LineError(f"line {number}: {error}") from error
    return line


def _of_log(line: Line, number: int) -> Iterator[Line]:
    log = line.get("log")
    if line.get("error"):
        nothing = _verdict(log, None, "unknown", "unreadable")
        yield nothing | {"error": line["error"]}
        return
    try:
        record = msgspec.convert(line, LogRecord)
        check_facts(record)
    except (msgspec.ValidationError, WireError) as error:
        raise LineError(f"line {number}: {error}") from error
    if not record.flights:
        yield _verdict(log, None, "none", "no-flight")
        return
    yield from _of_flights(log, record.flights)


def _of_flights(log: str | None, flights: list[FlightRecord]) -> Iterator[Line]:
    facts = matrix([flight.facts for flight in flights])
    judgement = judge(facts)
    for row, flight in enumerate(flights):
        at_s = float(judgement.event_boot_s[row])
        boot_s = None if at_s != at_s else round(at_s, 2)  # noqa: PLR0124 - NaN
        yield _verdict(log, flight.flight, *judgement.words(row)) | {
            "severity": int(judgement.severity[row]),
            "event_boot_s": boot_s,
            "event_utc": _event_utc(flight, boot_s),
            "evidence": [_rounded(item) for item in evidence(facts, judgement, row)],
        }


def _verdict(log: str | None, flight: int | None, verdict: str, kind: str) -> Line:
    return {
        "log": log,
        "flight": flight,
        "verdict": verdict,
        "kind": kind,
        "severity": 0,
        "event_boot_s": None,
        "event_utc": None,
        "evidence": [],
    }


def _rounded(item: Evidence) -> Line:
    """Evidence with the decimals that a float32 of this size can hold."""
    return {
        key: round(value, 3) if isinstance(value, float) else value for key, value in item.items()
    }


def _event_utc(flight: FlightRecord, boot_s: float | None) -> str | None:
    if flight.start.us is None or boot_s is None:
        return None
    event_us = flight.start.us + round(boot_s * 1e6) - flight.armed_boot_us
    return datetime.fromtimestamp(event_us / 1e6, UTC).isoformat(timespec="milliseconds")
