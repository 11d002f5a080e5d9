import numpy as np
import pytest

from tests.collector.world import DAY, HOUR, T0
from windsock.collector.detect.inactivity import Limits
from windsock.collector.fleet.arrays import MISSING_US, NOWHERE, home_station
from windsock.collector.fleet.rows import load_fleet

NOW = T0 + 40 * DAY


def column(world, name, now_us=NOW, **options):
    """One column by serial."""
    rows = load_fleet(world.ledger, now_us, **options)
    columns = rows.fleet if hasattr(rows.fleet, name) else rows.told
    return dict(zip(rows.fleet.serials, getattr(columns, name).tolist(), strict=True))


def test_an_empty_ledger_is_an_empty_fleet(world):
    assert len(load_fleet(world.ledger, NOW).fleet) == 0


def test_the_latest_bound_of_the_last_flight_counts(world):
    world.roster("D1,px4:01", "D2")
    world.flight(T0 + DAY)
    world.flight(T0, start_latest_us=T0 + 2 * DAY, received_us=NOW)

    assert column(world, "flown_us") == {"D1": T0 + 2 * DAY, "D2": MISSING_US}
    assert column(world, "flights") == {"D1": 2, "D2": 0}
    assert column(world, "airborne_s") == {"D1": 1200.0, "D2": 0.0}


@pytest.mark.parametrize(
    "columns",
    [
        {"retracted": 1},
        {"airborne_s": 9.9},
        {"airborne_s": None},
        {"simulated": 1},
        {"merged_into": 1},
    ],
)
def test_what_is_no_flight(world, columns):
    world.roster("D1,px4:01")
    world.flight(T0)
    world.flight(T0 + DAY, **columns)

    assert column(world, "flown_us") == {"D1": T0}


def test_simulated_flights_count_where_asked_for(world):
    world.roster("D1,px4:01")
    world.flight(T0, simulated=1)

    assert column(world, "flights", simulated=True) == {"D1": 1}


def test_a_flight_without_a_date_was_at_its_arrival_at_the_latest(world):
    world.roster("D1,px4:01")
    world.flight(None, received_us=T0 + 3 * DAY)

    assert column(world, "flown_us") == {"D1": T0 + 3 * DAY}


def test_no_flight_is_later_than_its_arrival(world):
    world.roster("D1,px4:01")
    world.flight(T0 + 9999 * DAY, received_us=T0 + DAY)

    assert column(world, "flown_us") == {"D1": T0 + DAY}


def test_a_new_owner_starts_anew(world):
    world.roster("D1,px4:01,Acme", "D1,,Beta,,,,,2026-01-05")
    world.flight(T0)
    assert column(world, "flown_us", now_us=T0 + 3 * DAY) == {"D1": T0}
    assert column(world, "flown_us") == {"D1": MISSING_US}

    world.flight(T0 + 4 * DAY)
    assert column(world, "flown_us") == {"D1": T0 + 4 * DAY}


def test_flights_before_delivery_are_the_makers(world):
    world.roster("D1,px4:01,Acme,2026-01-05", header="serial,uid,customer,delivered")
    world.flight(T0)

    assert column(world, "flights") == {"D1": 0}


def test_flights_follow_the_autopilot_as_linked_then(world):
    world.roster("D1,px4:01", "D1,px4:02,,,,,,2026-01-05", "D2,px4:01,,,,,,2026-01-05")
    world.flight(T0)
    world.flight(T0 + 5 * DAY)
    world.flight(T0 + 6 * DAY, uid="px4:02")

    assert column(world, "flights") == {"D1": 2, "D2": 1}


def test_home_is_the_station_of_the_last_three_flights(world):
    world.roster("D1,px4:01")
    for day, agent in enumerate(["a", "a", "b", "c", "b"]):
        world.flight(T0 + day * DAY, agent=agent)
    fleet = load_fleet(world.ledger, NOW).fleet

    assert fleet.stations[fleet.home[0]] == "b"


def test_home_of_fewer_flights_and_of_a_tie():
    agents = np.array(
        [[2, 1, 1], [2, 1, 0], [2, 1, NOWHERE], [2, NOWHERE, NOWHERE], [NOWHERE] * 3]
    )

    assert home_station(agents.astype(np.int32)).tolist() == [1, 2, 2, 2, NOWHERE]


def test_share_of_whole_hours_online_since_the_last_flight(world):
    world.roster("D1,px4:01", "D2,px4:02")
    world.flight(T0 + HOUR // 2)
    world.flight(T0, uid="px4:02", agent="dock-2")
    world.online(T0, T0 + 6 * HOUR)

    assert column(world, "online_share", now_us=T0 + 11 * HOUR + 1) == {
        "D1": pytest.approx(5 / 10),
        "D2": 0.0,
    }


def test_there_is_no_share_of_no_hours(world):
    world.roster("D1,px4:01", "D2")
    world.flight(T0 + 1)

    assert np.isnan(list(column(world, "online_share", now_us=T0 + 2 * HOUR - 1).values())).all()


def test_a_counter_that_stood_still_is_quiet(world):
    world.roster("D1,px4:01")
    world.flight(T0)
    world.sighting(T0 - 5 * DAY, 100.0)
    world.sighting(T0 - DAY, 200.0)
    world.sighting(T0 + 33 * DAY, 800.0)  # the flight's own 600 s

    assert column(world, "quiet_from_us") == {"D1": T0}
    assert column(world, "quiet_until_us") == {"D1": T0 + 33 * DAY}
    assert column(world, "proven") == {"D1": True}
    assert column(world, "proven", limits=Limits(inactive_days=33.0)) == {"D1": False}


def test_a_calendar_month_is_over_to_the_microsecond(world):
    world.roster("D1,px4:01", "D2,px4:02", "D3")
    world.flight(T0)
    world.flight(T0 + 1, uid="px4:02")

    until = T0 + 31 * DAY
    assert not any(column(world, "month_over", now_us=until).values())
    over = column(world, "month_over", now_us=until + 1)
    assert over == {"D1": True, "D2": False, "D3": False}


def test_a_counter_that_jumped_is_a_flight_we_never_saw(world):
    world.roster("D1,px4:01")
    world.flight(T0)
    world.sighting(T0 - DAY, 200.0)
    world.sighting(T0 + 20 * DAY, 900.0)

    assert column(world, "flown_us") == {"D1": T0 + 20 * DAY}
    assert column(world, "quiet_until_us") == {"D1": MISSING_US}


def test_readings_that_follow_a_swapped_autopilot_say_nothing_of_the_time_between(world):
    world.roster("D1,px4:01", "D1,px4:02,,,,,,2026-01-05")
    world.flight(T0)
    world.sighting(T0 - DAY, 0.0)
    world.sighting(T0 + 9 * DAY, 600.0, uid="px4:02")
    world.sighting(T0 + 10 * DAY, 600.0, uid="px4:02")

    assert column(world, "flown_us") == {"D1": T0}
    assert column(world, "quiet_from_us") == {"D1": T0 + 9 * DAY}
