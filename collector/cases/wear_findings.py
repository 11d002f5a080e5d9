"""X3: drones that wear out, as findings. They belong into the digest, never into a notice."""

import sqlite3
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from windsock.collector.cases.life import Finding
from windsock.collector.detect.wear import SIGNS, Wear, WearLimits, wear
from windsock.collector.fleet.arrays import IN_SERVICE
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.fleet.wear import load_last_flights

X3: Final = "X3"
_SEVERITY: Final = 15


@dataclass(frozen=True)
class WornFleet:
    """A fleet held against its own earlier flights."""

    rows: FleetRows
    found: Wear

    @classmethod
    def load(
        cls, ledger: sqlite3.Connection, rows: FleetRows, now_us: int, *, simulated: bool
    ) -> "WornFleet":
        """The drones in *rows*. In a `snapshot` of its caller."""
        flights = load_last_flights(ledger, rows.fleet.serials, now_us, simulated=simulated)
        return cls(rows, wear(flights, WearLimits()))

    def worn_drones(self) -> list[Finding]:
        """One finding for each drone in service of which anything is worn."""
        worn = self.found.worn.any(axis=1) & (self.rows.fleet.service == IN_SERVICE)
        return [self._worn(row) for row in np.flatnonzero(worn).tolist()]

    def _worn(self, row: int) -> Finding:
        names = [SIGNS[sign].name for sign in np.flatnonzero(self.found.worn[row])]
        return Finding(
            rule=X3,
            subject=self.rows.fleet.serials[row],
            severity=_SEVERITY,
            episode="wear",
            recurs=True,
            news=" ".join(names),
            facts={"variant": "worn", "row": row},
            owner=self.rows.owners[row],
            interrupts=False,
        )

    def worn_facts(self, _: sqlite3.Connection, finding: Finding) -> dict[str, Any]:
        """Everything that a case says."""
        row = finding.facts["row"]
        return {
            "variant": finding.facts["variant"],
            "signs": [
                {
                    "sign": SIGNS[sign].name,
                    "now": round(float(self.found.now[row, sign]), 3),
                    "usual": round(float(self.found.usual[row, sign]), 3),
                    "score": round(float(self.found.score[row, sign]), 2),
                }
                for sign in np.flatnonzero(self.found.worn[row]).tolist()
            ],
        }
