"""Every case is one task in HubSpot, and a task that somebody completes is an answer."""

import html

import msgspec
import pytest

from tests.collector.hubspot.standin import TOKEN
from tests.collector.judged import CRASH, FINE
from tests.collector.world import DAY, HOUR, T0
from windsock.collector.answers.answer import Answer, apply_answer
from windsock.collector.cases.judge import judge_fleet, judge_new
from windsock.collector.hubspot.tasks import write_tasks
from windsock.collector.ledger import transaction
from windsock.collector.notify.channels import open_channels
from windsock.collector.notify.outbox import send_due
from windsock.collector.settings import Cadence, HubspotTasks, Notify, Settings

pytestmark = pytest.mark.e2e

NOW = T0 + HOUR


@pytest.fixture
def settings(portal, tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN)
    tasks = HubspotTasks(token_file=file, url=portal.url)
    return Settings(notify=Notify(hubspot=tasks, support="support@maker"))


@pytest.fixture
def crashed(world, portal):
    """Case 1 is about D1, which is Acme's and Anna's."""
    portal.owner(7, "anna@maker", "Anna")
    portal.put("companies", 1, name="Acme")
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.flight(T0, facts=CRASH)
    return world


class Round:
    """What the collector's second thread does, as far as it matters here."""

    def __init__(self, world, settings, source):
        self.world, self.settings, self.source = world, settings, source
        self.channels = open_channels(settings.notify)

    def __call__(self, now_us):
        self.source.pull(self.world.ledger, now_us)
        judge_new(self.world.ledger, now_us, self.settings)
        judge_fleet(self.world.ledger, now_us, self.settings)
        return self.send(now_us)

    def send(self, now_us):
        write_tasks(self.world.ledger, now_us, self.settings)
        return send_due(self.world.ledger, self.channels, now_us, lambda: 0.0)

    def case(self, number=1):
        (row,) = self.world.rows("SELECT * FROM cases WHERE id = ?", number)
        return row


@pytest.fixture
def collect(crashed, settings, source):
    return Round(crashed, settings, source)


def waiting(world):
    return world.rows("SELECT state, error FROM outbox WHERE channel = 'hubspot' ORDER BY id")


def test_a_case_is_a_task_of_its_csm_with_its_company_and_due_date(collect, portal):
    assert collect(NOW).troubles == []

    task = portal.tasks()["case-1"]
    assert task["hubspot_owner_id"] == "7"
    assert task["hs_task_status"] == "NOT_STARTED"
    assert int(task["hs_timestamp"]) == (NOW + 2 * DAY) // 1000
    assert (task["hs_task_type"], task["hs_task_priority"]) == ("CALL", "MEDIUM")
    assert "D1" in task["hs_task_subject"]
    assert "PLAYBOOK CS: Trouble Call End User" in task["hs_task_body"]
    assert ("tasks", "9000", "1") in portal.associations


def test_a_case_that_nobody_is_told_of_at_once_is_a_task_all_the_same(collect, portal):
    collect.world.roster("D1,px4:01,Acme,,Anna,anna@maker", "D2,px4:02,Beta,,Anna,anna@maker")
    collect.world.flight(T0, uid="px4:02", facts=FINE)
    collect.world.online(T0, T0 + 40 * DAY)
    collect(T0 + 31 * DAY)

    told = collect.world.rows(
        "SELECT rule, decision FROM case_events JOIN cases ON cases.id = case_id"
    )
    silent = [row for row in told if row["decision"] == "digest"]
    assert silent
    assert len(portal.tasks()) == len({row["id"] for row in collect.world.rows(
        "SELECT id FROM cases WHERE rule <> 'X2'")})  # fmt: skip


