"""A station without a clock learns the time from a drone; a jumping clock harms nothing."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from windsock.agent.clock import Clock
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.agent.timekeeper import Timekeeper
from windsock.protocol.acks import STORED, Ack
from windsock.protocol.envelope import FLIGHTS, decode, digest
from windsock.protocol.messages import Ping

S = 1_000_000
NOW = 1_795_467_600 * S


class Turned:
    """Two clocks that a test turns."""

    def __init__(self, wall_us=0):
        self.wall_us, self.since_boot_us = wall_us, 5 * S
        self.keeper = Timekeeper(lambda: self.wall_us, lambda: self.since_boot_us)

    def pass_(self, seconds):
        self.wall_us += seconds * S
        self.since_boot_us += seconds * S


def test_in_1970_a_drone_with_gps_says_what_time_it_is():
    time = Turned()
    assert time.keeper.wall_us() == 0

    time.keeper.told(NOW)
    time.pass_(60)

    assert time.keeper.wall_us() == NOW + 60 * S


def test_a_drone_without_gps_is_not_believed():
    time = Turned()
    for utc_us in (0, 37 * S, 2**63):
        time.keeper.told(utc_us)

    assert time.keeper.wall_us() == 0


def test_a_clock_that_is_set_counts_more_than_a_drone():
    time = Turned()
    time.keeper.told(NOW + 999 * S)
    time.wall_us = NOW

    assert time.keeper.wall_us() == NOW


@settings(max_examples=15)
@given(st.lists(st.integers(-(10**16), 10**16), min_size=1, max_size=12))
def test_a_jumping_clock_neither_reorders_nor_drops(tmp_path_factory, jumps):
    time = Turned(NOW)
    clock = Clock(time.keeper.wall_us, lambda: time.since_boot_us, "boot")
    path = tmp_path_factory.mktemp("state") / "spool.sqlite"
    spool = open_spool(path, Identity("a", "0"), clock)
    for jump in jumps:
        time.wall_us = max(0, time.wall_us + jump)
        time.pass_(1)
        spool.add([(FLIGHTS, Ping())])

    headers = []
    while waiting := spool.head(1):
        payload = spool.payload(waiting[0])
        headers.append(decode(payload).header)
        spool.remove([Ack(digest(payload), STORED)])
    assert [header.seq for header in headers] == list(range(1, len(jumps) + 1))
    assert all(a.monotonic_us < b.monotonic_us for a, b in itertools.pairwise(headers))
    spool.close()
