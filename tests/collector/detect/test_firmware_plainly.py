"""Looking drones up by kind finds what asking each of them finds."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.detect.plain_firmware import Drone, by_the_rule, plainly
from windsock.collector.detect import firmware
from windsock.collector.detect.offers import FOREVER_US, Catalogue, Release, Wave
from windsock.collector.detect.versions import UNKNOWN, Version
from windsock.collector.fleet.arrays import MISSING_US

S = 1_000_000
DAY = 86_400 * S
NOW = 1_800_000_000 * S
GRACE_DAYS = 5
LINES = 3

likely = st.sampled_from([True, True, False])
moments = st.sampled_from([-1, 0, 1, 4, 5, 6, 8, 9]).map(lambda days: NOW - days * DAY)
"""In whole seconds, as releases and e-mails are dated; those of many things are the same."""
versions = st.builds(Version, st.integers(1, 5), st.sampled_from([UNKNOWN, 1, 2]))
waves = st.lists(
    st.builds(Wave, moments, percent=st.sampled_from([20.0, 50.0, 100.0]), group=st.none())
    | st.builds(Wave, moments, percent=st.none(), group=st.integers(0, 1)),
    max_size=4,
).map(tuple)
releases = st.builds(
    Release,
    version=versions,
    released_us=moments,
    waves=waves,
    mandatory=likely,
    must_pass=st.booleans(),
    withdrawn_us=st.just(FOREVER_US) | moments,
    grace_us=st.sampled_from([0, GRACE_DAYS, GRACE_DAYS]).map(lambda days: days * DAY),
    salt=st.integers(0, 2**32 - 1),
)


@st.composite
def catalogues(draw):
    """Up to a few releases, each for some of the lines; maybe none for the last one."""
    listed = sorted(draw(st.lists(releases, max_size=6)), key=lambda one: one.version)
    lines = [[one for one in range(len(listed)) if draw(likely)] for _ in range(LINES - 1)]
    return Catalogue(listed, [*lines, draw(st.none() | st.just([]))])


def drones(catalogue):
    """Of any version, also unknown, that were switched on at, before and after each moment."""
    mails = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(range(len(catalogue.releases)), moments)
    )
    return st.builds(
        Drone,
        runs=versions | st.just(Version(UNKNOWN)),
        powered_us=st.builds(int.__add__, moments, st.integers(-1, 1)) | st.just(MISSING_US),
        group=st.integers(-1, 1),
        lot=st.integers(0, 2**32 - 1),
        excused=st.sampled_from([False, False, True]),
        line=st.sampled_from([0, 0, 1, 2]),
        mailed_us=mails.map(lambda when: tuple(sorted(when.items()))),
    )


@pytest.mark.parametrize("sizes", [{"_WORD": 30, "_BLOCK": 65_536}, {"_WORD": 1, "_BLOCK": 7}])
@given(st.data(), catalogues(), st.booleans())
def test_the_rule_finds_what_asking_each_drone_finds(sizes, data, catalogue, tolerate_previous):
    """However many releases fit into a word, and drones into a block."""
    now_us = NOW + data.draw(st.sampled_from([0, 1, 250_000]))
    fleet = data.draw(st.lists(drones(catalogue), min_size=1, max_size=60))
    option = {"tolerate_previous": tolerate_previous}
    expected = [plainly(one, catalogue, now_us, **option) for one in fleet]

    with patch.multiple(firmware, **sizes):
        found = by_the_rule(fleet, catalogue, now_us, **option)
    assert found == expected
