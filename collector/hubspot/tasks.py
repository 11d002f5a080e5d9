"""Every case and every periodic call as a task in HubSpot: what is written into the outbox for it.

A follower of what happened to cases. Other channels tell of what is worth telling; a task is there
for each case, whoever was told of it, and is completed when the case is closed.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from windsock.collector.calls.people import answering
from windsock.collector.calls.task_notice import task_notice
from windsock.collector.calls.tasks import TaskRow, task_rows
from windsock.collector.cases.beside import Places, beside
from windsock.collector.cases.life import FACTS
from windsock.collector.cases.rules import RULES
from windsock.collector.followers import last_id
from windsock.collector.hubspot.mapping import ENDS, OPENS
from windsock.collector.ledger import transaction
from windsock.collector.notify.compose import Step, compose
from windsock.collector.notify.notice import Line, Notice
from windsock.collector.notify.outbox import enqueue
from windsock.collector.notify.wording import load_wording
from windsock.collector.settings import Settings
from windsock.collector.web.secret import open_links

CHANNEL: Final = "hubspot"
_CASES: Final = "hubspot cases"
_ROW: Final = """
SELECT cases.*, event.id AS event_id,
    (SELECT via FROM answers WHERE case_id = cases.id ORDER BY id DESC LIMIT 1) AS answered_via,
    EXISTS (SELECT 1 FROM outbox WHERE case_id = cases.id AND channel = 'hubspot') AS known,
"""
_TOUCHED: Final = f"""{_ROW} NULL AS finish, NULL AS trouble, opens
FROM (SELECT case_id, max(id) AS id, max(
    transition IN ('open', 'reopen') OR coalesce(detail ->> 'via', '') = 'hubspot') AS opens
    FROM case_events WHERE id > ? GROUP BY case_id) AS newest
JOIN case_events AS event ON event.id = newest.id JOIN cases ON cases.id = newest.case_id
ORDER BY event.id
"""  # noqa: S608 - our names
_TROUBLED: Final = f"""{_ROW} finish, trouble, 1 AS opens
FROM hubspot_tasks JOIN cases ON cases.id = hubspot_tasks.case_id
JOIN case_events AS event
    ON event.id = (SELECT max(id) FROM case_events WHERE case_id = cases.id)
WHERE trouble IS NOT NULL AND state <> 'resolved' ORDER BY task
"""  # noqa: S608 - our names


def write_tasks(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> int:
    """Write what happened to cases and periodic tasks since; how many notices."""
    if settings.notify.hubspot is None:
        return 0
    with transaction(ledger):
        touched = ledger.execute(_TOUCHED, (last_id(ledger, _CASES),)).fetchall()
        periodic = list(_changed_tasks(ledger))
        troubled = ledger.execute(_TROUBLED).fetchall()
        if not touched and not periodic and not troubled:
            return 0
        desk = _Desk(ledger, now_us, settings)
        written = sum(desk.write_case(row) for row in [*touched, *troubled])
        ledger.execute("UPDATE hubspot_tasks SET trouble = NULL WHERE trouble IS NOT NULL")
        if touched:
            newest = touched[-1]["event_id"]
            ledger.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (_CASES, newest))
        return written + sum(desk.write_periodic(task) for task in periodic)


class _Desk:
    """What notices are made with."""

    def __init__(self, ledger: sqlite3.Connection, now_us: int, settings: Settings) -> None:
        self._ledger = ledger
        self._now_us = now_us
        self._notify = settings.notify
        self._wording = load_wording(settings.notify.templates)
        self._places = Places(settings.notify, open_links(settings.web))

    def write_case(self, row: sqlite3.Row) -> int:
        if RULES[row["rule"]].audience != "csm":
            return 0
        person = self._person(row["csm"])
        if row["state"] != "resolved":
            return enqueue(self._ledger, self._of_case(row, person), [CHANNEL], person)
        by_task = row["closed_by"] != FACTS and row["answered_via"] == CHANNEL
        if by_task or not row["known"]:
            return 0
        return enqueue(self._ledger, self._closed_case(row), [CHANNEL], person)

    def write_periodic(self, task: TaskRow) -> int:
        notice = task_notice(task, self._now_us, _transition(task))
        return enqueue(self._ledger, notice, [CHANNEL], self._person(task.csm))

    def _person(self, csm: str | None) -> str:
        if csm is None:
            return self._notify.support or ""
        return answering(self._ledger, csm, self._now_us)

    def _of_case(self, row: sqlite3.Row, person: str) -> Notice:
        facts = msgspec.json.decode(row["facts"])
        due_us = row["snoozed_until_us"] or row["due_us"]
        step = Step(
            case=row["id"],
            transition=_transition_of(row),
            rule=row["rule"],
            subject=row["subject"],
            severity=row["severity"],
            basis=row["basis"],
            playbook=row["playbook"],
            variant=facts["variant"],
            facts=facts,
            opened_us=row["opened_us"],
            due_us=due_us,
            beside=beside(self._ledger, row, self._places, person, self._now_us),
        )
        notice = compose(step, self._wording, self._now_us)
        if row["trouble"]:
            said = Line("answer", f"The last answer changed nothing: {row['trouble']}.")
            notice = msgspec.structs.replace(notice, lines=[said, *notice.lines])
        return msgspec.structs.replace(notice, account=_account(row, facts), due_us=due_us)

    def _closed_case(self, row: sqlite3.Row) -> Notice:
        return Notice(
            case=row["id"],
            transition=f"{row['event_id']}{ENDS}",
            rule=row["rule"],
            subject=row["subject"],
            severity=row["severity"],
            headline=f"case {row['id']} is closed",
            lines=[],
            created_us=self._now_us,
        )


def _transition_of(row: sqlite3.Row) -> str:
    """Each trouble is told by itself. A task is opened where it is new, or was completed."""
    again = f"-{row['finish']}" if row["trouble"] else ""
    opens = OPENS if row["opens"] or not row["known"] else ""
    return f"{row['event_id']}-{row['state']}{again}{opens}"


def _account(row: sqlite3.Row, facts: Mapping[str, Any]) -> str | None:
    """Whose case it is."""
    who = facts.get("who") or {}
    return who.get("customer") or (row["subject"] if row["subject_kind"] == "customer" else None)


def _changed_tasks(ledger: sqlite3.Connection) -> Iterator[TaskRow]:
    """Periodic tasks that HubSpot does not have, or has as open though they are done."""
    known = {
        row[0] for row in ledger.execute(
            "SELECT json_extract(notice, '$.transition') FROM outbox"
            " WHERE channel = 'hubspot' AND case_id IS NULL"
        )
    }  # fmt: skip
    for task in task_rows(ledger, closed=True):
        opened = str(task.task) in known
        if (task.closed_us is None) != opened and _transition(task) not in known:
            yield task


def _transition(task: TaskRow) -> str:
    return f"{task.task}{'' if task.closed_us is None else ENDS}"