def test_the_task_follows_its_case_and_is_completed_when_the_facts_close_it(collect, portal):
    collect(NOW)
    portal.put("tasks", 9000, hs_task_status="NOT_STARTED")
    collect.world.flight(T0 + 2 * HOUR, facts=FINE)
    collect(T0 + 4 * HOUR)
    collect(T0 + 5 * HOUR)

    assert collect.case()["closed_by"] == "facts"
    task = portal.tasks()["case-1"]
    assert (task["hs_task_status"], task["windsock_outcome"]) == ("COMPLETED", "closed")
    assert "D1" in task["hs_task_subject"], "it still says what it was about"
    assert collect.world.rows("SELECT * FROM answers") == []


def test_a_completed_task_answers_its_case(collect, portal):
    collect(NOW)
    portal.complete(9000, "false-alarm")
    collect(T0 + 2 * HOUR)

    (answer,) = collect.world.rows("SELECT * FROM answers")
    assert (answer["answer"], answer["via"], answer["actor"]) == (
        "false-alarm", "hubspot", "anna@maker",
    )  # fmt: skip
    assert collect.case()["state"] == "resolved"
    sent = len(waiting(collect.world))
    collect(T0 + 3 * HOUR)
    assert len(waiting(collect.world)) == sent, "the task is completed already"
    assert portal.tasks()["case-1"]["windsock_outcome"] == "false-alarm"


def test_what_happens_to_a_case_leaves_alone_what_was_said_since_the_last_look(collect, portal):
    collect(NOW)
    portal.complete(9000, "sold", until="2026-01-01")
    collect.world.roster("D1,px4:01,Acme,,Bert,bert@maker")
    judge_fleet(collect.world.ledger, NOW + 60, collect.settings)
    portal.owner(8, "bert@maker")
    assert collect.send(NOW + 60).sent

    task = portal.tasks()["case-1"]
    assert (task["hs_task_status"], task["hubspot_owner_id"]) == ("COMPLETED", "8")
    collect(T0 + 2 * HOUR)
    assert collect.world.rows("SELECT answer FROM answers") == [{"answer": "sold"}]


def test_once_the_facts_agree_too_its_outcome_stays(collect, portal):
    collect(NOW)
    portal.complete(9000, "repair")
    collect(T0 + 2 * HOUR)
    collect.world.ledger.execute(
        "INSERT INTO case_events (case_id, at_us, transition, actor, news, decision, detail)"
        " VALUES (1, ?, 'over', 'judge', '', 'resolved', '{}')", (T0 + 3 * HOUR,)
    )  # fmt: skip
    collect.send(T0 + 3 * HOUR)

    assert portal.tasks()["case-1"]["windsock_outcome"] == "repair"


def test_without_an_outcome_it_is_done(collect, portal):
    collect(NOW)
    portal.complete(9000)
    collect(T0 + 2 * HOUR)

    assert collect.world.rows("SELECT answer FROM answers") == [{"answer": "done"}]


def test_a_snooze_is_due_when_it_ends_and_can_be_completed_again(collect, portal):
    collect(NOW)
    portal.complete(9000, "snooze", until="2026-01-10")
    collect(T0 + 2 * HOUR)

    task = portal.tasks()["case-1"]
    assert (task["hs_task_status"], task["windsock_outcome"]) == ("NOT_STARTED", "")
    assert int(task["hs_timestamp"]) == (T0 + 9 * DAY) // 1000
    portal.complete(9000, "done")
    collect(T0 + 3 * HOUR)
    answers = [row["answer"] for row in collect.world.rows("SELECT answer FROM answers")]
    assert answers == ["snooze", "done"]


