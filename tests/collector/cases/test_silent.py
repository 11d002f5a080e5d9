"""From a month without flights to cases: what they rest on, whose they are, how they end."""

import msgspec
import pytest

from tests.collector.judged import SETTINGS, cases, events, facts_of, fleet, headlines
from tests.collector.world import DAY, HOUR, T0, S
from windsock.collector.ledger import transaction
from windsock.collector.settings import Judge


@pytest.mark.parametrize(("extra_us", "expected"), [(-S, 0), (0, 0), (S, 1)])
def test_thirty_days_and_a_second(drone, extra_us, expected):
    drone.flight(T0)
    drone.online(T0, T0 + 31 * DAY)
    fleet(drone, T0 + 30 * DAY + extra_us)

    assert len(cases(drone, "D1a")) == expected


def test_proven(drone):
    drone.habit(T0)
    drone.flight(T0)
    drone.sighting(T0 - HOUR, 100.0)
    drone.sighting(T0 + 31 * DAY, 700.0)
    fleet(drone, T0 + 32 * DAY)

    assert [case["basis"] for case in cases(drone, "D1a")] == ["proven"]
    assert events(drone, "D1a") == ["open: digest"]


def test_a_reading_of_the_day_after_proves_no_month(drone):
    drone.flight(T0)
    drone.sighting(T0 - HOUR, 100.0)
    drone.sighting(T0 + DAY, 700.0)
    fleet(drone, T0 + 32 * DAY)

    assert [case["rule"] for case in cases(drone)] == ["X2"]


def test_the_month_that_a_counter_has_to_stand_still_is_the_operators(drone):
    drone.habit(T0)
    drone.flight(T0)
    drone.online(T0, T0 + 41 * DAY)
    drone.sighting(T0 - HOUR, 100.0)
    drone.sighting(T0 + 32 * DAY, 700.0)
    longer = Judge(required=(), inactive_days=33.0)
    fleet(drone, T0 + 40 * DAY, msgspec.structs.replace(SETTINGS, judge=longer))

    assert [case["basis"] for case in cases(drone, "D1a")] == ["presumed"]


def test_unseen_goes_to_support_and_to_the_digest_after_45_days(drone):
    drone.flight(T0)
    fleet(drone, T0 + 32 * DAY)
    fleet(drone, T0 + 46 * DAY)

    assert headlines(drone) == [("support@maker", "Out of sight")]
    assert [(case["rule"], case["state"]) for case in cases(drone)] == [
        ("X2", "resolved"),
        ("D1a", "open"),
        ("C1", "open"),
    ]
    assert events(drone, "D1a") == events(drone, "C1") == ["open: digest"]


def test_a_case_once_it_is_known(drone):
    drone.habit(T0)
    drone.flight(T0)
    drone.sighting(T0 - HOUR, 100.0)
    fleet(drone, T0 + 46 * DAY)
    drone.sighting(T0 + 47 * DAY, 700.0)
    fleet(drone, T0 + 48 * DAY)
    fleet(drone, T0 + 49 * DAY)

    assert events(drone, "D1a") == ["open: digest", "update: digest"]
    assert cases(drone, "D1a")[0]["basis"] == "proven"


def test_a_flight_closes_it_even_a_late_upload(drone):
    drone.habit(T0)
    drone.flight(T0)
    drone.online(T0, T0 + 40 * DAY)
    fleet(drone, T0 + 31 * DAY)
    drone.flight(T0 + 20 * DAY, received_us=T0 + 32 * DAY)
    fleet(drone, T0 + 33 * DAY)

    (case,) = cases(drone, "D1a")
    assert (case["state"], case["closed_us"]) == ("resolved", T0 + 33 * DAY)
    assert not headlines(drone)


def test_the_next_silence_is_another_case(drone):
    drone.online(T0, T0 + 99 * DAY)
    for start in (T0, T0 + 40 * DAY):
        drone.flight(start)
        fleet(drone, start + HOUR)
        fleet(drone, start + 31 * DAY)

    assert [case["state"] for case in cases(drone, "D1a")] == ["resolved", "open"]


def test_a_retracted_upload_reopens_silently(drone):
    drone.online(T0, T0 + 99 * DAY)
    drone.habit(T0)
    drone.flight(T0)
    fleet(drone, T0 + 31 * DAY)
    late = drone.flight(T0 + 30 * DAY)
    fleet(drone, T0 + 32 * DAY)
    drone.retract(late)
    fleet(drone, T0 + 33 * DAY)

    assert events(drone, "D1a") == [
        "open: digest", "resolve: resolved", "reopen: digest",
    ]  # fmt: skip


def test_a_hand_over_starts_anew(drone):
    drone.online(T0, T0 + 99 * DAY)
    drone.flight(T0)
    fleet(drone, T0 + 31 * DAY)
    drone.roster("D1,px4:01,Acme,,,anna@maker", "D1,,Beta,,,bob@maker,,2026-02-01")
    fleet(drone, T0 + 32 * DAY)

    assert [case["state"] for case in cases(drone, "D1a")] == ["resolved"]
    why = drone.rows("SELECT detail FROM case_events WHERE transition = 'resolve'")[0]
    assert "has not flown under this customer" in why["detail"]


def test_only_in_service(drone):
    drone.online(T0, T0 + 99 * DAY)
    drone.flight(T0)
    drone.roster("D1,px4:01,Acme,Dealer,Anna,anna@maker,repair")
    fleet(drone, T0 + 31 * DAY)

    assert not cases(drone)


def test_support_gets_one_case_a_station(world):
    world.roster("D1,px4:01,Acme", "D2,px4:02,Beta", "D3,px4:03,Beta")
    world.flight(T0)
    world.flight(T0, uid="px4:02")
    world.flight(T0, uid="px4:03", agent="dock-2")
    fleet(world, T0 + 31 * DAY)

    found = {case["subject"]: facts_of(case)["drones"] for case in cases(world)}
    assert [drone["serial"] for drone in found["dock-1"]] == ["D1", "D2"]
    assert [drone["serial"] for drone in found["dock-2"]] == ["D3"]


def test_two_hosts_on_one_agent_id_are_supports_business(world):
    with transaction(world.ledger) as ledger:
        ledger.execute(
            "INSERT INTO damage (agent, received_us, what, detail)"
            " VALUES ('dock-1', ?, 'shared agent id', '')",
            (T0,),
        )
    fleet(world, T0 + HOUR)
    assert headlines(world) == [("support@maker", "Two stations call themselves dock-1")]

    fleet(world, T0 + 31 * DAY)
    assert [case["state"] for case in cases(world)] == ["resolved"]


def test_siblings_tell_the_drone_from_the_account(drone):
    drone.roster("D1,px4:01,Acme,,,anna@maker", "D2,px4:02,Acme,,,anna@maker", "D3,px4:03,Acme")
    drone.online(T0, T0 + 99 * DAY)
    drone.flight(T0)
    drone.flight(T0 + 30 * DAY, uid="px4:02")
    fleet(drone, T0 + 31 * DAY)

    (case,) = cases(drone)
    assert (facts_of(case)["siblings"], facts_of(case)["siblings_flying"]) == (2, 1)
