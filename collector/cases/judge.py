"""The judge: new flights into verdicts and cases, and the whole fleet now and then.

Whatever it does, it does in transactions that leave nothing half done, and it compares what should
be with what is: killed anywhere and started again it ends in the same place, and tells nothing
twice.
"""

import sqlite3
from typing import Final

from windsock.collector.answers.effects import hold_answers
from windsock.collector.cases.casebook import Desk
from windsock.collector.cases.filing import Filing, Tally
from windsock.collector.cases.history import load_cases
from windsock.collector.cases.inactivity_findings import D1A, InactiveFleet, limits_of
from windsock.collector.cases.incidents import claim_incidents, note_incidents, settle_incidents
from windsock.collector.cases.outcomes import decide_outcomes
from windsock.collector.cases.software_findings import OldSoftware
from windsock.collector.cases.ticketed import note_tickets
from windsock.collector.cases.verdicts import judge_flights, queue_for_new_rules, waiting_flights
from windsock.collector.cases.wear_findings import WornFleet
from windsock.collector.detect.crash import CrashRule
from windsock.collector.detect.sight import FRESH
from windsock.collector.fleet.checkpoint import renew
from windsock.collector.fleet.contact import load_sight
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


def judge_new(
    ledger: sqlite3.Connection, now_us: int, settings: Settings, rule: CrashRule | None = None
) -> Tally:
    """Judge every flight that waits, and file the cases that come of it.

    *rule*: other thresholds than those that are shipped, to see what they would do.
    """
    with transaction(ledger):
        queue_for_new_rules(ledger)
        hold_answers(ledger)
    filing = Filing(_desk(ledger, now_us, settings))
    while _judge_some(filing, rule):
        pass
    return filing.result()


def judge_fleet(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> Tally:
    """Judge every drone as it stands now, and what the roster makes of the incidents."""
    filing = Filing(_desk(ledger, now_us, settings))
    with transaction(ledger):
        hold_answers(ledger)
    renew(ledger)
    with snapshot(ledger):
        fleet = inactive_fleet(ledger, now_us, settings)
        old = old_software(ledger, fleet.rows, now_us, settings)
        sight = load_sight(
            ledger, fleet.rows, now_us, settings.sight, simulated=settings.judge.simulated
        )
    with transaction(ledger):
        drones = claim_incidents(ledger, None)
        _settle(filing.desk, note_tickets(ledger, now_us))
        filing.crashes(drones)
        filing.inactivity(fleet, sight.states == FRESH)
        filing.software(old)
        filing.outside(fleet.rows)
        decide_outcomes(ledger, now_us, simulated=settings.judge.simulated)
    return filing.result()


def judge_wear(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> Tally:
    """Hold every drone's last flights against those before: once a day is enough for a digest."""
    filing = Filing(_desk(ledger, now_us, settings))
    simulated = settings.judge.simulated
    with snapshot(ledger):
        rows = load_fleet(ledger, now_us, simulated=simulated)
        worn = WornFleet.load(ledger, rows, now_us, simulated=simulated)
    with transaction(ledger):
        filing.wear(worn)
    return filing.result()


def inactive_fleet(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> InactiveFleet:
    """The fleet and its inactivity. Changes nothing; in a `snapshot` of its caller."""
    limits = limits_of(settings.judge)
    rows = load_fleet(ledger, now_us, limits, simulated=settings.judge.simulated)
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


def _judge_some(filing: Filing, rule: CrashRule | None) -> bool:
    """One transaction's worth; False when no more can be waiting."""
    desk = filing.desk
    with transaction(desk.ledger) as ledger:
        flights = waiting_flights(ledger, FLIGHTS_A_STEP)
        if not flights:
            return False
        judged = judge_flights(ledger, flights, desk.now_us, rule)
        uids = {flight["drone_uid"] for flight in flights}
        note_incidents(ledger, flights, desk.now_us, simulated=desk.judge.simulated)
        _settle(desk, uids)
        filing.crashes(claim_incidents(ledger, uids))
    filing.flights += len(flights)
    filing.verdicts.update(one.verdict for one in judged)
    return len(flights) == FLIGHTS_A_STEP


def _settle(desk: Desk, uids: set[str]) -> None:
    withdraw_us = round(desk.judge.withdraw_hours * HOUR_US)
    settle_incidents(desk.ledger, uids, withdraw_us, simulated=desk.judge.simulated)
