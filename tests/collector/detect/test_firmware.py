"""Every state of software, and D3 and C3, at their edges."""

import numpy as np
import pytest

from tests.collector.detect.plain_firmware import Drone, by_the_rule, catalogue_of
from windsock.collector.detect.held import NONE
from windsock.collector.detect.offers import FOREVER_US, LAST, Release, Wave, cells, offered_us
from windsock.collector.detect.versions import UNKNOWN, Version, packed

DAY = 86_400_000_000
NOW = 1_800_000_000_000_000
GRACE = 14 * DAY


def release(text="7.1", days=30.0, us=0, base=UNKNOWN, **more):
    """A release of *days* and *us* ago."""
    return Release(Version(packed(text), base), NOW - round(days * DAY) - us, **more)


def drone(runs="7.0", base=UNKNOWN, powered_us=NOW, **more):
    own = UNKNOWN if runs is None else packed(runs)
    return Drone(Version(own, base), powered_us, **more)


def judge(one, *releases, mailed_us=None, **options):
    """*mailed_us*: when its account was told of the newest release."""
    told = () if mailed_us is None else ((len(releases) - 1, mailed_us),)
    (found,) = by_the_rule([one._replace(mailed_us=told)], catalogue_of(*releases), NOW, **options)
    return found


def state(one, *releases, **options):
    return judge(one, *releases, **options).state


@pytest.mark.parametrize(
    ("runs", "expected", "behind"),
    [("7.0.9", "overdue", True), ("7.1.0", "current", False), ("7.1.1", "current", False),
     ("7.1.0-rc1", "overdue", True), (None, "unknown", False)],
)  # fmt: skip
def test_behind_or_current(runs, expected, behind):
    found = judge(drone(runs), release())
    assert (found.state, found.behind) == (expected, behind)


def test_without_releases_nothing_is_known():
    assert state(drone()) == "unknown"
    assert state(drone(), release(days=-1)) == "unknown"  # it comes tomorrow


@pytest.mark.parametrize(
    ("base", "expected"), [("1.15.4", "overdue"), ("1.16.0", "current"), (None, "current")]
)
def test_the_projects_version_decides_between_equals(base, expected):
    drones = drone("7.1", UNKNOWN if base is None else packed(base))
    assert state(drones, release(base=packed("1.16.0"))) == expected


@pytest.mark.parametrize(("us", "expected"), [(-1, "eligible"), (0, "eligible"), (1, "overdue")])
def test_grace(us, expected):
    assert state(drone(), release(days=14, us=us)) == expected


@pytest.mark.parametrize(("us", "expected"), [(-1, "eligible"), (0, "eligible"), (1, "overdue")])
def test_a_drone_in_a_cupboard_cannot_update(us, expected):
    drones = drone(powered_us=NOW - 30 * DAY + us)
    assert state(drones, release()) == expected
    assert judge(drones, release()).behind  # literally it is


@pytest.mark.parametrize(("us", "expected"), [(-1, "tolerated"), (0, "eligible"), (1, "eligible")])
def test_a_wave_that_reaches_it(us, expected):
    one = release(waves=(Wave(NOW - us, percent=100.0),))
    found = judge(drone(), one)
    assert (found.state, found.behind) == (expected, True)


@pytest.mark.parametrize(("us", "expected"), [(-1, "eligible"), (0, "eligible"), (1, "overdue")])
def test_the_grace_runs_from_the_wave(us, expected):
    waves = (Wave(NOW - 25 * DAY, group=5), Wave(NOW - GRACE - us, percent=100.0))
    assert state(drone(group=4), release(waves=waves)) == expected
    assert state(drone(group=5), release(waves=waves)) == "overdue"


NOBODYS = 20_000
"""Drones of no group."""


def first_us(one):
    """When a release was first for each of many drones."""
    lot = np.arange(NOBODYS, dtype=np.uint32) * np.uint32(77_777)
    return offered_us(np.full(NOBODYS, NONE, np.int16), cells(lot, one), one)


def test_no_wave_is_before_its_release():
    one = release(days=3, waves=(Wave(NOW - 30 * DAY, percent=100.0),))
    assert set(first_us(one)) == {NOW - 3 * DAY}


@pytest.mark.parametrize("percent", [1.0, 10.0, 50.0, 100.0])
def test_a_percentage_is_that_of_the_drones_and_grows(percent):
    waves = (Wave(NOW - 2, percent=percent), Wave(NOW - 1, percent=100.0))
    first = first_us(release(waves=waves, salt=99)) == NOW - 2
    smaller = (Wave(NOW - 2, percent=percent / 2),)
    half = first_us(release(waves=smaller, salt=99))

    assert first.mean() == pytest.approx(percent / 100, abs=0.01)
    assert set(half) == {NOW - 2, FOREVER_US}
    assert not ((half == NOW - 2) & ~first).any()


