"""The fleet that dashboards are drawn with."""

import csv
import io

import pytest

from windsock.firmware_sim.fleet.showcase import SILENT_DAYS, Showcase, serial, station, uid
from windsock.firmware_sim.fleet.telling import DAY_US
from windsock.protocol.messages import Flight, Sighting

NOW_US = 1_795_469_400_000_000
SHOWCASE = Showcase(NOW_US, drones=12, days=50)


@pytest.fixture(scope="module")
def told():
    return list(SHOWCASE.tell())


def test_the_same_seed_tells_the_same(told):
    assert list(SHOWCASE.tell()) == told
    assert list(SHOWCASE._replace(seed=8).tell()) != told


def test_messages_come_in_order_and_none_from_the_future(told):
    times = [one.at_us for one in told]
    assert times == sorted(times)
    assert SHOWCASE.first_us <= times[0]
    assert times[-1] <= NOW_US


def test_the_first_station_fell_silent(told):
    last = {one.station: one.at_us for one in told}
    assert last[station(0)] <= NOW_US - SILENT_DAYS * DAY_US
    assert last[station(1)] > NOW_US - DAY_US


def test_counters_have_at_least_what_was_told(told):
    """Logs are lost, flights are not uncounted."""
    for number in range(SHOWCASE.drones):
        flights = [
            log.flights[0].facts["airborne_s"]
            for one in told if isinstance(one.message, Flight)
            for log in one.message.logs if log.drone_uid == uid(number)
        ]  # fmt: skip
        counted = [
            one.message.counters.flight_time_s
            for one in told
            if isinstance(one.message, Sighting) and one.message.drone_uid == uid(number)
        ]
        assert counted == sorted(counted)
        assert counted[-1] - 3600 >= sum(flights) - 1


def test_roster_and_releases_are_those_of_the_drones(told):
    rows = list(csv.DictReader(io.StringIO(SHOWCASE.roster())))
    assert [(row["serial"], row["uid"]) for row in rows] == [
        (serial(number), uid(number)) for number in range(12)
    ]
    released = {row["version"] for row in csv.DictReader(io.StringIO(SHOWCASE.releases()))}
    flown = {
        log.firmware.vendor_version
        for one in told if isinstance(one.message, Flight)
        for log in one.message.logs
    }  # fmt: skip
    assert len(flown) > 1
    assert flown <= released
