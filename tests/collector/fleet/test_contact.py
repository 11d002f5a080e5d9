"""What we can see of drones, from rows of the ledger."""

import pytest

from tests.collector.judged import SETTINGS, cases, events, fleet, headlines
from tests.collector.world import DAY, HOUR, T0, S
from windsock.collector.fleet.states import drone_states
from windsock.collector.ledger import transaction
from windsock.collector.sql import insert

NOW = T0 + 20 * DAY


def drone(world, now_us=NOW, serial="D1"):
    states = drone_states(world.ledger, now_us, SETTINGS)
    return next(state for state in states if state.serial == serial)


def station(world, agent, heard_us, **columns):
    row = {"agent": agent, "first_seen_us": T0, "last_seen_us": heard_us} | columns
    with transaction(world.ledger) as ledger:
        insert(ledger, "stations", row)


@pytest.fixture
def seen(world):
    """A drone that flew a day ago, its station awake."""
    world.roster("D1,px4:01,Acme,,Anna,anna@maker", "D2,px4:02,Acme", "D3,px4:03,Beta")
    world.flight(NOW - DAY)
    station(world, "dock-1", NOW)
    return world


def test_all_is_well(seen):
    assert drone(seen).data == "fresh"


def test_the_station_is_heard_by_status_or_by_the_hours_it_was_up(seen):
    assert drone(seen, NOW + 2 * DAY).data == "agent-silent"
    seen.online(NOW + DAY, NOW + 2 * DAY)
    assert drone(seen, NOW + 2 * DAY).data == "fresh"


def test_a_dead_station_of_no_drone_says_nothing_of_others(world):
    world.roster("D1,px4:01")
    world.flight(NOW - DAY)
    station(world, "a-dead", T0)
    station(world, "dock-1", NOW)
    assert drone(world).data == "fresh"


def test_a_drone_that_connects_is_seen_though_it_does_not_fly(seen):
    seen.online(NOW, NOW + 41 * DAY)
    assert drone(seen, NOW + 40 * DAY).data == "drone-not-connected"
    seen.sighting(NOW + 39 * DAY, 10.0)
    assert drone(seen, NOW + 40 * DAY).data == "fresh"


def test_a_drone_nobody_ever_saw(seen):
    assert drone(seen, serial="D2").data == "drone-not-connected"


def test_a_station_without_a_clock(world):
    world.roster("D1,px4:01")
    world.flight(NOW - DAY)
    station(world, "dock-1", NOW, report='{"clock_synchronised": false}')
    assert drone(world).data == "clock-bad"


def test_a_drone_from_the_future(seen):
    seen.flight(NOW + 9 * DAY, received_us=NOW)
    assert drone(seen).data == "clock-bad"


def test_logs_are_missing_until_they_come(seen):
    seen.sighting(NOW - 9 * DAY, 1000.0)
    seen.sighting(NOW - HOUR, 1000.0 + 600.0 + 500.0)
    assert drone(seen).data == "logs-missing"
    assert drone(seen).seen_share == pytest.approx(600 / 1100, abs=1e-3)

    seen.flight(NOW - 3 * DAY, airborne_s=500.0)
    assert (drone(seen).data, drone(seen).seen_share) == ("fresh", 1.0)


def test_what_lies_long_back_is_a_share_and_no_state(seen):
    seen.sighting(T0 - 300 * DAY, 0.0)
    seen.sighting(T0 - 200 * DAY, 900.0)
    seen.sighting(NOW - 2 * DAY, 900.0)
    assert (drone(seen).data, drone(seen).seen_share) == ("fresh", 0.0)


def test_a_counter_that_fell_and_another_autopilots_say_nothing(seen):
    seen.sighting(NOW - 9 * DAY, 5000.0)
    seen.sighting(NOW - 8 * DAY, 0.0)
    seen.sighting(NOW - HOUR, 600.0)
    seen.sighting(NOW - HOUR, 9_000.0, uid="px4:02")
    assert (drone(seen).data, drone(seen).seen_share) == ("fresh", 1.0)


def test_the_share_of_a_customer_is_that_of_its_flown_time(seen):
    for uid, counted_s in (("px4:01", 600.0), ("px4:02", 1800.0), ("px4:03", 100.0)):
        seen.sighting(NOW - 9 * DAY, 0.0, uid=uid)
        seen.sighting(NOW - HOUR, counted_s, uid=uid)
    assert drone(seen).customer_seen_share == 0.25
    assert drone(seen, serial="D2").seen_share == 0.0
    assert drone(seen, serial="D3").customer_seen_share == 0.0


def test_flights_of_the_owner_before_are_not_in_it(world):
    world.roster("D1,px4:01,Acme", "D1,,Beta,,,,,2026-01-11")
    world.sighting(T0, 0.0)
    world.sighting(T0 + 9 * DAY, 9000.0)
    world.sighting(T0 + 11 * DAY, 9100.0)
    assert drone(world).seen_share is None


class TestSilence:
    @pytest.fixture
    def world(self, world):
        """Five stations, each with a drone that has not flown for 31 days."""
        for number in range(5):
            station(world, f"dock-{number}", T0)
            world.flight(T0, uid=f"px4:{number}", agent=f"dock-{number}")
        world.roster(*(f"D{n},px4:{n},Acme,,,anna@maker" for n in range(5)))
        return world

    def test_the_whole_fleets_silence_is_one_message(self, world):
        fleet(world, T0 + 31 * DAY)
        fleet(world, T0 + 32 * DAY)

        assert [(case["rule"], case["subject"]) for case in cases(world)] == [
            ("X2", "all stations")
        ]
        assert headlines(world) == [("support@maker", "Silent")]

    def test_it_ends_and_what_is_left_is_each_stations_own(self, world):
        fleet(world, T0 + 31 * DAY)
        world.online(T0 + 31 * DAY, T0 + 32 * DAY)
        with transaction(world.ledger) as ledger:
            ledger.execute("UPDATE stations SET last_seen_us = ?", (T0 + 32 * DAY,))
        fleet(world, T0 + 32 * DAY)

        assert events(world)[:2] == ["open: support", "resolve: resolved"]
        assert len(cases(world)) == 6

    def test_a_case_of_one_station_goes_into_that_of_all(self, world):
        with transaction(world.ledger) as ledger:
            ledger.execute("UPDATE stations SET last_seen_us = ?", (T0 + 31 * DAY - HOUR,))
        fleet(world, T0 + 31 * DAY)
        assert len(cases(world)) == 5
        fleet(world, T0 + 33 * DAY)

        open_ = [case["subject"] for case in cases(world) if case["state"] != "resolved"]
        assert open_ == ["all stations"]
        assert events(world).count("open: support") == 6

    def test_two_of_five_are_two(self, world):
        with transaction(world.ledger) as ledger:
            ledger.execute(
                "UPDATE stations SET last_seen_us = ? WHERE agent < 'dock-3'", (T0 + 31 * DAY,)
            )
        fleet(world, T0 + 31 * DAY + S)

        assert "all stations" not in [case["subject"] for case in cases(world)]
