"""D3 and C3: drones that run old software, and customers who were asked to update, as findings."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from windsock.collector.cases.life import Case, Finding, Gone
from windsock.collector.cases.rules import c_rules_hold
from windsock.collector.fleet.releases import shown_version
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.fleet.software import FleetSoftware

D3: Final = "D3"
C3: Final = "C3"
_SEVERITY: Final[Mapping[str, int]] = {D3: 30, C3: 35}
"""Below a silence that is proven: nothing broke yet."""
_STAGE: Final = "customer"
"""The lifecycle stage that C3 asks for; other C rules make do without one (DESIGN: triggers)."""


@dataclass(frozen=True)
class OldSoftware:
    """A fleet held against the releases, and what that makes of its drones and customers."""

    rows: FleetRows
    found: FleetSoftware

    def outdated_drones(self) -> list[Finding]:
        """D3, for the digest."""
        return [self._outdated(row) for row in self.found.overdue]

    def deaf_customers(self) -> list[Finding]:
        """C3: any drone in service that was not updated after the account's e-mail."""
        drones: defaultdict[str, list[int]] = defaultdict(list)
        for row in self.found.after_mail:
            owner = self.rows.owners[row]
            if owner.customer and owner.stage == _STAGE and c_rules_hold(owner):
                drones[owner.customer].append(row)
        return [self._deaf(customer, of) for customer, of in sorted(drones.items())]

    def outdated_facts(self, _: sqlite3.Connection, finding: Finding) -> dict[str, Any]:
        """Everything that a case of D3 and its notices say."""
        row = finding.facts["row"]
        number = self.found.overdue[row]
        return {
            "variant": finding.facts["variant"],
            "runs": self._runs(row),
            "seen_us": self.found.seen_us[row],
            "version": self.found.version(number),
            "next": self.found.install(row),
            "since_us": self.found.offered_us(row, number),
            "grace_days": self.found.releases[number].release.grace_us / 86_400_000_000,
            "powered_us": int(self.found.powered_us[row]),
            "mailed_us": self._mailed_us(row, number),
        }

    def deaf_facts(self, _: sqlite3.Connection, finding: Finding) -> dict[str, Any]:
        """Everything that a case of C3 and its notices say."""
        rows = finding.facts["rows"]
        after_mail = self.found.after_mail
        first = min(rows, key=lambda row: self._mailed_us(row, after_mail[row]) or 0)
        owned = [owner.customer for owner in self.rows.owners]
        number = after_mail[first]
        return {
            "variant": finding.facts["variant"],
            "customer": finding.subject,
            "version": self.found.version(number),
            "mailed_us": self._mailed_us(first, number),
            "grace_days": self.found.releases[number].release.grace_us / 86_400_000_000,
            "of_drones": owned.count(finding.subject),
            "drones": [
                {"serial": self.rows.fleet.serials[row], "runs": self._runs(row)} for row in rows
            ],
        }

    def why_gone(self, cases: Sequence[Case]) -> dict[str, Gone]:
        """Why D3 and C3 no longer find the subjects of *cases*."""
        return {case.subject: Gone("updated, or no longer held to it") for case in cases}

    def _outdated(self, row: int) -> Finding:
        version = self.found.version(self.found.overdue[row])
        return Finding(
            rule=D3,
            subject=self.rows.fleet.serials[row],
            severity=_SEVERITY[D3],
            episode=f"release {version}",
            news=f"overdue {version}",
            facts={"variant": "overdue", "row": row},
            owner=self.rows.owners[row],
            interrupts=False,
        )

    def _deaf(self, customer: str, rows: list[int]) -> Finding:
        versions = sorted(set(self._versions(rows)))
        return Finding(
            rule=C3,
            subject=customer,
            severity=_SEVERITY[C3],
            episode=f"mail {versions[0]}",
            news="not updated",
            facts={"variant": "mailed", "rows": rows},
            owner=self.rows.owners[rows[0]],
            interrupts=False,
        )

    def _versions(self, rows: Sequence[int]) -> Iterator[str]:
        for row in rows:
            yield self.found.version(self.found.after_mail[row]) or ""

    def _mailed_us(self, row: int, number: int) -> int | None:
        version = self.found.version(number) or ""
        return self.found.mailed_us.get((self.rows.owners[row].customer or "", version))

    def _runs(self, row: int) -> str:
        return shown_version(self.found.firmware[row]) or "unknown"
