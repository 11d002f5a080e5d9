"""D1b, C1 and C5: who flies rarely, whole customers that are silent, drones that never flew."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from windsock.collector.cases.inactivity_findings import (
    SEVERITY,
    InactiveFleet,
    episode_of,
    unusual,
)
from windsock.collector.cases.life import Case, Finding
from windsock.collector.detect.accounts import NOBODY, never_flown
from windsock.collector.detect.clock import YEAR_DAYS
from windsock.collector.detect.habits import WINDOW_DAYS
from windsock.collector.detect.inactivity import BASES, DAY_US, Basis
from windsock.collector.detect.rarely import Rarely, flies_rarely
from windsock.collector.fleet.arrays import IN_SERVICE, Mask
from windsock.collector.fleet.ways import Ways
from windsock.collector.roster.owners import Owner

D1B: Final = "D1b"
C1: Final = "C1"
C5: Final = "C5"
_RARE_SEVERITY: Final = 20
_ACCOUNT_MORE: Final = 10
"""A whole account weighs more than a drone."""
_UNFLOWN_SEVERITY: Final = 30


@dataclass(frozen=True)
class RareFleet:
    """A fleet judged for inactivity, and the open cases that are held to less."""

    fleet: InactiveFleet
    rare: Sequence[Case]
    """Of D1b."""
    called: Sequence[Case]
    """Of C1."""
    fresh: Mask
    """Drones whose missing flights would have come (DESIGN: data state before drone state)."""

    def rare_drones(self) -> list[Finding]:
        """D1b: only ever for the digest. What has not flown for a month is D1a's."""
        arrays, judged = self.fleet.rows.fleet, self._drones
        seen = (arrays.service == IN_SERVICE) & (arrays.flights > 0)
        rare = (judged.below_own | judged.below_cohort) & seen
        rare &= ~self.fleet.judged.overdue & (self.fresh | _open(arrays.serials, self.rare))
        return [self._rare(row) for row in np.flatnonzero(rare).tolist() if self._settled(row)]

    def accounts_to_call(self) -> list[Finding]:
        """C1: all silent for a month, or rarely flying (for the digest)."""
        whole = self.fleet.accounts
        silent = whole.silent & ~whole.for_support
        # whom support looks for first keeps the case that is open already
        open_ = _open(self.fleet.ways.names, self.called)
        known = ~whole.silent | (open_ & whole.for_support)
        rarely = self._accounts.below_own & (whole.drones > 0) & known
        rarely &= ~self._blurred | open_
        found = [self._silent(int(row)) for row in np.flatnonzero(silent)]
        return found + [self._rarely(int(row)) for row in np.flatnonzero(rarely)]

    def unflown_accounts(self) -> list[Finding]:
        """C5: only ever for the digest; nobody can tell what a station never met."""
        arrays, account = self.fleet.rows.fleet, self.fleet.ways.account
        days = self.fleet.settings.never_flown_days
        unflown = never_flown(arrays, days) & (account != NOBODY)
        of: dict[int, list[int]] = {}
        for row in np.flatnonzero(unflown):
            of.setdefault(int(account[row]), []).append(int(row))
        return [self._unflown(index, rows) for index, rows in of.items()]

    def _rare(self, row: int) -> Finding:
        arrays, ways = self.fleet.rows.fleet, self.fleet.ways.drones
        own = bool(self._drones.below_own[row])
        return Finding(
            rule=D1B,
            subject=arrays.serials[row],
            severity=_RARE_SEVERITY + unusual(float(ways.scores[row]), self.fleet.settings),
            episode=f"owned {self.fleet.rows.told.owned_from_us[row]}",
            recurs=True,
            news="rarely",
            facts={"variant": "own" if own else "cohort", **_habit(ways, self._drones, row)},
            owner=self.fleet.rows.owners[row],
            interrupts=False,
        )

    def _silent(self, index: int) -> Finding:
        whole, ways = self.fleet.accounts, self.fleet.ways.accounts
        basis: Basis = BASES[int(whole.basis[index])]
        score = float(ways.scores[index])
        return self._account(
            index,
            severity=SEVERITY[basis] + _ACCOUNT_MORE + unusual(score, self.fleet.settings),
            episode=episode_of(*self._last_flown(index)),
            news="inactive",
            facts={"variant": basis},
            basis=basis,
            interrupts=False,
        )

    def _rarely(self, index: int) -> Finding:
        score = float(self.fleet.ways.accounts.scores[index])
        return self._account(
            index,
            severity=_RARE_SEVERITY + _ACCOUNT_MORE + unusual(score, self.fleet.settings),
            episode="rarely",
            recurs=True,
            news="rarely",
            facts={"variant": "rarely"},
            interrupts=False,
        )

    def _account(self, index: int, facts: dict[str, Any], **said: Any) -> Finding:  # noqa: ANN401 - handed on to Finding as it is
        whole = self.fleet.accounts
        more = {
            "flown_us": self._last_flown(index)[0],
            "drones": int(whole.drones[index]),
            "limit": self.fleet.limit,
        }
        habit = _habit(self.fleet.ways.accounts, self._accounts, index)
        return Finding(
            rule=C1,
            subject=self.fleet.ways.names[index],
            facts=facts | more | habit,
            owner=self._owner(index),
            **said,
        )

    def _unflown(self, index: int, rows: list[int]) -> Finding:
        arrays = self.fleet.rows.fleet
        return Finding(
            rule=C5,
            subject=self.fleet.ways.names[index],
            severity=_UNFLOWN_SEVERITY,
            episode="never flown",
            recurs=True,
            news=f"never flown {len(rows)}",
            facts={
                "variant": "unflown",
                "serials": [arrays.serials[row] for row in rows],
                "delivered_us": int(self.fleet.rows.told.owned_from_us[rows].min()),
                "limit": f"{self.fleet.settings.never_flown_days:g} days",
            },
            owner=self._owner(index),
            interrupts=False,
        )

    def _last_flown(self, index: int) -> tuple[int, int]:
        """Of an account's drones in service: the last flight, and the longest pause since one."""
        mine = self.fleet.ways.account == index
        mine &= self.fleet.rows.fleet.service == IN_SERVICE
        told = self.fleet.rows.told
        return int(told.flown_us[mine].max()), int(told.rested_us[mine].max())

    def _owner(self, index: int) -> Owner:
        """Of the account's first drone; a case of the account names no drone."""
        row = int(np.flatnonzero(self.fleet.ways.account == index)[0])
        return self.fleet.rows.owners[row]

    def _settled(self, row: int) -> bool:
        """Delivered long enough ago for habits."""
        grace_us = round(self.fleet.settings.never_flown_days * DAY_US)
        return bool(self.fleet.rows.told.owned_from_us[row] <= self.fleet.now_us - grace_us)

    @cached_property
    def _blurred(self) -> Mask:
        """Accounts with a drone in service of which flights may be missing."""
        in_service = self.fleet.rows.fleet.service == IN_SERVICE
        unseen = ~self.fresh & in_service & (self.fleet.ways.account != NOBODY)
        blurred = np.zeros(len(self.fleet.ways.names), np.bool_)
        blurred[self.fleet.ways.account[unseen]] = True
        return blurred

    @cached_property
    def _drones(self) -> Rarely:
        return _rarely(self.fleet.ways.drones, self.fleet.rows.fleet.serials, self.rare)

    @cached_property
    def _accounts(self) -> Rarely:
        return _rarely(self.fleet.ways.accounts, self.fleet.ways.names, self.called)


def _rarely(ways: Ways, names: Sequence[str], cases: Sequence[Case]) -> Rarely:
    before = _open(names, cases)
    return flies_rarely(ways.habits.standing, ways.cohort, ways.priors, open_before=before)


def _open(names: Sequence[str], cases: Sequence[Case]) -> Mask:
    """Of whom it was said before; what we no longer see takes nothing back."""
    open_ = {case.subject for case in cases if case.state != "resolved" and case.news == "rarely"}
    return np.array([name in open_ for name in names], np.bool_)


def _habit(ways: Ways, judged: Rarely, row: int) -> dict[str, Any]:
    stand = ways.habits.standing
    days = max(float(stand.exposure[row] + stand.gap[row]), 1.0)
    median = float(ways.priors.median_a_day[ways.cohort[row]])
    usual = float(ways.habits.usual[row]) if not judged.below_cohort[row] else median
    return {
        "recent": int(stand.recent[row]),
        "expected": round(float(stand.expected[row]), 1),
        "window_days": WINDOW_DAYS,
        "a_year": round(float(stand.gaps[row] + 1) / days * YEAR_DAYS, 1),
        "usual_a_year": round(usual * YEAR_DAYS, 1),
        "score": round(float(ways.scores[row]), 2),
    }
