"""Which measurement of a log counts, and which files are one flight."""

import msgspec
import pytest

from tests.collector.arrivals import START_US, flight, log_id, record
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.flights import Arrival, store_record
from windsock.protocol.messages import Counters, Utc

AGENT = Arrival("station-7", 1)


@pytest.fixture
def ledger(tmp_path):
    return open_ledger(tmp_path / "ledger")


def live(ledger):
    rows = ledger.execute("SELECT log_id, armed_boot_us FROM live_flights ORDER BY start_us, id")
    return [(row[0], row[1] / 1e6) for row in rows]


def test_the_same_log_from_two_stations_is_one_flight(ledger):
    store_record(ledger, record(flight()), AGENT)
    store_record(ledger, record(flight()), Arrival("station-8", 2))

    assert len(live(ledger)) == 1


@pytest.mark.parametrize("better", [{"facts_version": 2}, {"bytes_seen": 10_000_000}])
@pytest.mark.parametrize("late", [False, True])
def test_a_better_measurement_replaces_all_flights_of_its_log(ledger, better, late):
    worse = record(flight(10), flight(50, START_US + 40_000_000))
    best = record(flight(10.5), **better)

    for measurement in (best, worse) if late else (worse, best):
        store_record(ledger, measurement, AGENT)

    assert live(ledger) == [(worse.log_id, 10.5)]


def test_an_equal_measurement_adds_its_flights(ledger):
    """A log with many flights comes in pieces."""
    store_record(ledger, record(flight(10), parameters_changed={"P": (1.0, 2.0)}), AGENT)
    store_record(ledger, record(flight(50, START_US + 40_000_000)), AGENT)

    assert [boot_s for _, boot_s in live(ledger)] == [10, 50]
    changed = ledger.execute("SELECT parameters_changed FROM logs").fetchone()[0]
    assert "P" in changed


def test_a_log_whose_drone_was_unknown_is_claimed_by_a_later_import(ledger):
    store_record(ledger, record(flight(), drone_uid="unidentified:x"), AGENT)
    store_record(ledger, record(flight(), drone_uid="as:SN-1"), AGENT)
    store_record(ledger, record(flight(), drone_uid="unidentified:x"), AGENT)

    rows = ledger.execute("SELECT drone_uid FROM live_flights").fetchall()
    assert [row[0] for row in rows] == ["as:SN-1"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_damaged_and_a_whole_copy_are_one_flight_and_the_whole_one_stands(ledger, order):
    copies = (
        record(flight(10.26), log_id=log_id(1), damaged_bytes=5000),
        record(flight(10.26, START_US + 1_900_000), log_id=log_id(2)),
    )
    for index in order:
        store_record(ledger, copies[index], AGENT)

    assert live(ledger) == [(log_id(2), 10.26)]


@pytest.mark.parametrize(
    "other",
    [
        {"flights": [flight(10.26, START_US + 2_000_001)]},
        {"drone_uid": "px4:01"},
    ],
)
def test_another_start_or_another_drone_is_another_flight(ledger, other):
    store_record(ledger, record(flight(), log_id=log_id(1)), AGENT)
    second = record(*other.pop("flights", [flight()]), log_id=log_id(2), **other)
    store_record(ledger, second, AGENT)

    assert len(live(ledger)) == 2


BOOTED = Counters(boot_count=7, flight_time_s=900.0)
FLOWN = Counters(flight_uuid=71)
UNTIMED = Utc(quality="mtime", us=START_US + 9_000_000_000)


def copies(one, other):
    """A damaged file and a whole one, as (counters, time of arming, start)."""
    for number, (counters, boot_s, start) in enumerate((one, other), 1):
        started = msgspec.structs.replace(flight(boot_s), start=start)
        damaged = 5000 if number == 1 else 0
        yield record(started, log_id=log_id(number), counters=counters, damaged_bytes=damaged)


GPS = Utc(quality="gps", us=START_US)
LATER = Utc(quality="gps", us=START_US + 40_000_000)
SAME_BOOT = {
    "ArduPilot": ((BOOTED, 10.26, UNTIMED), (BOOTED, 10.26, GPS)),
    "PX4": ((FLOWN, 10.26, UNTIMED), (FLOWN, 10.26, Utc(quality="none"))),
    "arming was damaged": ((BOOTED, 11.9, UNTIMED), (BOOTED, 10.26, GPS)),
    "a counter was damaged": ((Counters(boot_count=7), 10.26, GPS), (BOOTED, 10.26, UNTIMED)),
}
OTHER_BOOT = {
    "another boot": ((BOOTED, 10.26, UNTIMED), (Counters(boot_count=8), 10.26, GPS)),
    "another flight of this boot": ((BOOTED, 10.26, UNTIMED), (BOOTED, 90.0, GPS)),
    "counters that came again": ((BOOTED, 10.26, GPS), (BOOTED, 10.26, LATER)),
    "flight time that fell": (
        (BOOTED, 10.26, UNTIMED), (Counters(boot_count=7, flight_time_s=0.0), 10.26, UNTIMED),
    ),
    "no counters": ((Counters(), 10.26, UNTIMED), (Counters(), 10.26, UNTIMED)),
}  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("files", SAME_BOOT.values(), ids=SAME_BOOT)
def test_copies_without_gps_are_known_by_the_boot(ledger, files, order):
    damaged_and_whole = list(copies(*files))
    for index in order:
        store_record(ledger, damaged_and_whole[index], AGENT)

    assert [log for log, _ in live(ledger)] == [log_id(2)]


@pytest.mark.parametrize("files", OTHER_BOOT.values(), ids=OTHER_BOOT)
def test_what_only_looks_like_the_same_boot_is_another_flight(ledger, files):
    for one in copies(*files):
        store_record(ledger, one, AGENT)

    assert len(live(ledger)) == 2


def test_of_two_serials_given_to_one_log_the_last_one_counts(ledger):
    for serial in ("as:SN-1", "as:SN-2"):
        store_record(ledger, record(flight(), drone_uid=serial), AGENT)

    rows = ledger.execute("SELECT drone_uid FROM live_flights").fetchall()
    assert [row[0] for row in rows] == ["as:SN-2"]


def test_when_the_standing_copy_is_replaced_the_other_one_stands_again(ledger):
    store_record(ledger, record(flight(), log_id=log_id(1), damaged_bytes=5), AGENT)
    store_record(ledger, record(flight(), log_id=log_id(2)), AGENT)
    later = flight(99, START_US + 500_000_000)

    store_record(ledger, record(later, log_id=log_id(2), facts_version=2), AGENT)

    assert live(ledger) == [(log_id(1), 10.26), (log_id(2), 99)]


def test_two_flights_of_one_log_never_merge(ledger):
    store_record(ledger, record(flight(10), flight(11, START_US + 1_000_000)), AGENT)

    assert len(live(ledger)) == 2
