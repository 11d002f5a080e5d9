"""The judge: new flights into verdicts and cases, and the whole fleet now and then.

Whatever it does, it does in transactions that leave nothing half done, and it compares what should
be with what is: killed anywhere and started again it ends in the same place, and tells nothing
twice.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from windsock.collector.cases.casebook import Desk, file_step, load_cases
from windsock.collector.cases.crash_findings import (
    RULE as X1,
)
from windsock.collector.cases.crash_findings import (
    attach_incidents,
    crash_facts,
    crash_findings,
    crashes_gone,
)
from windsock.collector.cases.inactivity_findings import D1A, X2, InactiveFleet
from windsock.collector.cases.incidents import claim_incidents, note_incidents, settle_incidents
from windsock.collector.cases.life import Change, Finding, changes
from windsock.collector.cases.rarely_findings import C1, C5, D1B, RareFleet
from windsock.collector.cases.silence_findings import (
    ONE_FOR_ALL,
    SUBJECT,
    one_for_all,
    silence_facts,
)
from windsock.collector.cases.software_findings import C3, D3, OldSoftware
from windsock.collector.cases.verdicts import judge_flights, queue_for_new_rules, waiting_flights
from windsock.collector.cases.wear_findings import X3, WornFleet
from windsock.collector.detect.crash import CrashRule
from windsock.collector.fleet.contact import load_silence
from windsock.collector.fleet.rows import FleetRows, load_fleet, snapshot
from windsock.collector.fleet.software import load_software
from windsock.collector.fleet.ways import load_ways
from windsock.collector.ledger import transaction
from windsock.collector.notify.wording import load_wording
from windsock.collector.settings import Settings
from windsock.collector.web.secret import open_links

FLIGHTS_A_STEP: Final = 1000
"""Flights judged in one transaction: others want to write, too."""
HOUR_US: Final = 3_600_000_000

Facts = Callable[[sqlite3.Connection, Finding], Mapping[str, Any]]


class Tally(NamedTuple):
    """What came of judging: for the log."""

    flights: int
    verdicts: Mapping[str, int]
    steps: Mapping[str, int]
    """Of cases, by rule and transition: ``X1 open``."""
    notices: int


def judge_new(
    ledger: sqlite3.Connection, now_us: int, settings: Settings, rule: CrashRule | None = None
) -> Tally:
    """Judge every flight that waits, and file the cases that come of it.

    *rule*: other thresholds than those that are shipped, to see what they would do.
    """
    tally = _Count()
    with transaction(ledger):
        queue_for_new_rules(ledger)
    desk = _desk(ledger, now_us, settings)
    while _judge_some(desk, tally, rule):
        pass
    return tally.result()


def judge_fleet(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> Tally:
    """Judge every drone as it stands now, and what the roster makes of the incidents."""
    tally = _Count()
    desk = _desk(ledger, now_us, settings)
    with snapshot(ledger):
        fleet = inactive_fleet(ledger, now_us, settings)
        old = old_software(ledger, fleet.rows, now_us, settings)
    with transaction(ledger):
        _file_crashes(desk, tally, claim_incidents(ledger, None))
        _file_inactivity(desk, tally, fleet)
        _file_software(desk, tally, old)
    return tally.result()


def judge_wear(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> Tally:
    """Hold every drone's last flights against those before: once a day is enough for a digest."""
    tally = _Count()
    desk = _desk(ledger, now_us, settings)
    simulated = settings.judge.simulated
    with snapshot(ledger):
        rows = load_fleet(ledger, now_us, simulated=simulated)
        worn = WornFleet.load(ledger, rows, now_us, simulated=simulated)
    with transaction(ledger):
        steps = changes(worn.worn_drones(), load_cases(ledger, X3), {})
        _file(desk, tally, steps, worn.worn_facts)
    return tally.result()


