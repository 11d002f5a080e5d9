import pytest

from windsock.collector.cases.decision import Decision, Room, decide
from windsock.collector.cases.life import (
    AGAIN_US,
    DAY_US,
    Case,
    Change,
    Finding,
    Gone,
    changes,
)
from windsock.collector.cases.rules import playbook
from windsock.collector.roster.owners import Owner

NOW = 100 * DAY_US
ANNA = Owner("D1", customer="Acme", csm_email="anna@x")


def finding(**other):
    return Finding("X1", "D1", 80, "i1", "i1:crash", {}, ANNA)._replace(**other)


def case(**other):
    known = Case(
        id=1,
        rule="X1",
        subject="D1",
        state="open",
        severity=80,
        basis=None,
        csm="anna@x",
        episode="i1",
        closed_by=None,
        facts={},
        news="i1:crash",
        told=frozenset({("csm", "i1:crash")}),
    )
    return known._replace(**other)


RESOLVED = case(state="resolved", closed_by="facts", ended_us=NOW)
ANSWERED = case(state="resolved", closed_by="anna@x")
SNOOZED = case(state="snoozed", snoozed_until_us=NOW)
LONG_AGO = NOW - AGAIN_US - 1


@pytest.mark.parametrize(
    ("findings", "cases", "expected"),
    [
        ([finding()], [], ["open"]),
        ([finding()], [case()], []),
        ([finding(facts={"days": 31})], [case()], []),
        ([finding(severity=90)], [case()], ["update"]),
        ([finding(basis="proven")], [case()], ["update"]),
        ([finding(news="i2:crash")], [case()], ["update"]),
        ([finding(owner=ANNA._replace(csm_email="bob@x"))], [case()], ["update"]),
        ([], [case()], ["resolve"]),
        ([], [RESOLVED], []),
        ([finding()], [RESOLVED], ["reopen"]),
        ([finding(episode="i2")], [RESOLVED], ["open"]),
        ([finding()], [ANSWERED], []),  # what was answered holds
        ([finding(episode="i2")], [ANSWERED], ["open"]),
        ([], [ANSWERED], ["over"]),  # until the facts agree
        ([], [ANSWERED._replace(ended_us=NOW)], []),
        ([finding()], [ANSWERED._replace(ended_us=NOW - AGAIN_US)], []),
        ([finding()], [ANSWERED._replace(ended_us=LONG_AGO)], ["open"]),  # and came back
        ([finding()], [RESOLVED._replace(ended_us=LONG_AGO)], ["reopen"]),
        ([finding(recurs=True)], [RESOLVED], ["reopen"]),
        ([finding(recurs=True)], [RESOLVED._replace(ended_us=LONG_AGO)], ["open"]),
        ([finding()], [SNOOZED._replace(snoozed_until_us=NOW + 1)], []),
        ([finding()], [SNOOZED], ["wake"]),
        ([], [SNOOZED], ["resolve"]),
        ([finding(news="i2:crash")], [SNOOZED._replace(snoozed_until_us=NOW + 1)], ["update"]),
        (
            [finding(news="i2:crash", rationed=False)],
            [SNOOZED._replace(snoozed_until_us=NOW + 1)],
            ["wake"],
        ),
        ([finding(severity=90)], [SNOOZED._replace(snoozed_until_us=NOW + 1)], ["update"]),
        ([finding(subject="D2")], [case()], ["resolve", "open"]),
    ],
)
def test_what_changes(findings, cases, expected):
    steps = changes(findings, cases, {}, NOW)

    assert [step.transition for step in steps] == expected


@pytest.mark.parametrize(
    ("found", "known", "expected"),
    [
        (finding(), None, Decision("notify", "csm")),
        (finding(), case(told=frozenset()), Decision("notify", "csm")),
        (finding(), case(), Decision("already-told")),
        (finding(news="i2:crash"), case(), Decision("notify", "csm")),
        (finding(news="i2:crash"), case(state="snoozed"), Decision("snoozed")),
        (finding(news="i2:crash"), case(state="acknowledged"), Decision("notify", "csm")),
        (finding(silent=True), None, Decision("superseded")),
        (finding(interrupts=False), None, Decision("digest")),
        (finding(owner=None), None, Decision("no-csm", "support")),
        (finding(owner=ANNA._replace(csm_email=None)), None, Decision("no-csm", "support")),
        (finding(rule="X2"), None, Decision("support", "support")),
        # support stood in; now there is a CSM, who has not heard
        (finding(), case(told=frozenset({("support", "i1:crash")})), Decision("notify", "csm")),
    ],
)
def test_who_is_told_and_why(found, known, expected):
    assert decide(Change("open", known, found), NOW, 30, Room()) == expected


@pytest.mark.parametrize(
    ("found", "known", "room", "expected"),
    [
        (finding(), None, Room(told=2), "notify"),
        (finding(), None, Room(told=3), "rationed"),
        (finding(), None, Room(told=3, most=4), "notify"),
        (finding(), None, Room(called=True), "same-call"),
        (finding(interrupts=False), None, Room(told=3), "digest"),
        # a possible crash is told whatever the day was like
        (finding(rationed=False), None, Room(told=3, called=True), "notify"),
        # support has no ration
        (finding(owner=None), None, Room(told=3), "no-csm"),
        # what a digest brought is known; what it did not is not
        (
            finding(),
            case(told=frozenset(), listed=frozenset({"i1:crash"})),
            Room(),
            "already-told",
        ),
        (finding(), case(told=frozenset(), listed=frozenset({"i0"})), Room(), "notify"),
        (
            finding(rationed=False),
            case(told=frozenset(), listed=frozenset({"i1:crash"})),
            Room(),
            "notify",
        ),
    ],
)
def test_a_day_has_room_for_few_interrupts(found, known, room, expected):
    assert decide(Change("open", known, found), NOW, 30, room).reason == expected


@pytest.mark.parametrize(
    ("age_us", "expected"),
    [(30 * DAY_US - 1, "notify"), (30 * DAY_US, "notify"), (30 * DAY_US + 1, "too-old")],
)
def test_old_incidents_are_not_told(age_us, expected):
    found = finding(happened_us=NOW - age_us)

    assert decide(Change("open", None, found), NOW, 30, Room()).reason == expected


@pytest.mark.parametrize(
    ("gone", "told", "expected"),
    [
        (Gone("flew"), {("csm", "n")}, Decision("resolved")),
        (Gone("flew", tell=True), set(), Decision("resolved")),
        (Gone("flew", tell=True), {("csm", "n")}, Decision("withdrawn", "csm")),
        (Gone("flew", tell=True), {("support", "n")}, Decision("withdrawn", "support")),
    ],
)
def test_who_was_told_hears_of_a_withdrawal(gone, told, expected):
    step = Change("resolve", case(told=frozenset(told)), None, gone)

    assert decide(step, NOW, 30, Room()) == expected


@pytest.mark.parametrize(
    ("rule", "owner", "expected"),
    [
        ("X1", Owner("D"), None),
        ("X1", Owner("D", customer="A"), "CS: Trouble Call End User"),
        (
            "D1a",
            Owner("D", customer="A", distributor="B"),
            "CS: Trouble Call End User; CS: Trouble Call Distributor",
        ),
        (
            "X1",
            Owner("D", customer="B", customer_kind="distributor"),
            "CS: Trouble Call Distributor",
        ),
        ("X2", Owner("D", customer="A"), None),
    ],
)
def test_playbooks(rule, owner, expected):
    assert playbook(rule, owner) == expected
