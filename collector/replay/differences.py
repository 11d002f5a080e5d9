"""What two ways of judging make of the same history: cases, and verdicts of flights."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np

from windsock.collector.detect.crash import CrashRule, judge
from windsock.collector.fleet.facts import facts_matrix
from windsock.collector.replay.history import Told
from windsock.protocol.facts import Matrix
from windsock.protocol.verdicts import VERDICTS

FLIGHTS_AT_ONCE: Final = 50_000

Change = Literal["gone", "new", "told", "not told"]


class CaseDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A case that only one of them has, or that only one of them tells of."""

    change: Change
    rule: str
    subject: str
    opened_us: int
    severity: int
    basis: str | None
    told: bool
    episode: str


class VerdictChange(NamedTuple):
    """So many flights go from one verdict to another, or stay."""

    before: str
    after: str
    flights: int


def differences(
    before: Sequence[Told], after: Sequence[Told], since_us: int
) -> list[CaseDifference]:
    """Case by case; who was told is compared where both opened it after *since_us*."""
    old, new = _keyed(before), _keyed(after)
    found = [_difference("gone", old[key]) for key in old.keys() - new.keys()]
    found += [_difference("new", new[key]) for key in new.keys() - old.keys()]
    for key in old.keys() & new.keys():
        recent = min(old[key].opened_us, new[key].opened_us) > since_us
        if recent and old[key].told != new[key].told:
            found.append(_difference("told" if new[key].told else "not told", new[key]))
    return sorted(found, key=lambda one: (one.rule, one.change, one.subject, one.opened_us))


def verdict_changes(
    ledger: sqlite3.Connection, before: CrashRule, after: CrashRule, since_us: int
) -> list[VerdictChange]:
    """Every flight that came after *since_us*, judged twice from its facts."""
    counts: Counter[int] = Counter()
    for facts in fact_blocks(ledger, since_us):
        pairs = judge(facts, before).verdict.astype(np.intp) * len(VERDICTS)
        pairs += judge(facts, after).verdict
        counts.update(dict(enumerate(np.bincount(pairs).tolist())))
    return [
        VerdictChange(VERDICTS[pair // len(VERDICTS)], VERDICTS[pair % len(VERDICTS)], flights)
        for pair, flights in sorted(counts.items())
        if flights
    ]


def fact_blocks(ledger: sqlite3.Connection, since_us: int) -> Iterator[Matrix]:
    """The facts of the flights that came after *since_us*, as they stand, block by block."""
    flights = ledger.execute(
        "SELECT facts FROM live_flights WHERE received_us > ? ORDER BY id", (since_us,)
    )
    while block := flights.fetchmany(FLIGHTS_AT_ONCE):
        yield facts_matrix([row[0] for row in block])


def _keyed(cases: Sequence[Told]) -> dict[tuple[str, str, str, int], Told]:
    """The same episode may have had more than one case."""
    seen: Counter[tuple[str, str, str]] = Counter()
    keyed = {}
    for case in cases:
        key = (case.rule, case.subject, case.episode)
        seen[key] += 1
        keyed[*key, seen[key]] = case
    return keyed


def _difference(change: Change, case: Told) -> CaseDifference:
    return CaseDifference(
        change=change,
        rule=case.rule,
        subject=case.subject,
        opened_us=case.opened_us,
        severity=case.severity,
        basis=case.basis,
        told=case.told,
        episode=case.episode,
    )
