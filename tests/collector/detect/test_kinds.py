"""Drones by kind: few of them, and none too wide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.detect.kinds import Kinds, Placed, begun_s, moments_s, split
from windsock.collector.detect.offers import Catalogue, Release, Wave
from windsock.collector.detect.versions import UNKNOWN, Version
from windsock.collector.fleet.arrays import MISSING_US, SECOND_US, counted, narrow

DAY = 86_400 * SECOND_US
NOW = 1_800_000_000 * SECOND_US
DRONES = 5_000


def release(number, days, **more):
    """First for a tenth, then for half, then for all; five days each."""
    first_us = NOW - days * DAY
    waves = tuple(
        Wave(first_us + nth * 5 * DAY, percent=percent)
        for nth, percent in enumerate((10.0, 50.0, 100.0))
    )
    return Release(Version(number), first_us, waves, salt=number * 7_777, **more)


def kinds_of(*releases, runs=0, powered_us=NOW, excused=False):
    """How many kinds drones are of that run the same and were last switched on together."""
    kinds = Kinds(
        np.zeros(1, np.int32), np.array([runs]), np.array([UNKNOWN]),
        np.array([-1], np.int16), np.array([excused]), np.empty((0, 1), np.int16),
    )  # fmt: skip
    lot = np.random.default_rng(1).integers(0, 2**32, DRONES, np.uint32)
    placed = Placed(lot, np.full(DRONES, moments_s([powered_us])[0]))
    catalogue = Catalogue(releases, [range(len(releases))])
    kind, _ = split(np.zeros(DRONES, np.int32), kinds, placed, catalogue, NOW)
    return len(np.unique(kind))


def test_a_roll_out_tells_drones_apart():
    assert kinds_of(release(1, 12)) == 3
    assert kinds_of(release(1, 12), release(2, 12)) == 9


def test_one_that_is_long_over_does_not():
    assert kinds_of(*(release(number, 500 - number) for number in range(1, 50))) == 1


@pytest.mark.parametrize(
    ("days", "kinds"),
    [(101, 1), (100, 1), (99, 3), (91, 3), (90, 3), (89, 1)],
)
def test_but_for_those_that_were_last_on_while_it_was_not(days, kinds):
    assert kinds_of(release(1, 100), powered_us=NOW - days * DAY) == kinds


def test_who_has_it_or_gets_none_is_not_told_apart():
    assert kinds_of(release(1, 12), runs=1) == 1
    assert kinds_of(release(1, 12), runs=UNKNOWN) == 1
    assert kinds_of(release(1, 12), excused=True) == 1
    assert kinds_of(release(1, 12, withdrawn_us=NOW)) == 1


@given(st.integers(0, 4_000_000_000 * SECOND_US), st.integers(0, 4_000_000_000))
def test_later_than_a_whole_second_exactly_where_it_was(moment_us, second):
    (begun,) = begun_s(np.array([moment_us]))
    assert (begun > second) == (moment_us > second * SECOND_US)


def test_never_is_earlier_than_any_moment():
    assert begun_s(np.array([MISSING_US])) == 0


def test_more_numbers_than_fit_two_bytes_take_four():
    assert narrow(np.array([0, 65_535])).dtype == np.uint16
    wide = narrow(np.array([0, 65_536]))
    assert (wide.dtype, wide.tolist()) == (np.uint32, [0, 65_536])


def test_a_drone_that_flew_more_than_can_be_counted_flew_often():
    assert counted(np.array([0, 3, 65_536])).tolist() == [0, 3, 65_535]
