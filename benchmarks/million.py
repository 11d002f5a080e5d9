"""A million drones that nobody flew, of the right shape: what the periodic rules read of them."""

from dataclasses import fields

import numpy as np

from windsock.collector.detect.firmware import Drones, Release, Wave
from windsock.collector.detect.history import Standing
from windsock.collector.detect.sight import Contact, Stations
from windsock.collector.detect.versions import UNKNOWN, Version, packed
from windsock.collector.fleet.arrays import FOREVER_S, MISSING_US, Fleet

DRONES = 1_000_000
STATIONS = 100_000
ACCOUNTS = DRONES // 3
COHORTS = 50
TOLD_ACCOUNTS = 20_000
"""Of which e-mails are known."""
DAY_S = 86_400
DAY_US = DAY_S * 1_000_000
NOW_US = 1_800_000_000_000_000
WINDOW_DAYS = 42


def fleet(chance):
    """Two in a hundred never flew; three in ten stood still for a month by their own counter."""
    n = DRONES
    flights = chance.integers(1, 400, n).astype(np.int32)
    flights[chance.random(n) < 0.02] = 0
    return Fleet(
        serials=[""] * n, stations=[""] * STATIONS,
        service=(chance.random(n) < 0.1).astype(np.int8),
        idle_s=(chance.exponential(20, n) * DAY_S).astype(np.int32),
        flights=flights, home=chance.integers(-1, STATIONS, n).astype(np.int32),
        online_share=chance.random(n, np.float32), proven=chance.random(n) < 0.3,
        month_over=np.zeros(n, np.bool_),  # no rule reads it by default
    )  # fmt: skip


def columns(arrays):
    """The arrays of a `Fleet`, one row a drone each."""
    values = [getattr(arrays, field.name) for field in fields(arrays)]
    return [value for value in values if isinstance(value, np.ndarray)]


def standing(chance):
    """About sixty flight-days in up to two years."""
    n = DRONES
    gaps = chance.poisson(60, n).astype(np.int16)
    exposure = chance.uniform(100, 800, n).astype(np.float32)
    mean = exposure / np.maximum(gaps, 1)
    return Standing(
        gaps=gaps, exposure=exposure, longest=(mean * 5).astype(np.float32),
        gap=chance.exponential(mean).astype(np.float32),
        missing=chance.exponential(1, n).astype(np.float32),
        recent=chance.poisson(5, n).astype(np.uint8),
        expected=(WINDOW_DAYS / mean).astype(np.float32),
    )  # fmt: skip


def groups(chance):
    """Whose each drone is, and its cohort."""
    account = chance.integers(-1, ACCOUNTS, DRONES).astype(np.int32)
    return account, chance.integers(0, COHORTS, DRONES).astype(np.int32)


def contact(chance, home):
    """What is seen of them, and their stations."""
    n = DRONES
    since_s = (chance.random(n) * 60 * DAY_S).astype(np.int32)
    since_s[chance.random(n) < 0.02] = FOREVER_S
    stations = Stations(
        NOW_US - (chance.exponential(6, STATIONS) * 3.6e9).astype(np.int64),
        chance.random(STATIONS) < 0.3,
        chance.random(STATIONS) < 0.01,
    )
    unexplained_s = chance.normal(-200, 100, n).astype(np.float32)
    return Contact(home, since_s, np.zeros(n, np.int32), unexplained_s), stations


def software(chance):
    """Drones, four releases with waves, and when whom an e-mail told of which."""
    known = [packed(text) for text in ("7.0", "7.1", "7.2", "7.3")]
    out = [
        Release(
            Version(version, UNKNOWN), NOW_US - days * DAY_US,
            waves=(
                Wave(NOW_US - days * DAY_US, group=1),
                Wave(NOW_US - (days - 3) * DAY_US, percent=10.0),
                Wave(NOW_US - (days - 9) * DAY_US, percent=100.0),
            ),
            salt=days,
        )
        for version, days in zip(known, (200, 100, 40, 11), strict=True)
    ]  # fmt: skip
    powered_us = NOW_US - (chance.random(DRONES) * 60 * DAY_US).astype(np.int64)
    powered_us[chance.random(DRONES) < 0.02] = MISSING_US
    drones = Drones(
        own=chance.choice(np.array(known), DRONES),
        base=np.full(DRONES, packed("1.16"), np.int64),
        lot=chance.integers(0, 2**32, DRONES, np.uint32),
        group=chance.integers(-1, 3, DRONES).astype(np.int16),
        account=chance.integers(0, TOLD_ACCOUNTS, DRONES).astype(np.int32),
        powered_us=powered_us,
        excused=chance.random(DRONES) < 0.1,
    )
    told = chance.random((TOLD_ACCOUNTS, 4)) < 0.5
    return drones, out, np.where(told, NOW_US - 20 * DAY_US, MISSING_US)