def test_one_completion_is_one_answer_even_when_the_case_is_open_again(collect, portal):
    collect(NOW)
    portal.complete(9000, "done")
    collect(T0 + 2 * HOUR)
    collect.world.ledger.execute("UPDATE cases SET state = 'open', closed_us = NULL")
    collect(T0 + 3 * HOUR)

    assert len(collect.world.rows("SELECT * FROM answers")) == 1
    assert collect.case()["state"] == "open"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (("snooze",), "snooze needs a date: until when?"),
        (("snooze", "2020-01-01"), "snooze until 2020-01-01: that is past"),
        (("left a message",), "'left a message': expected one of acknowledge, done, snooze"),
    ],
)
def test_what_cannot_be_said_to_a_case_opens_its_task_again_and_says_why(
    collect, portal, caplog, outcome, said
):
    collect(NOW)
    portal.complete(9000, *outcome)
    collect(T0 + 2 * HOUR)

    assert f"HubSpot task 9000, completed by anna@maker: {said}" in caplog.text
    task = portal.tasks()["case-1"]
    assert task["hs_task_status"] == "NOT_STARTED"
    assert said in html.unescape(task["hs_task_body"])
    assert (collect.case()["state"], collect.world.rows("SELECT * FROM answers")) == ("open", [])


def test_what_had_been_said_already_opens_the_task_again(collect, portal):
    collect(NOW)
    for hour in (2, 3, 4):
        portal.complete(9000, "confirmed")
        collect(T0 + hour * HOUR)

    assert [row["answer"] for row in collect.world.rows("SELECT answer FROM answers")] == [
        "confirmed"
    ]
    task = portal.tasks()["case-1"]
    assert task["hs_task_status"] == "NOT_STARTED"
    assert "confirmed had been said already" in task["hs_task_body"]


def test_a_case_that_was_answered_elsewhere_completes_its_task(collect, portal, caplog):
    collect(NOW)
    with transaction(collect.world.ledger) as ledger:
        apply_answer(ledger, 1, Answer("sold", None, "", "anna@maker", "link"), T0 + 2 * HOUR)
    portal.complete(9000, "done")
    collect(T0 + 3 * HOUR)

    assert portal.tasks()["case-1"]["hs_task_status"] == "COMPLETED"
    assert [row["answer"] for row in collect.world.rows("SELECT answer FROM answers")] == ["sold"]
    assert "HubSpot task" not in caplog.text


def test_periodic_tasks_go_there_and_are_completed_from_there(collect, portal):
    cadence = Cadence(kind="health-check", of="direct", every_days=30, playbook="CS: Check")
    collect.settings = msgspec.structs.replace(collect.settings, cadence=(cadence,))
    with transaction(collect.world.ledger) as ledger:
        ledger.execute(
            "INSERT INTO tasks (kind, account, csm, due_us, opened_us, facts) VALUES"
            " ('health-check', 'Acme', 'anna@maker', ?, ?, ?)",
            (T0 + DAY, T0, '{"sales": null, "moved": false, "sheet": {"sold": 1, "stock": 0,'
             ' "active": 1, "idle": 0, "unhealthy": 0, "seen_share": null, "open_tickets": 0}}'),
        )  # fmt: skip
    collect.send(NOW)
    task = portal.tasks()["task-1"]
    assert (task["hs_task_type"], task["hs_task_status"]) == ("TODO", "NOT_STARTED")
    assert int(task["hs_timestamp"]) == (T0 + DAY) // 1000

    number = next(n for n, one in portal.objects["tasks"].items() if one is task)
    portal.complete(number)
    collect.source.pull(collect.world.ledger, NOW + HOUR)
    (row,) = collect.world.rows("SELECT closed_us, closed_by FROM tasks")
    assert (row["closed_us"], row["closed_by"]) == (NOW + HOUR, "anna@maker")
    assert collect.send(NOW + HOUR).troubles == []
    assert portal.tasks()["task-1"]["hs_task_status"] == "COMPLETED"


def test_what_came_from_outside_is_text_there(collect, portal):
    collect.world.roster('D1,px4:01,"<img src=x onerror=alert(1)>",,Anna,anna@maker')
    collect(NOW)

    body = portal.tasks()["case-1"]["hs_task_body"]
    assert "<img" not in body
    assert "&lt;img" in body


def test_of_two_companies_with_one_name_nobody_can_say_which(collect, portal):
    portal.put("companies", 2, name="Acme")
    collect(NOW)

    assert portal.tasks()
    assert portal.associations == set()
