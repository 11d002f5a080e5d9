"""D1a and X2: drones that stopped flying, and drones that nobody can see, as findings."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from windsock.collector.cases.circumstances import what_changed
from windsock.collector.cases.life import Case, Finding, Gone
from windsock.collector.detect.accounts import NOBODY, Accounts, accounts, first_of_large
from windsock.collector.detect.inactivity import (
    DAY_S,
    UNSEEN,
    Basis,
    Inactivity,
    Limits,
    inactivity,
)
from windsock.collector.fleet.arrays import (
    IN_SERVICE,
    MISSING_US,
    NO_SHARE,
    SECOND_US,
    WHOLE,
    Mask,
)
from windsock.collector.fleet.rows import FleetRows, last_flight
from windsock.collector.fleet.ways import FleetWays
from windsock.collector.receive.shared_id import SHARED_ID
from windsock.collector.roster.cells import SERVICE_STATES
from windsock.collector.settings import Judge, Settings

D1A: Final = "D1a"
X2: Final = "X2"
SEVERITY: Final[Mapping[Basis, int]] = {"proven": 50, "presumed": 40, "unseen": 10}
"""Of D1a: how sure we are orders them ..."""
UNUSUAL: Final = 5
"""... and how unusual the silence is, in steps of half the interrupt score, up to four."""
_SHARED_DAYS: Final = 30
_SHARED_SEVERITY: Final = 60
_UNSEEN_SEVERITY: Final = 20


def limits_of(settings: Judge) -> Limits:
    """The thresholds as the operator has them."""
    return Limits(
        inactive_days=settings.inactive_days,
        reading=settings.inactive_reading,
        presumed_online_share=settings.presumed_online_share,
        unseen_support_days=settings.unseen_support_days,
    )


@dataclass(frozen=True)
class InactiveFleet:
    """A fleet judged at *now_us*, and what it makes of its drones and stations."""

    rows: FleetRows
    ways: FleetWays
    judged: Inactivity
    accounts: Accounts
    limits: Limits
    now_us: int
    settings: Judge
    lost_days: float
    closed: Mapping[str, str]
    """Episode of each drone's newest closed case of D1a."""

    @classmethod
    def judge(
        cls, rows: FleetRows, ways: FleetWays, now_us: int, settings: Settings, cases: list[Case]
    ) -> "InactiveFleet":
        """Judge *rows*; drones whose open case in *cases* (D1a) is presumed are held to less."""
        limits, lost_days = limits_of(settings.judge), settings.sight.lost_days
        open_ = {case.subject: case.basis for case in cases if case.state != "resolved"}
        closed = {case.subject: case.episode for case in cases if case.state == "resolved"}
        serials = rows.fleet.serials
        before = np.array([open_.get(serial) == "presumed" for serial in serials], np.bool_)
        judged = inactivity(rows.fleet, limits, before)
        whole = accounts(rows.fleet, ways.account, judged)
        return cls(
            rows, ways, judged, whole, limits, now_us, settings.judge, lost_days, closed
        )  # fmt: skip

    def inactive_drones(self) -> list[Finding]:
        """D1a. Unseen drones are support's first, and for the digest after that."""
        found = np.flatnonzero(self.judged.overdue & ~self.judged.for_support)
        return [self._inactive(int(row)) for row in found]

    def _inactive(self, row: int) -> Finding:
        basis = self.judged.basis_of(row)
        serial = self.rows.fleet.serials[row]
        score = float(self.ways.drones.scores[row])
        return Finding(
            rule=D1A,
            subject=serial,
            severity=SEVERITY[basis] + unusual(score, self.settings),
            episode=self._episode(serial, row),
            news="lost" if self.lost[row] else "inactive",
            facts={"variant": basis, "score": round(score, 2)},
            owner=self.rows.owners[row],
            basis=basis,
            interrupts=bool(self.lost_first[row]),
        )

    def _episode(self, serial: str, row: int) -> str:
        """A drone that has not recovered from its last silence is in the same one.

        After a pause it is in another: who said that it would pause did not say more.
        """
        rested_us = int(self.rows.told.rested_us[row])
        if self.ways.drones.recovering[row] and serial in self.closed and not rested_us:
            return self.closed[serial]
        return episode_of(int(self.rows.told.flown_us[row]), rested_us)

    @cached_property
    def lost(self) -> Mask:
        """Silent for so long that nobody expects it back."""
        sure: Mask = self.judged.overdue & (self.judged.basis != UNSEEN)
        return sure & (self.rows.fleet.idle_s > round(self.lost_days * DAY_S))

    @cached_property
    def lost_first(self) -> Mask:
        """D1a interrupts: the first drone that a large account lost."""
        return first_of_large(
            self.lost, self.rows.told.flown_us, self.ways.account, self._large
        )  # fmt: skip

    @property
    def _large(self) -> Mask:
        """Of the accounts: those of tier large, and those with many drones in service."""
        large: Mask = self.accounts.drones >= self.settings.large_drones
        for owner, account in zip(self.rows.owners, self.ways.account, strict=True):
            if account != NOBODY and owner.tier == "large":
                large[account] = True
        return large

    def unseen_stations(self, ledger: sqlite3.Connection) -> list[Finding]:
        """X2: stations whose drones are out of sight, and stations that are two."""
        unseen: dict[str, list[int]] = {}
        fleet = self.rows.fleet
        for row in np.flatnonzero(self.judged.for_support):
            unseen.setdefault(fleet.stations[fleet.home[row]], []).append(int(row))
        shared = _shared_agents(ledger, self.now_us)
        return [
            _unseen(station, unseen.get(station, []), shared=station in shared)
            for station in sorted(unseen.keys() | shared)
        ]

    def inactive_facts(self, ledger: sqlite3.Connection, finding: Finding) -> dict[str, Any]:
        """Everything that a case of D1a and its notices say."""
        fleet, told, row = self.rows.fleet, self.rows.told, self._row[finding.subject]
        flight = last_flight(ledger, finding.subject, int(told.owned_from_us[row]))
        siblings = self._siblings(row)
        return dict(finding.facts) | {
            "flown_us": int(told.flown_us[row]),
            "read_us": _moment(told.quiet_until_us[row]),
            "online_share": _share(fleet.online_share[row]),
            "station": fleet.stations[fleet.home[row]],
            "flights": int(told.flights[row]),
            "airborne_s": float(told.airborne_s[row]),
            "limit": self.limit,
            "siblings": siblings and siblings[0],
            "siblings_flying": siblings and siblings[1],
            "changed": what_changed(ledger, flight) if flight else [],
        }

    @property
    def limit(self) -> str:
        """A month, in words."""
        calendar = self.limits.reading == "calendar"
        return "one calendar month" if calendar else f"{self.limits.inactive_days:g} days"

    def unseen_facts(self, ledger: sqlite3.Connection, finding: Finding) -> dict[str, Any]:
        """Everything that a case of X2 and its notices say."""
        fleet = self.rows.fleet
        rows = finding.facts["rows"]
        station = ledger.execute(
            "SELECT kind, last_seen_us, agent_version FROM stations WHERE agent = ?",
            (finding.subject,),
        ).fetchone()
        shares = [_share(fleet.online_share[row]) or 0.0 for row in rows]
        kind = station["kind"] if station else None
        is_field = kind == "field" and finding.facts["variant"] == "unseen"
        return {
            "variant": "field" if is_field else finding.facts["variant"],
            "station": finding.subject,
            "station_kind": kind,
            "heard_us": station["last_seen_us"] if station else None,
            "version": station["agent_version"] if station else None,
            "online_share": min(shares, default=None),
            "drones": [
                {
                    "serial": fleet.serials[row],
                    "customer": self.rows.owners[row].customer,
                    "flown_us": int(self.rows.told.flown_us[row]),
                }
                for row in rows
            ],
        }

    def why_gone(self, cases: list[Case]) -> dict[str, Gone]:
        """Why D1a no longer finds the drones of *cases*."""
        return {case.subject: Gone(self._why(self._row.get(case.subject))) for case in cases}

    def _why(self, row: int | None) -> str:
        if row is None:
            return "no longer in the roster"
        fleet = self.rows.fleet
        if fleet.service[row] != IN_SERVICE:
            return f"service state {SERVICE_STATES[fleet.service[row]]}"
        if not fleet.flights[row]:
            return "has not flown under this customer"
        return "out of sight: support looks first" if self.judged.overdue[row] else "it flew"

    @cached_property
    def _row(self) -> dict[str, int]:
        return {serial: row for row, serial in enumerate(self.rows.fleet.serials)}

    @cached_property
    def _by_customer(self) -> dict[str, tuple[int, int]]:
        """Drones in service of each customer, and those of them that fly."""
        fleet, counts = self.rows.fleet, dict[str, tuple[int, int]]()
        flying = (fleet.flights > 0) & ~self.judged.overdue
        for row in np.flatnonzero(fleet.service == IN_SERVICE):
            customer = self.rows.owners[row].customer
            if customer is not None:
                drones, fly = counts.get(customer, (0, 0))
                counts[customer] = drones + 1, fly + bool(flying[row])
        return counts

    def _siblings(self, row: int) -> tuple[int, int] | None:
        """The customer's other drones, and how many of them fly; None: no customer."""
        customer = self.rows.owners[row].customer
        if customer is None:
            return None
        drones, flying = self._by_customer[customer]
        return drones - 1, flying


