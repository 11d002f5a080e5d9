"""Verdicts of a log's flights with everything that a page shows of each. Pure."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.detect.crash import (
    ATOMS,
    CrashRule,
    Evidence,
    Judgement,
    evidence,
    judge,
)
from windsock.collector.explain.reading import Reading, SeriesValues, WindowValues
from windsock.protocol.facts import matrix
from windsock.protocol.messages import FlightRecord
from windsock.protocol.verdicts import Kind, Verdict

WORST_FIRST: Final[tuple[Verdict, ...]] = ("crash", "crash-like", "unknown", "none")


class Check(NamedTuple):
    """One test of the rule on one flight; `value` None where it was not measured."""

    fact: str
    value: float | None
    threshold: float
    field: str | None
    """Which threshold of CrashRule this is."""
    holds: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One flight and what was found. Times are seconds since boot."""

    flight: FlightRecord
    verdict: Verdict
    kind: Kind
    severity: int
    event_s: float | None
    evidence: list[Evidence]
    checks: list[Check]
    window: WindowValues | None
    series: list[SeriesValues]

    @property
    def moment_s(self) -> float | None:
        """What its plots turn around: the event, else the strongest candidate."""
        if self.event_s is not None:
            return self.event_s
        return None if self.window is None else self.window.event_boot_us / 1e6

    @property
    def zero_s(self) -> float:
        """Take-off, or arming where it never took off."""
        return self.flight.facts.get("takeoff_boot_s", self.flight.armed_boot_us / 1e6)


def judged(reading: Reading, rule: CrashRule | None = None) -> list[Judged]:
    """All flights of a log, the worst first."""
    flights = reading.record.flights
    if not flights:
        return []
    rule = rule or CrashRule()
    facts = matrix([flight.facts for flight in flights])
    judgement = judge(facts, rule)
    found = []
    for row, flight in enumerate(flights):
        verdict, kind = judgement.words(row)
        at_s = float(judgement.event_boot_s[row])
        found.append(
            Judged(
                flight,
                verdict,
                kind,
                int(judgement.severity[row]),
                None if np.isnan(at_s) else at_s,
                evidence(facts, judgement, row, rule),
                _checks(flight, judgement, row, rule),
                _window(reading, flight),
                [one for one in reading.series if one.armed_boot_us == flight.armed_boot_us],
            )
        )
    return sorted(found, key=_badness)


def _badness(one: Judged) -> tuple[int, int, float, int]:
    """Of flights without a finding, those that flew first, and the hardest touchdown of them."""
    force = one.flight.facts.get("contact_force_m_s2", 0.0)
    return WORST_FIRST.index(one.verdict), -one.severity, -force, one.flight.flight


def _window(reading: Reading, flight: FlightRecord) -> WindowValues | None:
    windows = (one for one in reading.windows if one.armed_boot_us == flight.armed_boot_us)
    return next(windows, None)


def _checks(flight: FlightRecord, judgement: Judgement, row: int, rule: CrashRule) -> list[Check]:
    """Every atom of the rule, whether it held or not."""
    found = []
    for name, atom in ATOMS.items():
        field = atom.threshold if isinstance(atom.threshold, str) else None
        if field == "impact_m_s2" and flight.facts.get("fixed_wing", 0) >= 1:
            field = "impact_on_wings_m_s2"
        threshold = atom.threshold if field is None else getattr(rule, field)
        holds = bool(judgement.atoms[name][row])
        value = flight.facts.get(atom.fact)
        found.append(Check(atom.fact, value, float(threshold), field, holds))
    return found
