"""What the rules find, filed rule by rule. In a transaction of its caller."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from windsock.collector.cases.casebook import Desk, file_step
from windsock.collector.cases.crash_findings import RULE as X1
from windsock.collector.cases.crash_findings import (
    attach_incidents,
    crash_facts,
    crash_findings,
    crashes_gone,
)
from windsock.collector.cases.history import load_cases
from windsock.collector.cases.inactivity_findings import D1A, X2, InactiveFleet
from windsock.collector.cases.incident_findings import C2, D2, Incidents
from windsock.collector.cases.known import newest_of
from windsock.collector.cases.life import Case, Finding, Gone, changes
from windsock.collector.cases.missing_findings import M1, missing_information
from windsock.collector.cases.rarely_findings import C1, C5, D1B, RareFleet
from windsock.collector.cases.score_findings import C4, unhappy_customers
from windsock.collector.cases.silence_findings import (
    ONE_FOR_ALL,
    SUBJECT,
    one_for_all,
    silence_facts,
)
from windsock.collector.cases.software_findings import C3, D3, OldSoftware
from windsock.collector.cases.wear_findings import X3, WornFleet
from windsock.collector.fleet.arrays import Mask
from windsock.collector.fleet.contact import load_silence
from windsock.collector.fleet.rows import FleetRows

Facts = Callable[[sqlite3.Connection, Finding], Mapping[str, Any]]


class Tally(NamedTuple):
    """What came of judging: for the log."""

    flights: int
    verdicts: Mapping[str, int]
    steps: Mapping[str, int]
    """Of cases, by rule and transition: ``X1 open``."""
    notices: int


class Filing:
    """One sitting at the desk, and the tally of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.flights = 0
        self.verdicts: Counter[str] = Counter()
        self._notices = 0
        self._steps: Counter[str] = Counter()

    def result(self) -> Tally:
        """So far."""
        return Tally(self.flights, self.verdicts, self._steps, self._notices)

    def crashes(self, drones: set[str]) -> None:
        """X1, of these drones. What a person answered is no longer among the findings."""
        ledger, desk = self.desk.ledger, self.desk
        cases = [case for case in load_cases(ledger, X1, drones) if not case.is_answered]
        found = crash_findings(ledger, drones, desk.now_us, desk.judge)
        self._file(found, cases, crashes_gone(ledger, cases), crash_facts)

    def inactivity(self, fleet: InactiveFleet, fresh: Mask) -> None:
        """D1a, what flies rarely as far as data are *fresh*, and what nobody can see."""
        cases = load_cases(self.desk.ledger, D1A)
        gone = fleet.why_gone([case for case in cases if case.state != "resolved"])
        self._file(fleet.inactive_drones(), cases, gone, fleet.inactive_facts)
        self._rarely(fleet, fresh)
        self._unseen(fleet)

    def software(self, old: OldSoftware) -> None:
        """D3 and C3."""
        drones, customers = load_cases(self.desk.ledger, D3), load_cases(self.desk.ledger, C3)
        self._file(old.outdated_drones(), drones, old.why_gone(drones), old.outdated_facts)
        self._file(old.deaf_customers(), customers, old.why_gone(customers), old.deaf_facts)

    def wear(self, worn: WornFleet) -> None:
        """X3."""
        cases = load_cases(self.desk.ledger, X3)
        self._file(worn.worn_drones(), cases, {}, worn.worn_facts)

    def outside(self, rows: FleetRows) -> None:
        """D2, C2, C4 and M1: what tickets, surveys and the roster say."""
        desk = self.desk
        incidents = Incidents.load(
            desk.ledger, rows, desk.now_us, count_unconfirmed=desk.judge.count_unconfirmed
        )
        known = {rule: load_cases(desk.ledger, rule) for rule in (D2, C2, C4, M1)}
        self._file(incidents.drones(newest_of(known[D2])), known[D2])
        self._file(incidents.customers(newest_of(known[C2])), known[C2])
        unhappy = unhappy_customers(desk.ledger, newest_of(known[C4]), desk.now_us)
        self._file(unhappy, known[C4])
        missing = missing_information(desk.ledger, rows, desk.now_us, desk.judge)
        self._file(missing, known[M1], dict.fromkeys((case.subject for case in known[M1]), _KNOWN))

    def _unseen(self, fleet: InactiveFleet) -> None:
        ledger, desk = self.desk.ledger, self.desk
        silence = load_silence(ledger, desk.now_us, desk.sight)
        cases = load_cases(ledger, X2)
        found = one_for_all(fleet.unseen_stations(ledger), silence)
        gone = dict.fromkeys((case.subject for case in cases), ONE_FOR_ALL)

        def facts(ledger: sqlite3.Connection, finding: Finding) -> Mapping[str, Any]:
            of_all = finding.subject == SUBJECT
            return (silence_facts if of_all else fleet.unseen_facts)(ledger, finding)

        self._file(found, cases, gone if silence.of_all else {}, facts)

    def _rarely(self, fleet: InactiveFleet, fresh: Mask) -> None:
        """D1b, C1 and C5: with the digest, but for a whole account that is silent."""
        known = {rule: load_cases(self.desk.ledger, rule) for rule in (D1B, C1, C5)}
        found = RareFleet(fleet, known[D1B], known[C1], fresh)
        self._file(found.rare_drones(), known[D1B])
        self._file(found.accounts_to_call(), known[C1])
        self._file(found.unflown_accounts(), known[C5])

    def _file(
        self,
        findings: Sequence[Finding],
        cases: Sequence[Case],
        gone: Mapping[str, Gone] | None = None,
        facts: Facts | None = None,
    ) -> None:
        ledger = self.desk.ledger
        for step in changes(findings, cases, gone or {}, self.desk.now_us):
            found = step.finding
            filed = file_step(self.desk, step, _facts(ledger, found, facts))
            if found and found.rule == X1:
                attach_incidents(ledger, found, filed.case_id)
            self._notices += filed.notices
            rule = found.rule if found else step.case.rule if step.case else ""
            self._steps[f"{rule} {step.transition}"] += 1


_KNOWN = Gone("filled in")


def _facts(
    ledger: sqlite3.Connection, finding: Finding | None, facts: Facts | None
) -> Mapping[str, Any]:
    """A finding's own, completed where its rule does so only once something comes of it."""
    if finding is None:
        return {}
    return facts(ledger, finding) if facts else finding.facts
