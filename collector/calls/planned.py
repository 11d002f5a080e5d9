"""What the cadence makes due, opened as tasks with an account's health in them."""

import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

import msgspec

from windsock.collector.calls import cadence as when
from windsock.collector.calls.accounts import accounts
from windsock.collector.calls.health import Sheet, drones_of, health_sheet
from windsock.collector.calls.people import answering, name_of, zone_of
from windsock.collector.calls.task_notice import task_notice
from windsock.collector.calls.tasks import SALES_WORD, TaskRow, task_rows
from windsock.collector.calls.workday import Workdays, hour_us, local_day
from windsock.collector.fleet.states import DroneState, drone_states
from windsock.collector.ledger import transaction
from windsock.collector.notify.channels import channel_names
from windsock.collector.notify.notice import Line, Notice
from windsock.collector.notify.outbox import MAIL, enqueue
from windsock.collector.settings import Cadence, Settings
from windsock.collector.sql import insert

KINDS: Final = ("call", "health-check")
_ABOUT_DRONES: Final = '["X1", "X3", "D2", "D3"]'
"""Rules whose open cases make a drone unhealthy; idle drones are counted as idle."""
_UNHEALTHY: Final = """
SELECT DISTINCT subject FROM cases WHERE state <> 'resolved'
    AND rule IN (SELECT value FROM json_each(?))
"""
_TICKETS: Final = """
SELECT count(*) FROM tickets WHERE merged_into IS NULL AND state <> 'closed'
    AND (account IN (SELECT value FROM json_each(:accounts))
        OR drone IN (SELECT value FROM json_each(:drones)))
"""
_NEWEST: Final = """
SELECT kind, account, closed_us FROM tasks WHERE id IN (
    SELECT max(id) FROM tasks WHERE parent IS NULL GROUP BY kind, account)
"""


class Planned(NamedTuple):
    """A task that is to be opened."""

    account: str
    csm: str | None
    sales: str | None
    cadence: Cadence
    due: date
    moved: bool
    word: date | None
    """When to talk to the sales owner before."""


def open_tasks(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> int:
    """Open what falls due within days, with its sheet; the notices put into the outbox."""
    if not settings.cadence:
        return 0
    with transaction(ledger):
        opening = _Opening(ledger, now_us, settings)
        planned = opening.planned()
        states = drone_states(ledger, now_us, settings) if planned else []
        return sum(opening.open(plan, states) for plan in planned)


class _Opening(NamedTuple):
    """At a moment, in a transaction of the caller."""

    ledger: sqlite3.Connection
    now_us: int
    settings: Settings

    def planned(self) -> list[Planned]:
        """Of every account and kind the next one, where it is near and none is open."""
        newest = {
            (row["kind"], row["account"]): row["closed_us"] for row in self.ledger.execute(_NEWEST)
        }
        return [
            plan
            for account in accounts(self.ledger, self.now_us)
            for kind in KINDS
            if newest.get((kind, account["account"]), 0) is not None
            and (plan := self._plan(account, kind, newest.get((kind, account["account"]))))
        ]

    def _plan(self, row: sqlite3.Row, kind: str, done_us: int | None) -> Planned | None:
        zone = zone_of(self.ledger, row["csm"] or "", self.settings.day)
        since_us, today = row["since_us"], local_day(self.now_us, zone)
        since = local_day(since_us, zone) if since_us else None
        account = when.Account(row["account"], row["of"], row["tier"], since)
        cadence = when.cadence_of(account, kind, self.settings.cadence)
        if cadence is None:
            return None
        done = None if done_us is None else local_day(done_us, zone)
        due = when.falls_due(cadence, account, done, today)
        if due > today + when.LEAD:
            return None
        work = Workdays(self.settings.day.working_days, self.settings.day.holidays)
        day = when.settled(max(due, today), cadence, work)
        with_sales = kind == "call" and account.of == "distributor"
        word = when.word_with_sales(day, today, work) if with_sales else None
        return Planned(row["account"], row["csm"], row["sales"], cadence, day, day != due, word)

    def open(self, plan: Planned, states: list[DroneState]) -> int:
        """Open *plan*'s task and the one before it; the notices put into the outbox."""
        facts = {
            "for": plan.cadence.of,
            "sales": plan.sales and name_of(self.ledger, plan.sales),
            "moved": plan.moved,
            "sheet": self._sheet(plan.account, states),
        }
        call = self._insert(plan, plan.cadence.kind, plan.due, None, facts)
        made = [call]
        if plan.word is not None:
            made.append(self._insert(plan, SALES_WORD, plan.word, call, facts))
        rows = {row.task: row for row in task_rows(self.ledger)}
        return sum(self._tell(rows[task], plan) for task in reversed(made))

    def _insert(
        self, plan: Planned, kind: str, due: date, parent: int | None, facts: Mapping[str, object]
    ) -> int:
        zone = zone_of(self.ledger, plan.csm or "", self.settings.day)
        row = {
            "kind": kind,
            "account": plan.account,
            "csm": plan.csm,
            "playbook": plan.cadence.playbook if parent is None else None,
            "due_us": hour_us(due, self.settings.day.hour, zone),
            "opened_us": self.now_us,
            "parent": parent,
            "facts": msgspec.json.encode(facts).decode(),
        }
        return insert(self.ledger, "tasks", row)

    def _sheet(self, account: str, states: list[DroneState]) -> Sheet:
        drones = drones_of(account, states)
        unhealthy = {row[0] for row in self.ledger.execute(_UNHEALTHY, (_ABOUT_DRONES,))}
        accounts = sorted({account} | {drone.customer for drone in drones if drone.customer})
        serials = [drone.serial for drone in drones]
        (tickets,) = self.ledger.execute(
            _TICKETS, {"accounts": _json(accounts), "drones": _json(serials)}
        ).fetchone()
        return health_sheet(drones, unhealthy, tickets)

    def _tell(self, task: TaskRow, plan: Planned) -> int:
        """To programs at once; people read of it in the digest of the day on which it is due."""
        channels = [name for name in channel_names(self.settings.notify) if name != MAIL]
        csm = task.csm and answering(self.ledger, task.csm, self.now_us)
        who = csm or self.settings.notify.support or ""
        return enqueue(self.ledger, _notice(task, plan, self.now_us), channels, who)


def _notice(task: TaskRow, plan: Planned, now_us: int) -> Notice:
    moved = ", put off from the end of the quarter or a day off" if task.moved else ""
    command = f"`windsock-collector tasks done {task.task} -c collector.toml`"
    return task_notice(task, now_us, str(task.task), [
        Line("why", f"Every {plan.cadence.every_days} days{moved}."),
        Line("answer", f"{command} on the server."),
    ])  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