def test_another_release_begins_with_other_drones():
    waves = (Wave(NOW - 2, percent=10.0),)
    one, other = (
        first_us(release(waves=waves, salt=salt)) == NOW - 2 for salt in (1, 2**31 + 12_345)
    )
    assert (one & other).mean() < 0.05


def test_advisory_releases_make_nobody_overdue():
    assert state(drone(), release(mandatory=False)) == "eligible"
    found = judge(drone("7.0"), release("7.1"), release("7.2", mandatory=False))
    assert found.overdue == 0


@pytest.mark.parametrize(("us", "expected"), [(-1, "overdue"), (0, "excused"), (1, "excused")])
def test_a_release_that_was_withdrawn(us, expected):
    assert state(drone(), release(withdrawn_us=NOW - us)) == expected
    assert state(drone("7.1"), release(withdrawn_us=NOW - us)) == "current"


def test_drones_that_are_pinned_or_not_in_service():
    found = judge(drone(excused=True), release(), mailed_us=NOW - 20 * DAY)
    assert found.state == "excused"
    assert (found.overdue, found.after_mail, found.install) == (NONE, NONE, NONE)


def test_the_release_before_may_be_good_enough():
    releases = release("7.0", 90), release("7.1")
    assert state(drone("7.0"), *releases) == "overdue"
    assert state(drone("7.0"), *releases, tolerate_previous=True) == "tolerated"
    assert state(drone("6.9"), *releases, tolerate_previous=True) == "overdue"
    assert judge(drone("7.0"), *releases, tolerate_previous=True).overdue == NONE


def test_a_newer_release_is_no_new_grace():
    found = judge(drone("6.9"), release("7.0", 40), release("7.1", 1))
    assert (found.overdue, found.install) == (0, 1)


def test_what_must_be_passed_through_comes_first():
    releases = release("7.0", 40, must_pass=True), release("7.1"), release("7.2")
    assert judge(drone("6.9"), *releases).install == 0
    assert judge(drone("7.0"), *releases).install == 2
    assert judge(drone("7.2"), *releases).install == NONE


@pytest.mark.parametrize(("us", "late"), [(-1, False), (0, False), (1, True)])
def test_after_the_mail_the_grace_runs_anew(us, late):
    found = judge(drone(), release(), mailed_us=NOW - GRACE - us)
    assert (found.after_mail != NONE) is late


@pytest.mark.parametrize(("us", "late"), [(-1, False), (0, False), (1, True)])
def test_after_the_mail_it_has_to_be_switched_on(us, late):
    drones = drone(powered_us=NOW - 20 * DAY + us)
    assert bool(judge(drones, release(), mailed_us=NOW - 20 * DAY).after_mail != NONE) is late


@pytest.mark.parametrize(
    ("mailed_us", "powered_us", "late"),
    [(NOW - 16 * DAY, NOW - 16 * DAY, False), (NOW - 16 * DAY, NOW - 16 * DAY + 1, True),
     (NOW - GRACE, NOW, False), (NOW - GRACE - 1, NOW, True), (NOW - DAY, NOW, False)],
)  # fmt: skip
def test_each_account_has_its_own_mail(mailed_us, powered_us, late):
    other = drone(mailed_us=((0, NOW - 20 * DAY),))
    one = drone(powered_us=powered_us, mailed_us=((0, mailed_us),))
    found = by_the_rule([other, one], catalogue_of(release()), NOW)

    assert [each.after_mail != NONE for each in found] == [True, late]


@pytest.mark.parametrize(("us", "last"), [(-1, "eligible"), (0, "eligible"), (1, "overdue")])
def test_the_grace_of_a_percentage_is_over_before_that_of_the_rest(us, last):
    waves = (Wave(NOW - 20 * DAY, percent=50.0), Wave(NOW - GRACE - us, percent=100.0))
    one = release(waves=waves)
    early, late = drone(lot=0), drone(lot=1)
    found = by_the_rule([early, late], catalogue_of(one), NOW)

    assert cells(np.array([0, 1], np.uint32), one).tolist() == [0, LAST]
    assert [each.state for each in found] == ["overdue", last]


def test_a_mail_is_said_while_the_grace_runs():
    assert state(drone(), release(days=5), mailed_us=NOW - DAY) == "notified"
    assert state(drone("7.1"), release(days=5), mailed_us=NOW - DAY) == "current"
    early = release(days=5, waves=(Wave(NOW + DAY, percent=100.0),))
    assert state(drone(), early, mailed_us=NOW - DAY) == "tolerated"


def test_blocks_are_judged_as_one():
    drones = [drone("7.0"), drone("7.1")] * 75_000
    found = by_the_rule(drones, catalogue_of(release()), NOW)

    assert {one.state for one in found[::2]} == {"overdue"}
    assert {one.state for one in found[1::2]} == {"current"}
