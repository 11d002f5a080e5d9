"""Flights get their verdicts: once, and again when they or the rules change."""

from tests.collector.judged import CRASH, FINE, headlines, new
from tests.collector.world import DAY, T0
from windsock.collector.ledger import transaction


def test_each_flight_gets_one_verdict(drone):
    drone.flight(T0, facts=CRASH)
    drone.flight(T0 - DAY, facts=FINE)
    drone.flight(T0 - 2 * DAY)

    assert new(drone).verdicts == {"crash": 1, "none": 1, "unknown": 1}
    assert new(drone).flights == 0


def test_a_measurement_that_changed_is_judged_again(drone):
    flight = drone.flight(T0, facts=FINE)
    new(drone)
    with transaction(drone.ledger) as ledger:
        ledger.execute("UPDATE flights SET received_us = received_us + 1")
    assert new(drone).flights == 0

    drone.measure(flight, CRASH)
    new(drone)
    verdicts = drone.rows("SELECT verdict FROM verdicts WHERE flight_id = ?", flight)
    assert [row["verdict"] for row in verdicts] == ["none", "crash"]


def test_facts_that_an_older_agent_did_not_know_are_missing(drone):
    flight = drone.flight(T0, facts=CRASH)
    with transaction(drone.ledger) as ledger:
        ledger.execute("UPDATE flights SET facts = substr(facts, 1, 8) WHERE id = ?", (flight,))

    assert new(drone).verdicts == {"unknown": 1}


def test_new_rules_judge_everything_again(drone, monkeypatch):
    drone.flight(T0, facts=CRASH)
    new(drone)
    monkeypatch.setattr("windsock.collector.cases.verdicts.RULES_VERSION", "other")

    assert new(drone).flights == 1
    assert new(drone).flights == 0
    assert headlines(drone) == [("anna@maker", "Possible crash")]
