"""D2 and C2: three critical incidents within one month, of a drone and of a customer.

Critical tickets and confirmed detections count, each event once; detections that nobody confirmed
are shown beside the count, or counted where a setting says so.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from windsock.collector.cases.known import Event, names_of, tale_of
from windsock.collector.cases.life import Case, Finding
from windsock.collector.cases.rules import c_rules_hold
from windsock.collector.detect.windows import ENOUGH_INCIDENTS, MONTH_US, Crowds, crowds
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.roster.owners import Owner, owner_of_account

D2: Final = "D2"
C2: Final = "C2"
_SEVERITY: Final[Mapping[str, int]] = {D2: 70, C2: 75}
"""Above a single crash-like event; more incidents weigh more, up to 90."""
_MORE: Final = 5
_MOST: Final = 90

_INCIDENTS: Final = """
SELECT dated.*, coalesce(owner.object, tickets.account) AS account FROM (
    SELECT incidents.id, drone, incidents.state, ticket,
        coalesce(event_us, start_us, start_latest_us, flights.received_us) AS at_us
    FROM incidents LEFT JOIN flights ON flights.id = flight_id
    WHERE state <> 'withdrawn') AS dated
LEFT JOIN tickets USING (ticket)
LEFT JOIN links AS owner ON owner.kind = 'drone_customer' AND owner.subject = dated.drone
    AND owner.from_us <= at_us AND (owner.until_us IS NULL OR at_us < owner.until_us)
WHERE at_us <= :now_us ORDER BY at_us, dated.id
"""
"""Whose it is goes by the drone's owner of then; where it had none, by the ticket's word."""


class Incident(NamedTuple):
    """One event."""

    id: int
    drone: str | None
    account: str | None
    at_us: int
    ticket: str | None
    confirmed: bool

    @property
    def event(self) -> Event:
        """By the names that it may have gone by before."""
        own = f"incident {self.id}"
        return Event([f"ticket {self.ticket}", own] if self.ticket else [own])


@dataclass(frozen=True)
class Incidents:
    """All incidents that stand at *now_us*, and the fleet they happened to."""

    ledger: sqlite3.Connection
    rows: FleetRows
    now_us: int
    all: Sequence[Incident]
    count_unconfirmed: bool

    @classmethod
    def load(
        cls, ledger: sqlite3.Connection, rows: FleetRows, now_us: int, *, count_unconfirmed: bool
    ) -> "Incidents":
        """Reads the ledger; in a transaction of its caller."""
        found = [
            Incident(
                row["id"], row["drone"], row["account"], row["at_us"], row["ticket"],
                row["state"] == "confirmed",
            )
            for row in ledger.execute(_INCIDENTS, {"now_us": now_us})
        ]  # fmt: skip
        return cls(ledger, rows, now_us, found, count_unconfirmed)

    def drones(self, cases: Mapping[str, Case]) -> list[Finding]:
        """D2. A new owner sees only what happened since the hand-over."""
        own = [one for one in self.all if self._is_owners(one)]
        return [
            self._finding(D2, self._owner_of_drone[drone], found, cases)
            for drone, found in self._months(own, "drone").items()
        ]

    def customers(self, cases: Mapping[str, Case]) -> list[Finding]:
        """C2, over all of an account; what is all of one drone is told by D2."""
        own = [one for one in self.all if one.account is not None]
        months = self._months(own, "account")
        owners = {name: owner_of_account(self.ledger, name, self.now_us) for name in months}
        return [
            self._finding(C2, owners[name], found, cases)
            for name, found in months.items()
            if c_rules_hold(owners[name])
        ]

    def _is_owners(self, one: Incident) -> bool:
        since_us = self._owned_from_us.get(one.drone or "")
        return since_us is not None and since_us <= one.at_us

    def _months(self, own: Sequence[Incident], column: str) -> dict[str, "_Month"]:
        """Of each drone or account its newest month with enough incidents that count."""
        counted = [one for one in own if one.confirmed or self.count_unconfirmed]
        possible: defaultdict[str, list[Incident]] = defaultdict(list)
        for one in own:
            if not (one.confirmed or self.count_unconfirmed):
                possible[getattr(one, column)].append(one)
        names = sorted({getattr(one, column) for one in counted})
        found = _crowds(counted, names, column)
        return {
            names[whose]: _month(
                names[whose],
                [counted[index] for index in found.members(row)],
                possible[names[whose]],
            )
            for row, whose in enumerate(found.subject.tolist())
        }

    def _finding(
        self, rule: str, owner: Owner, month: "_Month", cases: Mapping[str, Case]
    ) -> Finding:
        case = cases.get(month.subject)
        events = [one.event for one in month.members]
        tale = tale_of(events, case)
        more = len(month.members) - ENOUGH_INCIDENTS
        return Finding(
            rule=rule,
            subject=month.subject,
            severity=min(_SEVERITY[rule] + _MORE * more, _MOST),
            episode=tale.episode,
            news=tale.news,
            facts=_facts(month) | {"names": names_of(events, case)},
            owner=owner,
            happened_us=month.members[-1].at_us,
            interrupts=rule == D2 or not month.is_of_one_drone,
        )

    @cached_property
    def _owned_from_us(self) -> dict[str, int]:
        owned_from_us = self.rows.told.owned_from_us.tolist()
        return dict(zip(self.rows.fleet.serials, owned_from_us, strict=True))

    @cached_property
    def _owner_of_drone(self) -> dict[str, Owner]:
        return {owner.serial: owner for owner in self.rows.owners}


class _Month(NamedTuple):
    subject: str
    members: Sequence[Incident]
    beside: Sequence[Incident]
    """Possible ones, within a month of the newest."""

    @property
    def is_of_one_drone(self) -> bool:
        drones = {one.drone for one in self.members}
        return len(drones) == 1 and None not in drones


def _month(subject: str, members: Sequence[Incident], possible: Sequence[Incident]) -> _Month:
    newest_us = members[-1].at_us
    beside = [one for one in possible if abs(one.at_us - newest_us) <= MONTH_US]
    return _Month(subject, members, beside)


def _crowds(counted: Sequence[Incident], names: Sequence[str], column: str) -> Crowds:
    place = {name: number for number, name in enumerate(names)}
    subject = np.array([place[getattr(one, column)] for one in counted], np.int32)
    at_us = np.array([one.at_us for one in counted], np.int64)
    return crowds(subject, at_us, ENOUGH_INCIDENTS)


def _facts(month: _Month) -> dict[str, Any]:
    return {
        "variant": "incidents",
        "incidents": [
            {"at_us": one.at_us, "drone": one.drone, "ticket": one.ticket} for one in month.members
        ],
        "unconfirmed": len(month.beside),
    }
