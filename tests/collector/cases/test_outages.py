"""Stations that are down, counters that jump and fall: nobody is called for it."""

import itertools

import numpy as np

from tests.collector.judged import SETTINGS, fleet, of
from tests.collector.world import DAY, HOUR, T0
from windsock.collector.ledger import transaction


def test_a_thousand_outages_jumps_and_resets_call_nobody(world):
    """Stations that are down for up to 45 days while their drones fly on; counters all over.

    What a station missed arrives when it is back. A third of the autopilots is read on the way
    and shows the flights that nobody has, another third was reset.
    """
    rng = np.random.default_rng(1)
    outage_days, kinds = rng.integers(1, 46, 1000), rng.integers(0, 3, 1000)
    world.roster(*(f"D{n:04},px4:{n:04},C{n:04},,,anna@maker" for n in range(1000)))
    judged = [-60, *range(0, 48, 5), 45, 46, 50]
    for since, until in itertools.pairwise(sorted(judged)):
        _stations_tell(world, outage_days, kinds, range(since, until))
        fleet(world, T0 + until * DAY, SETTINGS)

    told = {row["recipient"] for row in world.rows("SELECT recipient FROM outbox")}
    assert told == {"support@maker"}
    assert not of(world, "D1a")


def _stations_tell(world, outage_days, kinds, days):
    """What arrives on *days* of outages that begin at T0; all drones fly each other day."""
    hours, flights = [], []
    for n, back in enumerate(outage_days.tolist()):
        dock, uid = f"dock-{n}", f"px4:{n:04}"
        up = [day for day in days if day < 0 or day >= back]
        hours += [(dock, T0 // HOUR + 24 * day + hour) for day in up for hour in range(24)]
        flown = [*range(back), *up] if back in days else up
        flights += [(uid, T0 + day * DAY, dock) for day in flown if day % 2 == 0]
        if kinds[n] and 20 in days and back > 20:
            world.sighting(T0 - HOUR, 18_000.0, uid=uid)
            world.sighting(T0 + 20 * DAY, 24_000.0 if kinds[n] == 1 else 0.0, uid=uid)
    with transaction(world.ledger) as ledger:
        ledger.executemany("INSERT INTO presence VALUES (?, ?)", hours)
    world.flights(flights)
