"""The cases that wait for an answer, and whose they are."""

import sqlite3
from typing import Final

import msgspec

from windsock.collector.calls.people import answering
from windsock.collector.calls.ranking import OpenCase
from windsock.collector.cases.history import IN_DIGEST
from windsock.collector.cases.rules import RULES
from windsock.collector.roster.owners import FOREVER_US

_WAITING: Final = """
SELECT cases.*, newest.news, newest.decision,
    EXISTS (SELECT 1 FROM case_events AS told WHERE told.case_id = cases.id
        AND told.news = newest.news AND told.id >= coalesce((SELECT max(id) FROM case_events
            WHERE case_id = cases.id AND transition = 'wake'), 0)
        AND told.decision IN ('notify', 'no-csm', 'answered', :listed)) AS told,
    EXISTS (SELECT 1 FROM case_events AS told WHERE told.case_id = cases.id
        AND told.decision NOT IN ('too-old', 'superseded', 'resolved')) AS worth
FROM cases JOIN case_events AS newest ON newest.id = (
    SELECT max(id) FROM case_events WHERE case_id = cases.id)
WHERE rule IN (SELECT value FROM json_each(:rules)) AND (state = 'open'
    OR state = 'acknowledged' AND newest.decision IN ('digest', 'same-call', 'rationed'))
ORDER BY cases.id
"""
"""`worth`: not opened for the record alone. `told`: somebody knows it as it stands; what a snooze
was about is told again when it ended."""

_LARGE: Final = f"""
SELECT account FROM traits WHERE kind = 'tier' AND value = 'large'
    AND from_us <= :now AND :now < coalesce(until_us, {FOREVER_US})
UNION
SELECT owned.object FROM links AS owned LEFT JOIN links AS service
    ON service.kind = 'drone_service' AND service.subject = owned.subject
    AND service.from_us <= :now AND :now < coalesce(service.until_us, {FOREVER_US})
WHERE owned.kind = 'drone_customer' AND owned.from_us <= :now
    AND :now < coalesce(owned.until_us, {FOREVER_US})
    AND coalesce(service.object, 'in_service') = 'in_service'
GROUP BY owned.object HAVING count(*) >= :drones
"""  # noqa: S608 - a number of ours


def waiting_cases(ledger: sqlite3.Connection) -> list[OpenCase]:
    """A CSM's cases that are open, or were acknowledged before their newest news; oldest first."""
    rules = [rule.name for rule in RULES.values() if rule.audience == "csm"]
    rows = ledger.execute(
        _WAITING, {"listed": IN_DIGEST, "rules": msgspec.json.encode(rules).decode()}
    ).fetchall()
    return [_case(row) for row in rows if _waits(row)]


def of_person(
    ledger: sqlite3.Connection, cases: list[OpenCase], now_us: int
) -> dict[str | None, list[OpenCase]]:
    """*cases* by who answers for them now, be it as a substitute; None: nobody does."""
    answers: dict[str | None, str | None] = {None: None}
    of: dict[str | None, list[OpenCase]] = {}
    for case in cases:
        if case.csm is not None and case.csm not in answers:
            answers[case.csm] = answering(ledger, case.csm, now_us)
        of.setdefault(answers[case.csm], []).append(case)
    return of


def large_accounts(ledger: sqlite3.Connection, now_us: int, drones: int) -> set[str]:
    """Accounts of tier large, and those with at least so many *drones* in service."""
    return {row[0] for row in ledger.execute(_LARGE, {"now": now_us, "drones": drones})}


def _waits(row: sqlite3.Row) -> bool:
    return bool(row["worth"] and (row["state"] == "open" or not row["told"]))


def _case(row: sqlite3.Row) -> OpenCase:
    facts = msgspec.json.decode(row["facts"])
    who = facts["who"]
    return OpenCase(
        id=row["id"],
        rule=row["rule"],
        subject=row["subject"],
        account=(who and who["customer"]) or row["subject"],
        csm=row["csm"],
        severity=row["severity"],
        opened_us=row["opened_us"],
        facts=facts,
        playbook=row["playbook"],
        waited=row["decision"] in ("rationed", "same-call"),
        is_new=not row["told"],
    )