def episode_of(flown_us: int, rested_us: int) -> str:
    """A silence is known by its last flight, and by what pauses there were in it."""
    return f"flown {flown_us}" + (f" rested {rested_us}" if rested_us else "")


def unusual(score: float, settings: Judge) -> int:
    """What a score adds to severity."""
    return UNUSUAL * min(int(2 * score / settings.unusual_score), 4)


def _unseen(station: str, rows: list[int], *, shared: bool) -> Finding:
    variant = "shared" if shared else "unseen"
    return Finding(
        rule=X2,
        subject=station,
        severity=_SHARED_SEVERITY if shared else min(_UNSEEN_SEVERITY + len(rows), 50),
        episode=variant,
        recurs=True,
        news=variant,
        facts={"variant": variant, "rows": rows},
    )


def _shared_agents(ledger: sqlite3.Connection, now_us: int) -> set[str]:
    """Agent ids with which two hosts signed lately."""
    rows = ledger.execute(
        "SELECT DISTINCT agent FROM damage WHERE what = ? AND received_us > ?",
        (SHARED_ID, now_us - _SHARED_DAYS * DAY_S * SECOND_US),
    )
    return {row["agent"] for row in rows}


def _moment(moment_us: np.int64) -> int | None:
    return None if moment_us == MISSING_US else int(moment_us)


def _share(share: np.int16) -> float | None:
    return None if share == NO_SHARE else int(share) / WHOLE
