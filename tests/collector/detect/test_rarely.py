"""D1b, C1 and C5 at their thresholds."""

from dataclasses import replace

import numpy as np
import pytest

from tests.collector.detect.test_inactivity import NOW, fleet
from windsock.collector.detect.accounts import NOBODY, accounts, first_of_large, never_flown
from windsock.collector.detect.history import Standing
from windsock.collector.detect.inactivity import DAY_US, PRESUMED, PROVEN, UNSEEN, Inactivity
from windsock.collector.detect.rarely import DEFAULTS, flies_rarely
from windsock.collector.detect.silence import Cohort
from windsock.collector.fleet.arrays import IN_SERVICE, MISSING_US

COHORT = Cohort(*(np.array([value], np.float32) for value in (2.0, 10.0, 0.2)))


def stand(**columns):
    """A drone with a flight every 4 days for 400, ten of them expected in the window."""
    row = {
        "gaps": 110, "exposure": 440.0, "longest": 20.0, "gap": 2.0, "missing": 0.0, "recent": 10,
        "expected": 10.0,
    } | columns  # fmt: skip
    kinds = {"gaps": np.int16, "recent": np.uint8}
    return Standing(**{name: np.array([value], kinds.get(name, np.float32))
                       for name, value in row.items()})  # fmt: skip


def judged(open_before=None, **columns):
    return flies_rarely(stand(**columns), np.zeros(1, np.int32), COHORT, open_before=open_before)


ENOUGH = DEFAULTS.cusum


@pytest.mark.parametrize(("more", "rare"), [(-0.01, False), (0.0, True), (0.01, True)])
def test_missing_flights(more, rare):
    assert bool(judged(recent=0, missing=ENOUGH + more).below_own[0]) is rare


@pytest.mark.parametrize(("recent", "rare"), [(4, True), (5, True), (6, False)])
def test_half_of_the_usual_number_in_the_window(recent, rare):
    """Where 10 are expected: whatever was missing before, who flies again is not called."""
    assert bool(judged(recent=recent, missing=99.0).below_own[0]) is rare


@pytest.mark.parametrize(("expected", "rare"), [(0.0, False), (0.1, True)])
def test_nothing_is_rare_without_a_baseline(expected, rare):
    assert bool(judged(recent=0, missing=99.0, expected=expected).below_own[0]) is rare


@pytest.mark.parametrize(("open_before", "rare"), [(False, False), (True, True)])
@pytest.mark.parametrize("changed", [{"missing": ENOUGH / 2}, {"recent": 10}])
def test_what_is_open_is_held_to_half(open_before, rare, changed):
    row = {"recent": 0, "missing": ENOUGH} | changed

    assert bool(judged(np.array([open_before]), **row).below_own[0]) is rare


@pytest.mark.parametrize(("flights", "rare"), [(9, True), (10, False), (11, False)])
def test_a_quarter_of_its_cohorts_middle_drone(flights, rare):
    """0.2 flight-days a day in the middle: 10 in 200 days."""
    assert bool(judged(gaps=flights - 1, exposure=190.0, gap=10.0).below_cohort[0]) is rare


@pytest.mark.parametrize(("gap", "rare"), [(181.0, False), (182.0, True), (183.0, True)])
def test_half_a_year_to_say_so(gap, rare):
    assert bool(judged(gaps=0, exposure=0.0, gap=gap).below_cohort[0]) is rare


@pytest.mark.parametrize(("extra_us", "expected"), [(-1, False), (0, False), (1, True)])
def test_never_flown_for_sixty_days(extra_us, expected):
    drone = fleet(flown_us=np.int64(MISSING_US), owned_from_us=NOW - 60 * DAY_US - extra_us)

    assert never_flown(drone, 60.0)[0] == expected


@pytest.mark.parametrize(
    "columns", [{"flown_us": np.int64(NOW)}, {"service": np.int8(IN_SERVICE + 1)},
                {"owned_from_us": np.int64(0)}]
)  # fmt: skip
def test_who_flew_or_cannot_or_has_no_date_is_not_meant(columns):
    row = {"flown_us": np.int64(MISSING_US), "owned_from_us": np.int64(1)} | columns

    assert not never_flown(fleet(**row), 60.0)[0]


def whole(overdue, basis, account, for_support=(False, False, False), **columns):
    three = {
        "service": np.zeros(3, np.int8),
        "flights": np.ones(3, np.int32),
    }
    drones = replace(fleet(), **(three | columns))
    found = Inactivity(np.array(overdue), np.array(basis, np.int8), np.array(for_support))
    return accounts(drones, np.array(account, np.int32), found)


def test_an_account_is_silent_when_all_that_flew_are():
    found = whole([True, True, False], [PROVEN, PRESUMED, UNSEEN], [0, 0, 1])

    assert found.silent.tolist() == [True, False]
    assert found.basis[0] == PRESUMED
    assert found.drones.tolist() == [2, 1]


def test_one_that_flies_is_enough():
    assert not whole([True, True, False], [PROVEN] * 3, [0, 0, 0]).silent[0]


def test_drones_that_nobody_can_fly_do_not_count():
    service = np.array([0, 0, 1], np.int8)

    assert whole([True, True, False], [PROVEN] * 3, [0, 0, 0], service=service).silent[0]


def test_support_looks_for_what_is_unseen():
    found = whole([True] * 3, [UNSEEN] * 3, [0, 0, 1], for_support=(True, False, False))

    assert found.for_support.tolist() == [True, False]


def test_what_a_large_account_lost_first():
    account = np.array([0, 0, 0, 1, NOBODY, 2], np.int32)
    lost = np.array([False, True, True, True, True, True])
    flown_us = np.array([1, 9, 5, 5, 5, 5], np.int64)

    first = first_of_large(lost, flown_us, account, np.array([True, False, True]))

    assert first.tolist() == [False, False, True, False, False, True]
