"""A station that booted in 1970: one good moment of a boot dates all of it."""

import msgspec
import pytest

from tests.collector.arrivals import START_US
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.ingest import Ingest
from windsock.protocol import topics
from windsock.protocol.envelope import Header, encode
from windsock.protocol.messages import Sighting, Station, Utc

S = 1_000_000
HOUR = 3_600 * S
AGENT = "station-7"
NOW = START_US + 100 * HOUR


class Boot:
    """A boot at *booted_us* of a station whose wall clock is *off_us* ahead."""

    def __init__(self, booted_us=NOW - 50 * HOUR, off_us=0, name="boot"):
        self.booted_us, self.off_us, self.name = booted_us, off_us, name

    def wall_us(self, true_us):
        return true_us + self.off_us

    def status(self, true_us, *, synchronised=False):
        return Station(
            boot_id=self.name, wall_us=self.wall_us(true_us), agent_version="0",
            monotonic_us=true_us - self.booted_us, clock_synchronised=synchronised,
        )  # fmt: skip

    def batch(self, true_us, message, seq=1):
        header = Header(AGENT, 7, 1, seq, self.wall_us(true_us), true_us - self.booted_us,
                        self.name, "0")  # fmt: skip
        return Arrived(topics.up(AGENT), encode(header, message), retained=False, mid=1)

    def sighting(self, true_us, seq=1):
        """As the agent makes it: with its clock's time, unless that can't be."""
        wall_us = self.wall_us(true_us)
        seen = Utc(quality="station", us=wall_us) if wall_us > START_US // 2 else None
        seen = seen or Utc(quality="none")
        return self.batch(true_us, Sighting(drone_uid="px4:11", seen=seen, source="serial"), seq)


IN_1970 = -(NOW - 50 * HOUR)


@pytest.fixture
def ingest():
    ledger = open_ledger(":memory:")
    return Ingest(ledger, Telemetry(ledger, None))


def live(station, *, retained=False):
    return Arrived(topics.status(AGENT), msgspec.json.encode(station), retained=retained, mid=1)


def seen(ingest):
    return ingest.ledger.execute("SELECT seen_us, quality FROM sightings").fetchone()[:]


def hours(ingest):
    return [row[0] for row in ingest.ledger.execute("SELECT hour FROM presence ORDER BY hour")]


def test_a_status_that_comes_dates_what_the_boot_noted_before(ingest):
    boot = Boot(off_us=IN_1970)
    ingest.take([live(boot.status(NOW)), boot.sighting(NOW - 20 * HOUR)], NOW + S)

    at_us, quality = seen(ingest)
    assert abs(at_us - (NOW - 20 * HOUR)) <= S
    assert quality == "station"


def test_a_clock_that_was_behind_and_is_set_dates_it_better(ingest):
    behind = Boot(off_us=-30 * HOUR)
    right = Boot()
    ingest.take([live(right.status(NOW, synchronised=True))], NOW + 9 * S)
    ingest.take([behind.sighting(NOW - 20 * HOUR)], NOW + 10 * S)

    assert seen(ingest) == (NOW - 20 * HOUR, "station")


def test_the_hours_in_which_it_was_up_are_those_in_which_it_was(ingest):
    boot = Boot(off_us=IN_1970)
    reports = [boot.batch(NOW - n * HOUR, boot.status(NOW - n * HOUR), n) for n in (3, 2, 1)]
    ingest.take([live(boot.status(NOW)), *reports], NOW)

    assert hours(ingest) == [(NOW - n * HOUR) // HOUR for n in (3, 2, 1, 0)]


def test_without_any_good_moment_it_is_as_old_as_its_arrival(ingest):
    ingest.take([Boot(off_us=IN_1970).sighting(NOW - 20 * HOUR)], NOW)

    assert seen(ingest) == (NOW, "station")


def test_another_boot_says_nothing_about_it(ingest):
    ingest.take([live(Boot(name="later").status(NOW))], NOW)
    ingest.take([Boot(off_us=IN_1970).sighting(NOW - 20 * HOUR)], NOW)

    assert seen(ingest)[0] == NOW


def test_a_clock_that_is_right_is_left_alone(ingest):
    boot = Boot()
    ingest.take([live(boot.status(NOW - 30 * S)), boot.sighting(NOW - 20 * HOUR)], NOW)

    assert seen(ingest)[0] == NOW - 20 * HOUR, "half a minute is the way of a status"


def test_what_the_broker_kept_is_no_moment_of_its_own(ingest):
    boot = Boot(off_us=IN_1970)
    ingest.take([live(boot.status(NOW - 9 * HOUR), retained=True)], NOW)
    ingest.take([boot.sighting(NOW - 20 * HOUR)], NOW)

    assert seen(ingest)[0] == NOW


def test_nothing_is_later_than_its_arrival(ingest):
    boot = Boot(off_us=10 * HOUR)
    ingest.take([live(boot.status(NOW, synchronised=True))], NOW)
    ingest.take([boot.sighting(NOW - HOUR)], NOW)

    assert seen(ingest)[0] <= NOW
