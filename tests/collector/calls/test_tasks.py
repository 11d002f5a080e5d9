"""Periodic calls and health checks, from a cadence table to tasks that somebody closes."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.collector.calls.test_day import ANNA, digests, given, notices
from tests.collector.judged import SETTINGS
from tests.collector.world import DAY, HOUR, S
from windsock.collector.calls.day import make_day
from windsock.collector.calls.tasks import TaskError, close_task, task_rows
from windsock.collector.forget.erase import erase_rows
from windsock.collector.forget.scope import scope_of
from windsock.collector.ledger import transaction
from windsock.collector.settings import Cadence, File, Notify

CALL = Cadence(kind="call", of="distributor", every_days=90, playbook="Call")
CHECK = Cadence(kind="health-check", of="direct", every_days=30, playbook="Check")


def us(*day):
    return int(datetime(*day, tzinfo=UTC).timestamp()) * S


def settings(tmp_path, *cadence):
    notify = Notify(support="support@maker", smtp=SETTINGS.notify.smtp,
                    file=File(path=tmp_path / "notices.jsonl"))  # fmt: skip
    return msgspec.structs.replace(SETTINGS, cadence=cadence, notify=notify)


def days(world, settings, first, number):
    """That many mornings."""
    for day in range(number):
        make_day(world.ledger, first + day * DAY + 9 * HOUR, settings)


@pytest.fixture
def accounts(world):
    """Two end users of Nordwind, which Anna looks after, and a direct customer."""
    world.roster(
        f"D1,px4:01,Acme,Nordwind,Anna,{ANNA}",
        f"D2,px4:02,Beta,Nordwind,Anna,{ANNA}",
        f"D3,px4:03,Solo,,Anna,{ANNA}",
        f"D4,px4:04,Nordwind,,Anna,{ANNA},stock",
    )
    given(world, "owners", "account,sales_email,sales\nNordwind,sam@maker,Sam")
    world.flight(us(2026, 5, 1), uid="px4:01")
    return world


def test_a_distributors_call_comes_with_a_word_with_sales_and_a_health_sheet(accounts, tmp_path):
    given(accounts, "tickets", "ticket,critical,opened,account,state\nT1,no,2026-05-01,Acme,open")
    days(accounts, settings(tmp_path, CALL), us(2026, 5, 4), 90)

    call, word = sorted(task_rows(accounts.ledger), key=lambda task: task.task)
    assert (call.kind, call.account, call.csm) == ("call", "Nordwind", ANNA)
    assert (word.kind, word.parent, call.word) == ("sales-word", call.task, word.task)
    assert call.due_us == word.due_us == us(2026, 7, 1, 8)  # its day was in the end of June
    assert call.moved
    assert call.sales == "Sam"
    assert (call.sheet.sold, call.sheet.stock, call.sheet.open_tickets) == (2, 1, 1)
    assert call.sheet.active + call.sheet.idle == 2


def test_it_is_told_to_programs_when_it_opens_and_to_people_when_it_is_due(accounts, tmp_path):
    chosen = settings(tmp_path, CHECK)
    days(accounts, chosen, us(2026, 5, 4), 40)

    ((who, notice),) = notices(accounts, "task")
    (row,) = accounts.rows('SELECT channel FROM outbox WHERE notice LIKE \'%"kind":"task"%\'')
    assert (who, row["channel"], notice.subject) == (ANNA, "file", "Solo")
    (task,) = task_rows(accounts.ledger)
    told = [one.created_us for _, one in digests(accounts) if "Solo: Health check" in str(one)]
    assert min(told) // DAY == task.due_us // DAY
    with transaction(accounts.ledger):
        close_task(accounts.ledger, task.task, "anna", us(2026, 6, 12, 12))
    before = len(digests(accounts))
    days(accounts, chosen, us(2026, 6, 15), 1)
    assert len(digests(accounts)) == before


def test_the_next_one_comes_after_the_last_was_done(accounts, tmp_path):
    chosen = settings(tmp_path, CHECK)
    days(accounts, chosen, us(2026, 5, 4), 60)
    (task,) = task_rows(accounts.ledger)
    with transaction(accounts.ledger):
        close_task(accounts.ledger, task.task, "anna", us(2026, 7, 6, 12))
    days(accounts, chosen, us(2026, 7, 7), 31)

    _, following = task_rows(accounts.ledger, closed=True)[::-1]
    assert following.due_us == us(2026, 8, 5, 8)


def test_none_twice_when_a_round_is_made_again(accounts, tmp_path):
    chosen = settings(tmp_path, CHECK, CALL)
    for _ in range(2):
        days(accounts, chosen, us(2026, 5, 4), 95)

    assert len(task_rows(accounts.ledger)) == 3


def test_a_call_that_is_done_takes_its_word_with_it(accounts, tmp_path):
    days(accounts, settings(tmp_path, CALL), us(2026, 5, 4), 90)
    call = next(task for task in task_rows(accounts.ledger) if task.kind == "call")
    with transaction(accounts.ledger):
        close_task(accounts.ledger, call.task, "anna", us(2026, 8, 1))

    assert not task_rows(accounts.ledger)
    with pytest.raises(TaskError, match=f"task {call.task} was done by anna on 1 August 2026"):
        close_task(accounts.ledger, call.task, "anna", us(2026, 8, 2))
    with pytest.raises(TaskError, match="no task 99"):
        close_task(accounts.ledger, 99, "anna", us(2026, 8, 2))


def test_the_number_of_a_forgotten_one_is_never_anothers(accounts, tmp_path):
    chosen = settings(tmp_path, CHECK)
    days(accounts, chosen, us(2026, 5, 4), 30)
    (forgotten,) = task_rows(accounts.ledger)
    with transaction(accounts.ledger) as ledger:
        erase_rows(ledger, scope_of(ledger, "Solo"))
    accounts.roster(f"D5,px4:05,Duo,,Anna,{ANNA}")
    days(accounts, chosen, us(2026, 6, 4), 40)

    (task,) = task_rows(accounts.ledger)
    assert (task.account, task.task) == ("Duo", forgotten.task + 1)


@pytest.mark.parametrize(
    ("trait", "number"),
    [("", 1), ("Solo,customer,standard", 0), ("Solo,customer,large", 1), ("Solo,lead,large", 0)],
)
def test_for_whom_it_is(accounts, tmp_path, trait, number):
    if trait:
        given(accounts, "accounts", f"account,stage,tier\n{trait}")
    tier = "large" if trait else None
    check = msgspec.structs.replace(CHECK, tier=tier)
    days(accounts, settings(tmp_path, check), us(2026, 5, 4), 30)

    assert [task.account for task in task_rows(accounts.ledger)] == ["Solo"] * number
