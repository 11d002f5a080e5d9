"""One log as one HTML page: no script, nothing fetched from anywhere. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from windsock.collector.detect.crash import RULES_VERSION
from windsock.collector.explain.changes import changes
from windsock.collector.explain.evidence import points
from windsock.collector.explain.figures import moment_figure
from windsock.collector.explain.judged import Judged
from windsock.collector.explain.markup import tag, text
from windsock.collector.explain.overview import flight_figure
from windsock.collector.explain.quality import Note, flight_notes, log_notes
from windsock.collector.explain.quantities import moment, unbroken
from windsock.collector.explain.reading import Reading
from windsock.collector.explain.sections import (
    change_tables,
    check_table,
    drone_list,
    evidence_table,
    flights_table,
    folded,
    message_tables,
    notes_list,
    verdict_badge,
)
from windsock.collector.explain.sentence import certainty, meaning, sentence
from windsock.collector.explain.words import MEANING, moment_name
from windsock.protocol.facts import FACTS_VERSION

MOST_FLIGHTS: Final = 30
"""Flights with sections of their own: a log of a day's bench runs stays a page."""
_DAMAGED: Final = 0.01
"""A share of the log that can hide a flight."""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""Whatever a hostile log might smuggle in, a browser fetches and runs nothing."""


def page(
    reading: Reading, flights: Sequence[Judged], name: str, style: str, before: Reading | None
) -> str:
    """The whole document; `flights` are the log's, the worst first, `style` its CSS."""
    said = headline(flights, reading)
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(said)}</title><style>{style}</style>"
    )
    body = tag("main", "".join(_body(reading, flights, name, before)))
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def headline(flights: Sequence[Judged], reading: Reading) -> str:
    """The worst flight in one sentence."""
    if not flights and not _whole(reading):
        return "No flight in what could be read of this log."
    if not flights:
        return sentence("none", "no-flight", {})
    worst = flights[0]
    return sentence(worst.verdict, worst.kind, worst.flight.facts, worst.event_s)


def _body(
    reading: Reading, flights: Sequence[Judged], name: str, before: Reading | None
) -> Iterator[str]:
    yield _header(reading, flights, name)
    if flights:
        yield from _flight(flights[0], reading)
    yield from _others(flights, reading) if len(flights) > 1 else ()
    yield _section("What changed", _changed(reading, before))
    yield _section("How good the data are", notes_list(_notes(reading, flights)))
    yield _section("Drone and firmware", drone_list(reading))
    yield tag(
        "footer",
        text(
            f"windsock-collector explain, rules {RULES_VERSION}, facts {FACTS_VERSION}."
            " A verdict is made from the drone's own sensors; whoever sees the drone knows better."
        ),
    )


def _header(reading: Reading, flights: Sequence[Judged], name: str) -> str:
    verdict = flights[0].verdict if flights else "none" if _whole(reading) else "unknown"
    said = unbroken(headline(flights, reading))
    parts = [tag("p", text(name), class_="log"), tag("h1", text(said))]
    if reading.record.simulated:
        parts.append(tag("p", "This flight took place in a simulator.", class_="simulated"))
    if flights:
        parts.append(_about(flights[0], count=len(flights)))
    else:
        parts.append(tag("p", text(_without_flight(reading))))
    return tag("header", "".join(parts), class_=verdict)


def _without_flight(reading: Reading) -> str:
    if _whole(reading):
        return MEANING["no-flight"]
    return "A flight may be in what was lost: this log is not whole, see below."


def _whole(reading: Reading) -> bool:
    record = reading.record
    return not record.partial and record.damaged_bytes <= _DAMAGED * record.bytes_seen


def _about(one: Judged, count: int) -> str:
    """What it means, how bad, how sure and when."""
    cells = [verdict_badge(one)]
    if one.severity:
        meter = tag("span", "", style=f"width:{min(max(one.severity, 0), 100)}%")
        cells.append(f"Severity {one.severity} of 100" + tag("span", meter, class_="meter"))
    start = one.flight.start
    after_us = 0 if one.event_s is None else round(one.event_s * 1e6) - one.flight.armed_boot_us
    cells.append(("Armed " if one.event_s is None else "") + text(moment(start, after_us)))
    if count > 1:
        worst = ", the worst" if one.severity else ""
        cells.append(f"Flight {one.flight.flight} of {count}{worst}")
    chips = tag("ul", "".join(tag("li", cell) for cell in cells), class_="chips")
    sure = tag("p", tag("b", "How sure: ") + text(certainty(one)))
    return tag("p", text(meaning(one)), class_="meaning") + chips + sure


def _flight(one: Judged, reading: Reading) -> Iterator[str]:
    """Everything about one flight but its verdict."""
    found = points(one)
    checks = folded("Every check of the rule", check_table(one), is_open=one.kind == "normal")
    spoken = evidence_table(one, found) + checks
    title = "What speaks for it" if one.verdict == "crash-like" else "What speaks for a crash"
    yield _section(title, spoken, f"flight-{one.flight.flight}")
    if figure := moment_figure(one, found, reading.dropouts):
        yield _section(_moment_title(one), figure)
    yield _section("The whole flight", flight_figure(one, reading.dropouts))
    yield _section("What the autopilot said", message_tables(one))


def _moment_title(one: Judged) -> str:
    if one.event_s is not None or one.moment_s is None:
        return "The moment"
    return f"The moment to look at: {moment_name(one.flight.facts, one.moment_s, one.kind)}"


def _others(flights: Sequence[Judged], reading: Reading) -> Iterator[str]:
    """The other flights: a table, and each one's sections folded."""
    yield _section("All flights in this log", flights_table(flights))
    for one in sorted(flights[1:MOST_FLIGHTS], key=lambda one: one.flight.flight):
        said = sentence(one.verdict, one.kind, one.flight.facts, one.event_s)
        yield folded(f"Flight {one.flight.flight}. {said}", "".join(_flight(one, reading)))


def _changed(reading: Reading, before: Reading | None) -> str:
    if before is None:
        return tag("p", "Name an earlier log of this drone with --before to see what changed.")
    since = tag("p", text(f"Since the log that began {moment(before.start)}."))
    return since + change_tables(changes(before, reading))


def _notes(reading: Reading, flights: Sequence[Judged]) -> Iterator[Note]:
    yield from log_notes(reading)
    if flights:
        yield from flight_notes(flights[0])


def _section(title: str, content: str, anchor: str | None = None) -> str:
    return tag("section", tag("h2", text(title)) + content, id=anchor)
