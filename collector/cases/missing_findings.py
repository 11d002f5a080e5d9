"""M1: what has to be known of an account and is not, as findings, one an account.

Without a CSM nobody is told of a case, without a delivery date nobody is late. It is a task for
the digest; where it is the CSM who is missing, support is told.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from windsock.collector.cases.life import Finding
from windsock.collector.fleet.arrays import NOWHERE
from windsock.collector.fleet.queries import query
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.roster.owners import Owner, owner_of_account
from windsock.collector.settings import Judge, Required

M1: Final = "M1"
NOBODYS: Final = "autopilots without a drone"
"""Subject of those that can't be any one account's."""
_SEVERITY: Final = 5
_KEPT: Final = ("in_service", "repair", "paused")
"""Service states of drones that a customer has."""
_ADDRESSES: Final = """
SELECT DISTINCT account FROM contacts
WHERE from_us <= :now_us AND (until_us IS NULL OR :now_us < until_us)
"""
_UNDATED: Final = "SELECT serial FROM drones WHERE delivered_us IS NULL"


@dataclass
class _Gaps:
    """What is missing of one account."""

    owner: Owner | None
    missing: set[Required] = field(default_factory=set)
    drones: list[str] = field(default_factory=list)
    """Without a delivery date."""
    autopilots: list[str] = field(default_factory=list)
    """Without a serial number."""


def missing_information(
    ledger: sqlite3.Connection, rows: FleetRows, now_us: int, settings: Judge
) -> list[Finding]:
    """One finding for each account that has drones, or customers with drones, and a gap."""
    owners = _accounts(ledger, rows, now_us)
    reached = {row[0] for row in ledger.execute(_ADDRESSES, {"now_us": now_us})}
    gaps = {name: _of_account(name, owner, reached) for name, owner in owners.items()}
    _add_undated(ledger, rows, gaps)
    values = {"now_us": now_us, "simulated": int(settings.simulated)}
    _add_autopilots(rows, gaps, ledger.execute(query("nobodys"), values))
    wanted = set(settings.required)
    return [_finding(name, of, wanted) for name, of in sorted(gaps.items()) if of.missing & wanted]


def _accounts(ledger: sqlite3.Connection, rows: FleetRows, now_us: int) -> dict[str, Owner]:
    """Customers that have a drone, and their distributors."""
    owners: dict[str, Owner] = {}
    for owner in rows.owners:
        if owner.customer is not None and owner.service_state in _KEPT:
            owners.setdefault(owner.customer, owner)
    distributors = {owner.distributor for owner in owners.values()} - {None, *owners}
    return owners | {
        name: owner_of_account(ledger, name, now_us) for name in distributors if name is not None
    }


def _of_account(name: str, owner: Owner, reached: set[str]) -> _Gaps:
    said: tuple[tuple[Required, object], ...] = (
        ("csm", owner.csm_email),
        ("sales owner", owner.sales_email),
        ("e-mail", owner.customer_email or name in reached),
    )
    return _Gaps(owner, {what for what, value in said if not value})


def _add_undated(ledger: sqlite3.Connection, rows: FleetRows, gaps: Mapping[str, _Gaps]) -> None:
    undated = {row[0] for row in ledger.execute(_UNDATED)}
    for owner in rows.owners:
        of = gaps.get(owner.customer or "")
        if of and owner.serial in undated and owner.service_state in _KEPT:
            of.missing.add("delivery date")
            of.drones.append(owner.serial)


def _add_autopilots(
    rows: FleetRows, gaps: dict[str, _Gaps], nobodys: Iterable[sqlite3.Row]
) -> None:
    """Whose an unclaimed autopilot is, its station says where only one account uses that."""
    whose = _accounts_of_stations(rows)
    for row in nobodys:
        accounts = whose.get(row["agent"], set())
        only = next(iter(accounts)) if len(accounts) == 1 else NOBODYS
        of = gaps.setdefault(only, _Gaps(None))
        of.missing.add("serial")
        of.autopilots.append(row["drone_uid"])


def _accounts_of_stations(rows: FleetRows) -> dict[str, set[str]]:
    whose: dict[str, set[str]] = {}
    for owner, home in zip(rows.owners, rows.fleet.home.tolist(), strict=True):
        if home != NOWHERE and owner.customer is not None and owner.service_state in _KEPT:
            whose.setdefault(rows.fleet.stations[home], set()).add(owner.customer)
    return whose


def _finding(name: str, of: _Gaps, wanted: set[Required]) -> Finding:
    missing: Sequence[str] = sorted(of.missing & wanted)
    facts: dict[str, Any] = {
        "variant": "unclaimed" if of.owner is None else "missing",
        "missing": missing,
        "drones": of.drones if "delivery date" in missing else [],
        "autopilots": of.autopilots if "serial" in missing else [],
    }
    said = "missing: " + ", ".join(missing)
    return Finding(
        rule=M1,
        subject=name,
        severity=_SEVERITY,
        episode=said,
        news=said,
        facts=facts,
        owner=of.owner._replace(serial="") if of.owner else None,
        interrupts=of.owner is None or "csm" in missing,
    )
