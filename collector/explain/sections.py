"""The tables and lists of a page, each as markup. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from windsock.collector.explain.changes import Change, Changes
from windsock.collector.explain.evidence import Point, check_words
from windsock.collector.explain.judged import Judged
from windsock.collector.explain.lanes import grave
from windsock.collector.explain.markup import tag, text
from windsock.collector.explain.quality import Note
from windsock.collector.explain.quantities import NO_VALUE, moment, number, plural, signed, span
from windsock.collector.explain.reading import Reading
from windsock.collector.explain.words import CALLED, KINDS
from windsock.protocol.messages import Event

_MOST_CHANGES: Final = 300
_LEVELS: Final = (
    "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug",
)  # fmt: skip
_BEFORE_S: Final = 10.0
_AFTER_S: Final = 12.0


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Rows of markup; on a phone each becomes a block with its headings inside."""
    head = tag("tr", "".join(tag("th", text(name), scope="col") for name in headings))
    body = "".join(
        tag("tr", "".join(_cell(name, cell) for name, cell in zip(headings, row, strict=True)))
        for row in rows
    )
    return tag("table", tag("thead", head) + tag("tbody", body), class_=kind or None)


def _cell(heading: str, cell: str) -> str:
    return tag("td", cell, data_label=heading or None)


def folded(summary: str, content: str, *, is_open: bool = False) -> str:
    """Something to unfold; `summary` is plain text."""
    attributes = {"open": ""} if is_open else {}
    return tag("details", tag("summary", text(summary)) + content, **attributes)


def evidence_table(one: Judged, points: Sequence[Point]) -> str:
    """What speaks for the verdict; a sentence where nothing does."""
    if not points:
        return tag("p", "Nothing." if one.verdict == "none" else "That can't be said.")
    rows = [
        (
            tag("span", point.label, class_="badge"),
            text(point.about) + tag("code", text(point.fact)),
            tag("b", text(point.value)),
            text(point.threshold) + _small(point.source),
            _when(point.boot_s, one),
        )
        for point in points
    ]
    return table(("", "What was found", "Measured", "Limit", "When"), rows, "evidence")


def check_table(one: Judged) -> str:
    """Every check of the rule, whether it held or not."""
    rows = []
    for check in one.checks:
        about, measured, limit, source = check_words(check, one.flight.facts)
        verdict = (
            tag("b", "beyond") if check.holds else "within" if check.value is not None else ""
        )
        rows.append((text(about), text(measured), text(limit) + _small(source), verdict))
    return table(("Check", "Measured", "Limit", "Result"), rows, "checks")


def _when(boot_s: float | None, one: Judged) -> str:
    if boot_s is None:
        return NO_VALUE
    here = one.moment_s
    relative = "" if here is None else text(signed(boot_s - here))
    return relative + _small(f"{boot_s:.2f} s since boot")


def _small(said: str) -> str:
    return tag("small", text(said)) if said else ""


def message_tables(one: Judged) -> str:
    """What the autopilot said around the moment, and all of it folded."""
    events, here = one.flight.events, one.moment_s
    if not events:
        return tag("p", "It said nothing.")
    near = [
        event
        for event in events
        if here is not None and -_BEFORE_S <= event.boot_s - here <= _AFTER_S
    ]
    if len(near) == len(events):
        return _messages(events, one)
    shown = _messages(near, one) if near else tag("p", "Nothing around this moment.")
    return shown + folded(f"All {plural(len(events), 'message')}", _messages(events, one))


def _messages(events: Iterable[Event], one: Judged) -> str:
    here = one.moment_s
    rows = [
        (
            text(signed(event.boot_s - here) if here is not None else f"{event.boot_s:.2f} s"),
            _kind(event),
            tag("b", text(event.text)) if grave(event) else text(event.text),
        )
        for event in events
    ]
    return table(("When", "What", "Text"), rows, "said")


def _kind(event: Event) -> str:
    if event.what == "message" and event.level is not None:
        return text(_LEVELS[event.level])
    return text(event.what)


def flights_table(flights: Sequence[Judged]) -> str:
    """All flights of the log in their order."""
    rows = [
        (
            tag("a", str(one.flight.flight), href=f"#flight-{one.flight.flight}"),
            text(moment(one.flight.start, doubts=False)),
            text(span(one.flight.facts.get("airborne_s", 0.0))),
            text(_metres(one.flight.facts.get("height_max_m"))),
            verdict_badge(one),
        )
        for one in sorted(flights, key=lambda one: one.flight.flight)
    ]
    return table(("Flight", "Armed", "In the air", "Up to", "Verdict"), rows)


def verdict_badge(one: Judged) -> str:
    """The verdict as a coloured word."""
    kind = text(KINDS.get(one.kind, one.kind.replace("-", " ")))
    return tag("span", f"{text(CALLED[one.verdict])}: {kind}", class_=f"verdict {one.verdict}")


def _metres(value: float | None) -> str:
    return NO_VALUE if value is None else f"{number(value)} m"


def notes_list(notes: Iterable[Note]) -> str:
    """Properties of the data, what weakens a verdict marked."""
    kinds = {True: "good", False: "poor", None: "plain"}
    items = (tag("li", text(note.about), class_=kinds[note.good]) for note in notes)
    return tag("ul", "".join(items), class_="notes")


def change_tables(found: Changes) -> str:
    """Firmware first, then parameters."""
    parts = [tag("p", text(doubt), class_="doubt") for doubt in found.doubts]
    if found.firmware:
        parts.append(_changes("Firmware", found.firmware))
    if found.parameters:
        parts.append(_changes("Parameter", found.parameters[:_MOST_CHANGES]))
        parts += _more(len(found.parameters) - _MOST_CHANGES)
    if not found.firmware and not found.parameters:
        same = f"The same firmware and settings; {plural(found.compared, 'parameter')} compared."
        parts.append(tag("p", text(same)))
    for rest, what in (
        (found.calibrations, " of calibration"),
        (found.appeared, " that only one of the logs has"),
    ):
        if rest:
            shown = _changes("Parameter", rest[:_MOST_CHANGES])
            parts.append(folded(plural(len(rest), "parameter") + what, shown))
    return "".join(parts)


def _changes(heading: str, found: Sequence[Change]) -> str:
    rows = [
        (tag("code", text(one.name)), text(one.before), tag("b", text(one.now))) for one in found
    ]
    return table((heading, "Before", "Now"), rows)


def _more(count: int) -> list[str]:
    return [tag("p", f"and {plural(count, 'more parameter')}")] if count > 0 else []


def drone_list(reading: Reading) -> str:
    """Which drone, autopilot and firmware this is."""
    record = reading.record
    firmware = record.firmware
    hours = record.counters.flight_time_s
    known = (
        ("Autopilot's id", record.drone_uid),
        ("Serial number", record.serial),
        ("Autopilot", firmware.autopilot),
        ("Vehicle", firmware.vehicle),
        ("Firmware", firmware.version),
        ("Maker's version", firmware.vendor_version),
        ("Build", firmware.git_hash),
        ("Hardware", firmware.hardware),
        ("As it calls itself", firmware.banner),
        ("Flown before this log", None if hours is None else span(hours)),
        ("Started before this log", record.counters.boot_count),
        ("Parameters", record.parameters_hash),
        ("Log", record.log_id),
    )
    return tag(
        "dl",
        "".join(
            tag("dt", text(name)) + tag("dd", text(value))
            for name, value in known
            if value is not None
        ),
    )