def inactive_fleet(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> InactiveFleet:
    """The fleet and its inactivity. Changes nothing; in a `snapshot` of its caller."""
    rows = load_fleet(ledger, now_us, simulated=settings.judge.simulated)
    ways = load_ways(ledger, rows, now_us, simulated=settings.judge.simulated)
    return InactiveFleet.judge(rows, ways, now_us, settings, load_cases(ledger, D1A))


def old_software(
    ledger: sqlite3.Connection, rows: FleetRows, now_us: int, settings: Settings
) -> OldSoftware:
    """The fleet held against the releases. Changes nothing; in a `snapshot` of its caller."""
    found = load_software(
        ledger,
        rows,
        now_us,
        simulated=settings.judge.simulated,
        tolerate_previous=settings.software.tolerate_previous,
    )
    return OldSoftware(rows, found)


def _desk(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> Desk:
    return Desk(
        ledger,
        now_us,
        settings.judge,
        settings.notify,
        load_wording(settings.notify.templates),
        settings.sight,
        settings.day,
        open_links(settings.web),
    )


class _Count:
    """A tally while it grows."""

    def __init__(self) -> None:
        self.flights = 0
        self.notices = 0
        self.verdicts: Counter[str] = Counter()
        self.steps: Counter[str] = Counter()

    def result(self) -> Tally:
        return Tally(self.flights, self.verdicts, self.steps, self.notices)


def _judge_some(desk: Desk, tally: _Count, rule: CrashRule | None) -> bool:
    """One transaction's worth; False when nothing waited."""
    ledger, settings = desk.ledger, desk.judge
    with transaction(ledger):
        flights = waiting_flights(ledger, FLIGHTS_A_STEP)
        if not flights:
            return False
        judged = judge_flights(ledger, flights, desk.now_us, rule)
        uids = {flight["drone_uid"] for flight in flights}
        note_incidents(ledger, flights, desk.now_us, simulated=settings.simulated)
        withdraw_us = round(settings.withdraw_hours * HOUR_US)
        settle_incidents(ledger, uids, withdraw_us, simulated=settings.simulated)
        _file_crashes(desk, tally, claim_incidents(ledger, uids))
    tally.flights += len(flights)
    tally.verdicts.update(one.verdict for one in judged)
    return True


def _file_crashes(desk: Desk, tally: _Count, drones: set[str]) -> None:
    findings = crash_findings(desk.ledger, drones, desk.now_us, desk.judge)
    cases = load_cases(desk.ledger, X1, drones)
    steps = changes(findings, cases, crashes_gone(desk.ledger, cases))
    _file(desk, tally, steps, crash_facts)


def _file_inactivity(desk: Desk, tally: _Count, fleet: InactiveFleet) -> None:
    cases = load_cases(desk.ledger, D1A)
    gone = fleet.why_gone([case for case in cases if case.state != "resolved"])
    _file(desk, tally, changes(fleet.inactive_drones(), cases, gone), fleet.inactive_facts)
    _file_rarely(desk, tally, fleet)
    _file_unseen(desk, tally, fleet)


def _file_software(desk: Desk, tally: _Count, old: OldSoftware) -> None:
    drones, customers = load_cases(desk.ledger, D3), load_cases(desk.ledger, C3)
    outdated = changes(old.outdated_drones(), drones, old.why_gone(drones))
    _file(desk, tally, outdated, old.outdated_facts)
    deaf = changes(old.deaf_customers(), customers, old.why_gone(customers))
    _file(desk, tally, deaf, old.deaf_facts)


def _file_unseen(desk: Desk, tally: _Count, fleet: InactiveFleet) -> None:
    silence = load_silence(desk.ledger, desk.now_us, desk.sight)
    found = one_for_all(fleet.unseen_stations(desk.ledger), silence)
    gone = {case.subject: ONE_FOR_ALL for case in load_cases(desk.ledger, X2)}
    unseen = changes(found, load_cases(desk.ledger, X2), gone if silence.of_all else {})

    def facts(ledger: sqlite3.Connection, finding: Finding) -> Mapping[str, Any]:
        of_all = finding.subject == SUBJECT
        return (silence_facts if of_all else fleet.unseen_facts)(ledger, finding)

    _file(desk, tally, unseen, facts)


def _file_rarely(desk: Desk, tally: _Count, fleet: InactiveFleet) -> None:
    """D1b, C1 and C5: with the digest, but for a whole account that is silent."""
    known = {rule: load_cases(desk.ledger, rule) for rule in (D1B, C1, C5)}
    found = RareFleet(fleet, known[D1B], known[C1])
    for rule, findings in ((D1B, found.rare_drones()), (C1, found.accounts_to_call()),
                           (C5, found.unflown_accounts())):  # fmt: skip
        _file(desk, tally, changes(findings, known[rule], {}), _as_found)


def _as_found(_: sqlite3.Connection, finding: Finding) -> Mapping[str, Any]:
    return finding.facts


def _file(desk: Desk, tally: _Count, steps: list[Change], facts: Facts) -> None:
    for step in steps:
        found = step.finding
        filed = file_step(desk, step, facts(desk.ledger, found) if found else {})
        if found and found.rule == X1:
            attach_incidents(desk.ledger, found, filed.case_id)
        tally.notices += filed.notices
        rule = found.rule if found else step.case.rule if step.case else ""
        tally.steps[f"{rule} {step.transition}"] += 1
