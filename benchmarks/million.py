"""A million drones that nobody flew, of the right shape: what the periodic rules read of them."""

from dataclasses import fields
from typing import NamedTuple

import numpy as np

from windsock.collector.detect.firmware import Letters
from windsock.collector.detect.history import Standing
from windsock.collector.detect.kinds import NEVER_S, Kinds, Placed, begun_s, moments_s
from windsock.collector.detect.offers import Catalogue, Release, Wave
from windsock.collector.detect.sight import Contact, Stations
from windsock.collector.detect.versions import UNKNOWN, Version, packed
from windsock.collector.fleet.arrays import FOREVER_S, MISSING_US, WHOLE, Fleet

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
VERSIONS = [packed(text) for text in ("7.0", "7.1", "7.2", "7.3")]
RELEASED = (200, 100, 40, 11)
"""Days ago."""


def fleet(chance):
    """Two in a hundred never flew; three in ten stood still for a month by their own counter."""
    n = DRONES
    flights = chance.integers(1, 400, n).astype(np.uint16)
    flights[chance.random(n) < 0.02] = 0
    return Fleet(
        serials=[""] * n, stations=[""] * STATIONS,
        service=(chance.random(n) < 0.1).astype(np.int8),
        idle_s=(chance.exponential(20, n) * DAY_S).astype(np.int32),
        flights=flights, home=chance.integers(-1, STATIONS, n).astype(np.int32),
        online_share=chance.integers(0, WHOLE + 1, n).astype(np.int16),
        proven=chance.random(n) < 0.3,
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
    return account, chance.integers(0, COHORTS, DRONES).astype(np.uint16)


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
    return Contact(home, since_s, np.zeros(n, np.uint8), chance.random(n) < 0.02), stations


class OldSoftware(NamedTuple):
    """What drones run, and what there is for them."""

    run: np.ndarray
    """Kind of each drone as far as everything but percentages goes, of `kinds`."""
    kinds: Kinds
    placed: Placed
    letters: np.ndarray
    """Account of each drone."""
    catalogue: Catalogue


def software(chance):
    """Drones, four releases with waves, and when whom an e-mail told of which."""
    own, group, excused = (
        column.ravel() for column in np.meshgrid(VERSIONS, [-1, 0, 1, 2], [False, True])
    )
    kinds = Kinds(
        line=np.zeros(len(own), np.int32), own=own,
        base=np.full(len(own), packed("1.16"), np.int64),
        group=group.astype(np.int16), excused=excused,
        cells=np.empty((0, len(own)), np.int16),
    )  # fmt: skip
    shares = np.where(excused, 0.1, 0.9) / len(own) * 2
    powered_us = NOW_US - (chance.random(DRONES) * 60 * DAY_US).astype(np.int64)
    powered_us[chance.random(DRONES) < 0.02] = MISSING_US
    return OldSoftware(
        run=chance.choice(len(own), DRONES, p=shares).astype(np.int32),
        kinds=kinds,
        placed=Placed(chance.integers(0, 2**32, DRONES, np.uint32), begun_s(powered_us)),
        letters=chance.integers(0, TOLD_ACCOUNTS, DRONES).astype(np.int32),
        catalogue=Catalogue([released(*one) for one in zip(VERSIONS, RELEASED, strict=True)],
                            [range(len(VERSIONS))]),
    )  # fmt: skip


def released(version, days):
    """For a group, then a tenth, then all."""
    waves = (
        Wave(NOW_US - days * DAY_US, group=1),
        Wave(NOW_US - (days - 3) * DAY_US, percent=10.0),
        Wave(NOW_US - (days - 9) * DAY_US, percent=100.0),
    )
    return Release(Version(version, UNKNOWN), NOW_US - days * DAY_US, waves=waves, salt=days)


def letters(chance, releases):
    """Half of the accounts were told of each."""
    told = chance.random((releases, TOLD_ACCOUNTS)) < 0.5
    sent_s = moments_s([NOW_US - 20 * DAY_US])
    line = np.zeros(TOLD_ACCOUNTS, np.int32)
    return Letters.of(line, np.where(told, sent_s, np.uint32(NEVER_S)))
