"""What speaks for a verdict: numbered, in words, and where on the plots it lies. Pure."""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from windsock.collector.detect.crash import Evidence
from windsock.collector.explain.judged import Check, Judged
from windsock.collector.explain.quantities import number
from windsock.collector.explain.words import SOURCES, threshold, value, words

_BELOW: Final = {"sink_at_contact_m_s", "end_sink_m_s"}
"""Sink speeds, drawn as the climb rates that they are."""
_ELSEWHERE: Final = {
    "contact_force_m_s2": ("peak_force_m_s2", "peak_force_boot_s"),
    "tilt_at_contact_deg": ("tilt_max_deg", "tilt_max_boot_s"),
}
"""Greatest values around a contact: where they are the flight's, their own time is known."""
_NO_LEVEL: Final = {"below_wanted_m", "full_thrust_sinking_s", "contact_clips"}
"""On the plot that shows them, in another unit or from another zero."""
_HEIGHTS: Final = {"disarm_in_air": "disarm_height_m", "ends_in_air": "end_height_m"}
_LOST_TILT_DEG: Final = 60.0
_SAME: Final = 0.06


class Point(NamedTuple):
    """One piece of evidence; `level` is where on its panel it lies, None for anywhere."""

    label: str
    about: str
    fact: str
    value: str
    threshold: str
    source: str
    boot_s: float | None
    panel: str
    drawn_s: float | None
    level: float | None


def points(one: Judged) -> list[Point]:
    """The evidence of a flight, numbered from 1 in the order of events."""
    facts = one.flight.facts
    found = []
    for label, item in enumerate(sorted(_distinct(one.evidence), key=_dated), 1):
        fact, boot_s = item["fact"], item["boot_s"]
        about = words(fact)
        found.append(
            Point(
                str(label),
                about.about,
                fact,
                value(fact, item["value"]) + _usual(fact, facts),
                threshold(fact, item["threshold"]),
                _source(one.checks, fact, item["threshold"]),
                boot_s,
                about.panel or "height_m",
                _drawn_s(fact, boot_s, facts),
                _level(fact, item["value"], facts),
            )
        )
    return found


def _distinct(evidence: list[Evidence]) -> list[Evidence]:
    """Without a tilt before contact where the tilt around it says the same."""
    facts = {item["fact"] for item in evidence}
    doubled = {"tilt_before_contact_deg"} if "tilt_at_contact_deg" in facts else set()
    return [item for item in evidence if item["fact"] not in doubled]


def _dated(item: Evidence) -> float:
    return math.inf if item["boot_s"] is None else item["boot_s"]


def check_words(check: Check, facts: Mapping[str, float]) -> tuple[str, str, str, str]:
    """What was checked, its value, its limit and the limit's source."""
    return (
        words(check.fact).about,
        value(check.fact, check.value) + _usual(check.fact, facts),
        threshold(check.fact, check.threshold),
        SOURCES.get(check.field or "", ""),
    )


def _source(checks: list[Check], fact: str, limit: float) -> str:
    fields = (one.field for one in checks if (one.fact, one.threshold) == (fact, limit))
    return SOURCES.get(next(fields, None) or "", "")


def _usual(fact: str, facts: Mapping[str, float]) -> str:
    """A rest is odd only against the drone's usual one; a stop in the air has a height."""
    if fact == "rest_tilt_deg" and "rest_tilt_before_deg" in facts:
        return f" (before take-off {number(facts['rest_tilt_before_deg'])}°)"
    if fact == "disarm_in_air" and facts.get(fact) and "disarm_height_m" in facts:
        return f", {number(facts['disarm_height_m'])} m above ground"
    return ""


def _drawn_s(fact: str, boot_s: float | None, facts: Mapping[str, float]) -> float | None:
    greatest, dated = _ELSEWHERE.get(fact, ("", ""))
    same = abs(facts.get(greatest, 1e9) - facts.get(fact, 0.0)) < _SAME
    return facts.get(dated, boot_s) if same else boot_s


def _level(fact: str, measured: float, facts: Mapping[str, float]) -> float | None:
    if fact in ("tilt_over_60_s", "attitude_error_s"):
        return _LOST_TILT_DEG
    if fact in _HEIGHTS:
        return facts.get(_HEIGHTS[fact])
    if words(fact).panel is None or fact in _NO_LEVEL:
        return None
    return -measured if fact in _BELOW else measured
