"""Everybody's day, made once: digests at their local hour, the weekly word that all is quiet.

What is written for whom stands in table digests, in the transaction that puts it into the outbox:
killed anywhere and started again it is there once.
"""

import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from windsock.collector.calls import book
from windsock.collector.calls.digest import DayPlan, Due, compose_digest
from windsock.collector.calls.people import answering, csms, name_of, zone_of
from windsock.collector.calls.planned import open_tasks
from windsock.collector.calls.quiet import compose_quiet, is_quiet, week_of
from windsock.collector.calls.ranking import Call, OpenCase, ranked_calls
from windsock.collector.calls.tasks import due_tasks
from windsock.collector.calls.waiting import large_accounts, of_person, waiting_cases
from windsock.collector.calls.workday import Workdays, hour_us, local_day
from windsock.collector.cases.history import IN_DIGEST
from windsock.collector.cases.situation import situation_of
from windsock.collector.ledger import transaction
from windsock.collector.notify.channels import channel_names
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.outbox import enqueue
from windsock.collector.notify.standing import in_one_line
from windsock.collector.notify.wording import load_wording
from windsock.collector.settings import Settings
from windsock.collector.web.secret import open_links


class _Reader(NamedTuple):
    """Who gets a digest, and which day it is there."""

    person: str
    day: date
    is_csm: bool
    whose: frozenset[str | None]
    """Whose cases and tasks it tells of; None: those of accounts without a CSM."""


def make_day(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> int:
    """Write the digests whose hour has come, and open the tasks before; how many notices."""
    notices = 0
    readers = list(_readers_due(ledger, now_us, settings))
    if readers:
        notices += open_tasks(ledger, now_us, settings)
        with transaction(ledger):
            waiting = of_person(ledger, waiting_cases(ledger), now_us)
            for reader in readers:
                cases = [case for who in reader.whose for case in waiting.get(who, [])]
                cases.sort(key=lambda case: case.id)
                notices += _Morning(ledger, now_us, settings, reader).make(cases)
    return notices


def _readers_due(ledger: sqlite3.Connection, now_us: int, settings: Settings) -> Iterator[_Reader]:
    """Whose hour has come on a working day of theirs, and who has none of today yet."""
    work = Workdays(settings.day.working_days, settings.day.holidays)
    people = {answering(ledger, csm, now_us): True for csm in csms(ledger, now_us)}
    if settings.notify.support:
        people.setdefault(settings.notify.support, False)
    for person, is_csm in sorted(people.items()):
        zone = zone_of(ledger, person, settings.day)
        day = local_day(now_us, zone)
        if not work.has(day) or now_us < hour_us(day, settings.day.hour, zone):
            continue
        made = ledger.execute(
            "SELECT 1 FROM digests WHERE csm = ? AND kind = 'day' AND day = ?", (person, str(day))
        ).fetchone()
        if made is None:
            nobodys = {None} if person == settings.notify.support else set()
            yield _Reader(person, day, is_csm, frozenset({person} | nobodys))


class _Morning(NamedTuple):
    """One reader's, in a transaction of the caller."""

    ledger: sqlite3.Connection
    now_us: int
    settings: Settings
    reader: _Reader

    def make(self, cases: list[OpenCase]) -> int:
        """Write the digest, or that there is none; the notices put into the outbox."""
        cases = [case for case in cases if not self._is_others(case)]
        plan = self._plan(cases)
        self._note("day", len(cases))
        if plan.empty:
            return self._make_quiet() if self.reader.is_csm else 0
        for call in plan.calls:
            slot = book.Slot(self.reader.person, call.account, str(self.reader.day))
            for case in call.cases:
                book.join(self.ledger, slot, case.id, "digest", self.now_us)
        for case in cases:
            self._list(case)
        wording = load_wording(self.settings.notify.templates)
        return self._send(compose_digest(plan, wording, self.now_us))

    def _plan(self, cases: list[OpenCase]) -> DayPlan:
        day, most = self.settings.day, self.settings.day.digest_calls
        large = large_accounts(self.ledger, self.now_us, self.settings.judge.large_drones)
        calls = ranked_calls([case for case in cases if case.playbook], large)
        zone = zone_of(self.ledger, self.reader.person, day)
        until_us = hour_us(self.reader.day, 23, zone)
        tasks: list[Due] = due_tasks(self.ledger, self.reader.whose, until_us, self.now_us)
        away = {
            case.account: name_of(self.ledger, case.csm)
            for case in cases
            if case.csm not in (None, self.reader.person)
        }
        return DayPlan(
            person=self.reader.person,
            name=name_of(self.ledger, self.reader.person),
            day=self.reader.day,
            calls=calls[:most],
            more=calls[most:],
            tasks=tasks,
            errands=[case for case in cases if not case.playbook],
            away=away,
            standing=self._standing(calls[:most]),
            links=self._links(calls[:most]),
        )

    def _standing(self, calls: list[Call]) -> dict[str, str]:
        return {
            call.account: in_one_line(situation_of(self.ledger, call.account, None, self.now_us))
            for call in calls
        }

    def _links(self, calls: list[Call]) -> dict[int, str]:
        links = open_links(self.settings.web)
        if links is None:
            return {}
        return {
            case.id: links.to_case(case.id, self.reader.person, self.now_us)
            for call in calls
            for case in call.cases
        }

    def _is_others(self, case: OpenCase) -> bool:
        """Somebody else's digest of this day has it: cover began after their hour."""
        row = self.ledger.execute(
            "SELECT 1 FROM calls JOIN call_cases ON call_id = calls.id"
            " WHERE account = ? AND day = ? AND csm <> ? AND how = 'digest'",
            (case.account, str(self.reader.day), self.reader.person),
        ).fetchone()
        return row is not None

    def _list(self, case: OpenCase) -> None:
        """Note in the case that a digest brought it, once for its news."""
        if case.is_new:
            self.ledger.execute(
                "INSERT INTO case_events (case_id, at_us, transition, actor, news, decision,"
                " detail) SELECT case_id, ?, 'digest', 'facts', news, ?, '{}' FROM case_events"
                " WHERE case_id = ? ORDER BY id DESC LIMIT 1",
                (self.now_us, IN_DIGEST, case.id),
            )

    def _make_quiet(self) -> int:
        work = Workdays(self.settings.day.working_days, self.settings.day.holidays)
        person, day = self.reader.person, self.reader.day
        if not work.begins_week(day) or not is_quiet(self.ledger, person, self.now_us):
            return 0
        self._note("quiet", 0)
        week, name = week_of(self.ledger, person, self.now_us), name_of(self.ledger, person)
        return self._send(compose_quiet(person, name, day, week, self.now_us))

    def _note(self, kind: str, cases: int) -> None:
        reader = self.reader
        self.ledger.execute(
            "INSERT INTO digests VALUES (?, ?, ?, ?, ?)",
            (reader.person, kind, str(reader.day), self.now_us, cases),
        )

    def _send(self, notice: Notice) -> int:
        channels = channel_names(self.settings.notify)
        return enqueue(self.ledger, notice, channels, self.reader.person)
