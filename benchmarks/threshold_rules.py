"""The threshold rules over a million drones, beside copying the arrays that they read.

Data state, drone state, and software against four releases with waves and e-mails (D3 and C3).
Reading the arrays once is the least that any rule could do; the aim is 8 times that.
"""

import numpy as np
from figure import Figure
from timing import in_turns

from windsock.collector.detect.firmware import Drones, Release, Wave, software
from windsock.collector.detect.inactivity import Limits, inactivity
from windsock.collector.detect.sight import (
    Contact,
    Counted,
    SightLimits,
    Stations,
    data_states,
    seen_share,
)
from windsock.collector.detect.standing import StandingLimits, standings
from windsock.collector.detect.versions import UNKNOWN, Version, packed
from windsock.collector.fleet.arrays import MISSING_US, Fleet

DRONES = 1_000_000
STATIONS = 100_000
ACCOUNTS = 20_000
DAY_US = 86_400_000_000
NOW_US = 1_800_000_000_000_000
AIM = 8.0


def figures():
    chance = np.random.default_rng(7)
    works = {
        "data state": sight(chance),
        "drone state": standing(chance),
        "software, D3 and C3": releases(chance),
    }
    sums = np.zeros(3)
    for name, (work, arrays) in works.items():
        copies = [array.copy() for array in arrays]
        seconds = in_turns(work, lambda pairs=(arrays, copies): copy(*pairs))
        size = sum(array.nbytes for array in arrays) / DRONES
        sums += (*seconds, size)
        yield figure(name, *seconds, size)
    yield figure("all of these", *sums)


def figure(name, ours_s, copying_s, size):
    return Figure(
        f"{name} of {DRONES:,} drones, {size:.0f} bytes each: CPU time", ours_s * 1e3, "ms",
        copying_s * 1e3, f"ms to copy them (aim: ratio of at most {AIM:g})", ours_s / copying_s,
    )  # fmt: skip


def copy(arrays, targets):
    for array, target in zip(arrays, targets, strict=True):
        np.copyto(target, array)


def moments(chance, days, missing=0.02):
    """Moments of the last *days*; some are not known."""
    moment_us = NOW_US - (chance.random(DRONES) * days * DAY_US).astype(np.int64)
    moment_us[chance.random(DRONES) < missing] = MISSING_US
    return moment_us


def sight(chance):
    stations = Stations(
        NOW_US - (chance.exponential(6, STATIONS) * 3.6e9).astype(np.int64),
        chance.random(STATIONS) < 0.3,
        chance.random(STATIONS) < 0.01,
    )
    counted = Counted(*(chance.random((2, DRONES)) * 5000).astype(np.float32))
    contact = Contact(
        chance.integers(-1, STATIONS, DRONES).astype(np.int32),
        moments(chance, 60),
        np.zeros(DRONES, np.int64),
        counted,
        chance.integers(0, 20, DRONES).astype(np.int32),
    )
    arrays = [*contact[:3], *counted, contact.recent_flights]

    def work():
        data_states(contact, stations, NOW_US, SightLimits())
        seen_share(counted)

    return work, arrays


def standing(chance):
    fleet = Fleet(
        serials=[""] * DRONES,
        stations=[],
        service=(chance.random(DRONES) < 0.1).astype(np.int8),
        owned_from_us=np.zeros(DRONES, np.int64),
        flown_us=moments(chance, 300),
        rested_us=np.zeros(DRONES, np.int64),
        flights=chance.integers(0, 400, DRONES).astype(np.int32),
        airborne_s=np.zeros(DRONES, np.float32),
        home=np.zeros(DRONES, np.int32),
        online_share=chance.random(DRONES, np.float32),
        quiet_from_us=moments(chance, 300, 0.7),
        quiet_until_us=moments(chance, 60, 0.7),
    )
    judged = inactivity(fleet, NOW_US, Limits())
    slowing = chance.random(DRONES) < 0.05
    arrays = [
        fleet.service, fleet.flown_us, fleet.flights, judged.overdue, judged.basis, slowing,
    ]  # fmt: skip
    return lambda: standings(fleet, judged, slowing, NOW_US, StandingLimits()), arrays


def releases(chance):
    known = [packed(text) for text in ("7.0", "7.1", "7.2", "7.3")]
    out = [
        Release(
            Version(version, UNKNOWN),
            NOW_US - days * DAY_US,
            waves=(
                Wave(NOW_US - days * DAY_US, group=1),
                Wave(NOW_US - (days - 3) * DAY_US, percent=10.0),
                Wave(NOW_US - (days - 9) * DAY_US, percent=100.0),
            ),
            salt=days,
        )
        for version, days in zip(known, (200, 100, 40, 11), strict=True)
    ]
    drones = Drones(
        own=chance.choice(np.array(known), DRONES),
        base=np.full(DRONES, packed("1.16"), np.int64),
        lot=chance.integers(0, 2**32, DRONES, np.uint32),
        group=chance.integers(-1, 3, DRONES).astype(np.int16),
        account=chance.integers(0, ACCOUNTS, DRONES).astype(np.int32),
        powered_us=moments(chance, 60),
        excused=chance.random(DRONES) < 0.1,
    )
    mailed_us = np.where(chance.random((ACCOUNTS, 4)) < 0.5, NOW_US - 20 * DAY_US, MISSING_US)
    return lambda: software(drones, out, mailed_us, NOW_US), list(drones)
