"""From the autopilot's clock to UTC."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.agent.record import scripted
from windsock.agent.record.utc import clock, unix_us


def unix(*parts):
    return datetime(*parts, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("week", "milliseconds", "expected"),
    [
        (1930, 18_000, unix(2017, 1, 1)),  # after the leap second at the end of 2016
        (1929, 604_799_000, unix(2017, 1, 1) - 2 + 1 - 17),
        (1812, 345_600_000, unix(2014, 10, 2) - 16),
        (2394, 0, unix(2025, 11, 23) - 18),
    ],
)
def test_gps_time_less_the_leap_seconds_of_its_date(week, milliseconds, expected):
    assert unix_us(np.array([week]), np.array([milliseconds]))[0] == expected * 1e6


def dataflash(status=3):
    us = np.arange(5) * 200_000 + 10_000_000
    week, start_ms = 2394, 86_400_000
    gps = scripted.table(
        "GPS",
        us,
        Status=np.full(5, status),
        GWk=np.full(5, week),
        GMS=start_ms + np.arange(5) * 200,
        Lat=np.full(5, 1.0),
    )
    return scripted.log("dataflash", {"GPS": gps}, scripted.Script(1), [])


def test_dataflash_by_gps():
    booted = unix(2025, 11, 24) - 18 - 10

    found = clock(dataflash(), None).utc(3_000_000)

    assert (found.quality, found.us) == ("gps", int((booted + 3) * 1e6))
    assert found.earliest_us < found.us < found.latest_us


def test_without_a_fix_the_files_date_bounds_it_from_above_only():
    log = dataflash(status=1)
    written_us = int(unix(2025, 11, 24) * 1e6)

    found = clock(log, written_us).utc(log.last_boot_us)

    assert (found.quality, found.us, found.earliest_us) == ("mtime", written_us, None)
    assert found.latest_us > written_us
    assert clock(log, written_us, "list_date").utc(0).quality == "list_date"


def test_without_anything_there_is_no_utc():
    found = clock(dataflash(status=0), None).utc(0)

    assert (found.quality, found.us, found.latest_us) == ("none", None, None)


def ulog(fix, info=None):
    us = np.arange(9) * 1_000_000
    utc = us + 1_700_000_000_000_000
    utc[4] += 10_000_000_000  # a receiver's first guess
    gps = scripted.table(
        "vehicle_gps_position", us, fix_type=np.full(9, fix), time_utc_usec=utc.astype(np.uint64)
    )
    return scripted.log("ulog", {"vehicle_gps_position": gps}, scripted.Script(1), [], info)


def test_ulog_by_the_median_of_its_fixes():
    found = clock(ulog(3), None).utc(-5_000_000)  # stamps older than the header are normal

    assert (found.quality, found.us) == ("gps", 1_700_000_000_000_000 - 5_000_000)


def test_ulog_by_the_clock_at_boot():
    log = ulog(0, {"boot_time_utc_us": 1_700_000_000_000_000})

    found = clock(log, 1).utc(60_000_000)

    assert (found.quality, found.us) == ("boot_utc", 1_700_000_060_000_000)
