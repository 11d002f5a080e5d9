import pytest

from tests.collector.world import T0, S
from windsock.collector.ledger import transaction
from windsock.collector.notify.notice import Line, Notice
from windsock.collector.notify.outbox import (
    Later,
    Refused,
    Unreachable,
    enqueue,
    next_due_us,
    send_due,
    troubles,
)
from windsock.collector.sql import insert


class Spy:
    """A channel that takes notices or raises what it is told to."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []

    def send(self, parcel):
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer
        self.sent.append(parcel.key)


@pytest.fixture
def box(world):
    """Puts notices into the outbox: box(case, transition)."""

    def put(case, transition="1-open", channels=("spy",), recipient="anna@x"):
        notice = Notice(
            case=case,
            transition=transition,
            rule="X1",
            subject="D1",
            severity=1,
            headline="Hello",
            lines=[Line("who", "Acme")],
            created_us=T0,
        )
        with transaction(world.ledger) as ledger:
            _case(ledger, case)
            return enqueue(ledger, notice, channels, recipient)

    return put


def _case(ledger, case):
    row = {"id": case, "rule": "X1", "subject": str(case), "subject_kind": "drone"}
    rest = {"state": "open", "severity": 1, "episode": "", "facts": "{}", "opened_us": T0}
    insert(ledger, "cases", row | rest, "ON CONFLICT DO NOTHING")


def send(world, spy, now_us=T0, jitter=0.0):
    return send_due(world.ledger, {"spy": spy}, now_us, lambda: jitter)


def states(world):
    return [row["state"] for row in world.rows("SELECT state FROM outbox ORDER BY id")]


def test_a_notice_is_queued_and_sent_once(world, box):
    spy = Spy()

    assert (box(1), box(1)) == (1, 0)
    assert (send(world, spy).sent, send(world, spy).sent) == (1, 0)
    assert spy.sent == ["spy|anna@x|case-1.1-open"]


def test_mail_needs_an_address_and_a_file_does_not(box):
    assert box(1, channels=("smtp", "file"), recipient="") == 1


def test_a_channel_that_is_not_there_leaves_its_notices_waiting(world, box):
    box(1, channels=("smtp",))
    send(world, Spy())

    assert states(world) == ["waiting"]


def test_back_off_doubles_up_to_an_hour_and_jitter_takes_up_to_half(world, box):
    box(1)
    pauses, now_us = [], T0
    for jitter in (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0.5):
        send(world, Spy(Unreachable("down")), now_us, jitter)
        due_us = next_due_us(world.ledger, ["spy"])
        pauses.append((due_us - now_us) // S)
        assert send(world, Spy(), due_us - 1).sent == 0
        now_us = due_us

    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 1800, 2700]
    assert send(world, Spy(), now_us).sent == 1
    assert next_due_us(world.ledger, ["spy"]) is None


def test_a_channel_out_of_reach_is_tried_once_a_pass(world, box):
    for case in (1, 2, 3):
        box(case)
    spy = Spy(Unreachable("down"), Unreachable("down"))

    assert send(world, spy).troubles == ["spy: down; again in 30 s"]
    assert send(world, spy, T0 + S).troubles == []
    assert send(world, Spy(), T0 + 30 * S).sent == 3


def test_a_notice_for_later_holds_up_its_case_and_nobody_else(world, box):
    box(1, "1-open")
    box(2)
    box(1, "2-resolve")
    spy = Spy(Later("mailbox full"))

    send(world, spy)
    assert spy.sent == ["spy|anna@x|case-2.1-open"]
    for _ in range(2):
        send(world, spy, T0 + 30 * S)
    assert spy.sent[1:] == ["spy|anna@x|case-1.1-open", "spy|anna@x|case-1.2-resolve"]


def test_what_is_held_up_by_its_case_is_not_due(world, box):
    box(1, "1-open")
    box(1, "2-resolve")
    send(world, Spy(Later("mailbox full")))

    assert next_due_us(world.ledger, ["spy"]) == T0 + 30 * S


@pytest.mark.parametrize(("channel", "sent"), [("spy", 1), ("hubspot", 0)])
def test_a_full_mailbox_holds_up_no_other_but_a_task_is_one_whosever(world, box, channel, sent):
    box(1, "1-open", [channel])
    box(1, "2-update", [channel], "safety@x")
    full = Spy(Later("mailbox full"))

    assert send_due(world.ledger, {channel: full}, T0, lambda: 0.0).sent == sent


def test_a_refusal_is_parked_with_its_reason(world, box):
    box(1)
    box(2)
    spy = Spy(Refused("550 no such user"))
    result = send(world, spy)

    assert (result.sent, result.parked) == (1, 1)
    assert states(world) == ["parked", "sent"]
    assert world.rows("SELECT error FROM outbox")[0]["error"] == "550 no such user"
    assert troubles(world.ledger) == ["spy: 1 notice parked: 550 no such user"]
