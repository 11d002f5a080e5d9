"""Killed at any commit on the way from HubSpot to a task and back: the same end, once."""

import itertools

import pytest

from tests.collector.hubspot.standin import TOKEN, StandIn
from tests.collector.judged import CRASH
from tests.collector.mortal import Killed, Mortal
from tests.collector.outside.facts import facts
from tests.collector.world import HOUR, T0, World
from windsock.collector.cases.judge import judge_new
from windsock.collector.hubspot.client import Client
from windsock.collector.hubspot.source import Source
from windsock.collector.hubspot.tasks import write_tasks
from windsock.collector.notify.channels import open_channels
from windsock.collector.notify.outbox import send_due
from windsock.collector.settings import Hubspot, HubspotTasks, Notify, Settings

pytestmark = pytest.mark.e2e


class Stage:
    """A portal and a ledger of their own."""

    def __init__(self, folder):
        folder.mkdir()
        (folder / "token").write_text(TOKEN)
        self.portal = StandIn()
        self.portal.owner(7, "anna@maker")
        self.portal.put("companies", 1, name="Acme", csm="7", lifecyclestage="customer")
        for number in range(5):
            self.portal.put("tickets", number, hs_ticket_priority="URGENT", drone_serial="D1")
        self.world = World(folder / "ledger")
        self.world.roster("D1,px4:01,Acme")
        self.world.flight(T0, facts=CRASH)
        self.fields = Hubspot(token_file=folder / "token", url=self.portal.url, csm="csm")
        tasks = HubspotTasks(token_file=folder / "token", url=self.portal.url)
        self.settings = Settings(notify=Notify(hubspot=tasks))

    def work(self, ledger, now_us):
        """One round, by a process that has just started."""
        Source(self.fields, Client(self.portal.url, TOKEN)).pull(ledger, now_us)
        judge_new(ledger, now_us, self.settings)
        write_tasks(ledger, now_us, self.settings)
        return send_due(ledger, open_channels(self.settings.notify), now_us, lambda: 0.0)

    def answer(self):
        """Somebody completes the task, once it is there."""
        for number, task in list(self.portal.objects["tasks"].items()):
            if task["hs_task_status"] == "NOT_STARTED":
                self.portal.complete(number, "confirmed")

    def end(self):
        rows = self.world.rows(
            "SELECT answer, actor FROM answers UNION ALL SELECT state, csm FROM cases"
            " UNION ALL SELECT state, channel FROM outbox"
        )
        tasks = {key: task["hs_task_status"] for key, task in self.portal.tasks().items()}
        return facts(self.world), rows, tasks

    def close(self):
        self.world.ledger.close()
        self.portal.close()


def life(stage, nth=None, before=False):
    """Two rounds with an answer between them, killed at the nth commit; True: it was."""
    ledger = stage.world.ledger if nth is None else Mortal(stage.world.ledger, nth, before)
    killed = False
    for now_us in (T0 + HOUR, T0 + 2 * HOUR):
        try:
            stage.work(ledger, now_us)
        except Killed:
            killed, ledger = True, stage.world.ledger
            if ledger.in_transaction:
                ledger.execute("ROLLBACK")
            stage.work(ledger, now_us)
        stage.answer()
    stage.work(stage.world.ledger, T0 + 3 * HOUR)
    return killed


def test_the_end_is_the_same_wherever_it_was_killed(tmp_path):
    whole = Stage(tmp_path / "whole")
    life(whole)
    wanted = whole.end()
    whole.close()
    assert wanted[2] == {"case-1": "NOT_STARTED"}
    assert [row["answer"] for row in wanted[1]].count("confirmed") == 1

    for nth in itertools.count(1):
        for before in (True, False):
            stage = Stage(tmp_path / f"{nth}-{before}")
            killed = life(stage, nth, before)
            end = stage.end()
            stage.close()
            assert end == wanted, (nth, before)
        if not killed:
            break
    assert nth > 8
