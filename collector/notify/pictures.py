"""What can be shown of a notice: of a possible crash, the moments around it."""

import sqlite3
from typing import Final

import msgspec

from windsock.collector.explain.evidence import Point, points
from windsock.collector.explain.figures import moment_panels
from windsock.collector.explain.judged import Judged
from windsock.collector.explain.stored import stored_flight
from windsock.collector.explain.words import moment_name
from windsock.collector.notify.html_page import Picture
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.painting import WIDTH_PX, painted

_SIGNALS: Final = ("height_m", "tilt_deg", "force_m_s2")
"""As the alert's order of business: it fell, it turned, it struck."""


def pictures_of(ledger: sqlite3.Connection, notice: Notice) -> list[Picture]:
    """Height, tilt and force around a crash; nothing where there is no window (yet)."""
    flight = flight_of(ledger, notice.case) if notice.kind == "case" else None
    if flight is None or flight.window is None or flight.moment_s is None:
        return []
    evidence = points(flight)
    x, panels = moment_panels(flight, evidence, _SIGNALS)
    if not panels:
        return []
    name = moment_name(flight.flight.facts, flight.moment_s, flight.kind)
    cid = f"moment-{notice.identity}@windsock"
    return [Picture(cid, painted(x, panels, name), _about(name, evidence), WIDTH_PX)]


def flight_of(ledger: sqlite3.Connection, case: int | None) -> Judged | None:
    """The flight that *case* is about, where it is about one."""
    row = ledger.execute("SELECT facts FROM cases WHERE id = ?", (case,)).fetchone()
    found = msgspec.json.decode(row["facts"]).get("flight_id") if row else None
    return stored_flight(ledger, found) if found else None


def _about(name: str, evidence: list[Point]) -> str:
    """For those who see no pictures, and to the numbers in it."""
    numbered = "; ".join(
        f"{one.label}: {one.about.lower()}, {one.value}"
        for one in evidence
        if one.panel in _SIGNALS and one.drawn_s is not None
    )
    return f"Height, tilt and specific force, in seconds around: {name}. {numbered}".rstrip()
