"""From the autopilot's clock to UTC, with how it is known and within which bounds.

GPS time is exact to the age of the message that carries it. A file's date is when somebody last
wrote it: the flight can't be later, but it can be much earlier.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from windsock.agent.logs.flightlog import FlightLog
from windsock.agent.record.names import GPS, UTC_FIELDS, column
from windsock.agent.record.tracks import Floats
from windsock.protocol.messages import TimeQuality, Utc

GPS_EPOCH_S: Final = 315_964_800
"""1980-01-06 in Unix time."""
WEEK_S: Final = 604_800
LEAPS: Final = (
    (0, 13),
    (1_136_073_600, 14),
    (1_230_768_000, 15),
    (1_341_100_800, 16),
    (1_435_708_800, 17),
    (1_483_228_800, 18),
)
"""GPS - UTC in seconds from that Unix time on (IERS Bulletin C): none since 2017."""
EARLIEST_US: Final = 1_262_304_000_000_000
"""2010-01-01: no flight log is older, receivers without a fix often send less."""
LATEST_US: Final = 4_102_444_800_000_000
GPS_SLACK_US: Final = 1_000_000
"""Messages are up to a second old when they are logged."""
RTC_SLACK_US: Final = 3_600_000_000
"""A clock that was set at the last fix or connection, and ran since."""
FILE_SLACK_US: Final = 86_400_000_000
"""FAT stores local time: off by up to 14 hours."""


@dataclass(frozen=True, slots=True)
class Clock:
    """UTC of boot, or nothing."""

    quality: TimeQuality = "none"
    boot_us: int = 0
    before_us: int | None = None
    """How much earlier it can have been; None: nobody knows."""
    after_us: int = 0

    def utc(self, boot_us: int) -> Utc:
        """UTC of a time since boot."""
        if self.quality == "none":
            return Utc(quality="none")
        us = self.boot_us + boot_us
        if not EARLIEST_US <= us <= LATEST_US:
            return Utc(quality="none")  # a card without a clock writes 1980
        return Utc(
            quality=self.quality,
            us=us,
            earliest_us=None if self.before_us is None else us - self.before_us,
            latest_us=min(us + self.after_us, LATEST_US),
        )


def clock(log: FlightLog, file_us: int | None, file_quality: TimeQuality = "mtime") -> Clock:
    """The best clock of a log; `file_us` is when the file was last written, for want of better."""
    offset = _px4_offset(log) if log.format == "ulog" else _ardupilot_offset(log)
    if offset is not None:
        return Clock("gps", offset, GPS_SLACK_US, GPS_SLACK_US)
    booted = log.info.get("boot_time_utc_us") or log.info.get("boot_time_utc")
    if isinstance(booted, int) and EARLIEST_US < booted < LATEST_US:
        return Clock("boot_utc", booted, RTC_SLACK_US, RTC_SLACK_US)
    if file_us is not None and log.last_boot_us is not None:
        return Clock(file_quality, file_us - log.last_boot_us, None, FILE_SLACK_US)
    return Clock()


def _px4_offset(log: FlightLog) -> int | None:
    """Median of UTC less time since boot, over the messages with a fix.

    Integers throughout: float64 would lose microseconds, and stamps may be older than the header.
    """
    for names in GPS[:4]:
        for table in log.tables.get(names.table, {}).values():
            if "time_utc_usec" not in table or names.fix not in table:
                continue
            utc = table["time_utc_usec"].astype(np.int64)
            good = (table[names.fix] >= names.good_fix) & (utc > EARLIEST_US) & (utc < LATEST_US)
            if good.any():
                return int(np.median(utc[good] - table.boot_us[good]))
    return None


def _ardupilot_offset(log: FlightLog) -> int | None:
    for name, pairs in UTC_FIELDS.items():
        for table in log.tables.get(name, {}).values():
            for week, milliseconds in pairs:
                if week not in table or milliseconds not in table or "Status" not in table:
                    continue
                utc = unix_us(column(table, week), column(table, milliseconds))
                good = (
                    (table["Status"] >= GPS[-1].good_fix) & (utc > EARLIEST_US) & (utc < LATEST_US)
                )
                if good.any():
                    return int(np.median(utc[good].astype(np.int64) - table.boot_us[good]))
    return None


def unix_us(week: Floats, milliseconds: Floats) -> Floats:
    """Unix microseconds of GPS weeks and milliseconds of the week, less that date's leaps."""
    gps_s = GPS_EPOCH_S + week * WEEK_S + milliseconds / 1e3
    starts = np.array([start for start, _ in LEAPS], np.float64)
    leaps = np.array([leap for _, leap in LEAPS], np.float64)
    place = np.searchsorted(starts, gps_s - leaps[-1], side="right") - 1
    return np.asarray((gps_s - leaps[np.maximum(place, 0)]) * 1e6)
