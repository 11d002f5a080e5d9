"""Tickets and detections that are one incident, and those that are not."""

import pytest

from tests.collector.answers.test_answer import answer
from tests.collector.cases.told import EVENT, ticket
from tests.collector.judged import CRASH, FINE, events, fleet, new, open_cases
from tests.collector.world import DAY, HOUR, T0, S
from windsock.collector.ledger import transaction


def test_a_detection_and_its_ticket_are_one_and_confirmed(acme):
    acme.flight(T0, facts=CRASH)
    new(acme)
    ticket(acme, "T1", T0 + EVENT + 48 * HOUR)
    ticket(acme, "T2", T0 + 4 * DAY)
    fleet(acme, T0 + 5 * DAY)
    assert not open_cases(acme, "D2")
    assert acme.rows("SELECT ticket, state, flight_id FROM incidents ORDER BY ticket") == [
        {"ticket": "T1", "state": "confirmed", "flight_id": 1},
        {"ticket": "T2", "state": "confirmed", "flight_id": None},
    ]

    ticket(acme, "T1", T0 + EVENT + 48 * HOUR + S)  # corrected: a second too late to be the same
    fleet(acme, T0 + 5 * DAY)
    assert acme.rows("SELECT ticket, state, flight_id FROM incidents ORDER BY ticket") == [
        {"ticket": None, "state": "possible", "flight_id": 1},
        {"ticket": "T1", "state": "confirmed", "flight_id": None},
        {"ticket": "T2", "state": "confirmed", "flight_id": None},
    ]


def test_three_tickets_for_one_incident_are_three_until_they_are_merged(acme):
    for name in ("T1", "T2", "T3"):
        ticket(acme, name, T0)
    fleet(acme, T0 + DAY)
    assert len(open_cases(acme, "D2")) == 1

    ticket(acme, "T2", T0, merged_into="T1")
    ticket(acme, "T3", T0, merged_into="T2")
    fleet(acme, T0 + 2 * DAY)
    assert not open_cases(acme, "D2")
    assert events(acme, "D2")[-1] == "resolve: resolved"
    assert acme.rows("SELECT ticket FROM incidents") == [{"ticket": "T1"}]


def test_what_was_merged_into_a_ticket_that_is_not_critical_makes_it_so(acme):
    ticket(acme, "T1", critical="no", drone="")
    ticket(acme, "T2", T0, merged_into="T1")
    fleet(acme, T0 + DAY)

    assert acme.rows("SELECT ticket, drone, event_us FROM incidents") == [
        {"ticket": "T1", "drone": "D1", "event_us": T0}
    ]


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_ticket_that_is_closed_or_reopened_is_the_same_incident(acme, state):
    for name in ("T1", "T2", "T3"):
        ticket(acme, name, T0)
    fleet(acme, T0 + DAY)
    ticket(acme, "T1", T0, state="closed")
    fleet(acme, T0 + 2 * DAY)
    ticket(acme, "T1", T0, state=state)
    fleet(acme, T0 + 3 * DAY)

    assert events(acme, "D2") == ["open: notify"]


def test_one_that_is_no_longer_critical_takes_its_incident_back(acme):
    for name in ("T1", "T2", "T3"):
        ticket(acme, name, T0)
    fleet(acme, T0 + DAY)
    ticket(acme, "T1", T0, critical="no")
    fleet(acme, T0 + 2 * DAY)

    assert not open_cases(acme, "D2")


def test_a_crash_that_was_withdrawn_by_a_flight_is_one_when_a_ticket_says_so(acme):
    acme.flight(T0, facts=CRASH)
    acme.flight(T0 + HOUR, facts=FINE)
    new(acme)
    assert acme.rows("SELECT state FROM incidents") == [{"state": "withdrawn"}]
    ticket(acme, "T1", T0)
    fleet(acme, T0 + DAY)
    assert acme.rows("SELECT state, ticket FROM incidents") == [
        {"state": "confirmed", "ticket": "T1"}
    ]

    ticket(acme, "T1", T0, critical="no")
    fleet(acme, T0 + 2 * DAY)
    assert acme.rows("SELECT state, ticket FROM incidents") == [
        {"state": "withdrawn", "ticket": None}
    ]


def test_a_false_alarm_is_not_the_tickets_event(acme):
    acme.flight(T0, facts=CRASH)
    new(acme)
    answer(acme, 1, "false-alarm", now_us=T0 + HOUR)
    ticket(acme, "T1", T0)
    fleet(acme, T0 + DAY)

    assert acme.rows("SELECT state, ticket FROM incidents ORDER BY id") == [
        {"state": "withdrawn", "ticket": None},
        {"state": "confirmed", "ticket": "T1"},
    ]


def test_tickets_that_end_in_each_other_are_one(acme):
    """The import refuses such circles; whoever wrote one hangs nothing."""
    for name in ("T1", "T2"):
        ticket(acme, name, T0)
    with transaction(acme.ledger) as ledger:
        ledger.execute("UPDATE tickets SET merged_into = iif(ticket = 'T1', 'T2', 'T1')")
    fleet(acme, T0 + DAY)

    assert acme.rows("SELECT ticket FROM incidents") == [{"ticket": "T1"}]
