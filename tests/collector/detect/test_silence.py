"""Histories, and how unusual a silence is."""

import numpy as np
import pytest

from tests.collector.detect.flying import DAYS, calendar, flown, history, index, one, share
from windsock.collector.detect.habits import NO_PAUSES, WINDOW_DAYS, Pauses, habits, seen_later
from windsock.collector.detect.history import dispersion, standing
from windsock.collector.detect.silence import UNKNOWN, Cohort, cohorts, score


class TestHistory:
    def test_gaps(self):
        stand = one([10, 12, 15, 25], 100).standing

        assert (stand.gaps[0], stand.exposure[0], stand.longest[0]) == (3, 15, 10)
        assert stand.gap[0] == 75

    @pytest.mark.parametrize(("day", "recent"), [(57, 0), (58, 1), (59, 1)])
    def test_the_window(self, day, recent):
        assert one([day], 100).standing.recent[0] == recent

    @pytest.mark.parametrize(("flights", "expected"), [(2, 0), (3, 42 * 2 / 9), (4, 42 * 3 / 13)])
    def test_what_is_expected_in_it_after_three_flights(self, flights, expected):
        """Every 4 days, the last of them on the day before the window begins."""
        found = one(list(range(57 - 4 * (flights - 1), 58, 4)), 100)

        assert found.standing.expected[0] == pytest.approx(expected)
        assert found.usual[0] * WINDOW_DAYS == pytest.approx(expected)

    def test_dispersion(self):
        mean, variance = 5, (4 + 9 + 100) / 3 - 25

        assert dispersion(history([10, 12, 15, 25]))[0] == pytest.approx(variance / mean**2)
        assert dispersion(history([10, 12]))[0] == 1

    def test_more_has_to_be_missing_where_flights_come_in_projects(self):
        even, projects = history(range(0, 31, 5)), history([*range(6), 30])
        day = np.array([100], np.float32)
        by_chance, in_projects = (
            standing(even, day, before, day - 42).missing[0] for before in (even, projects)
        )

        assert by_chance > 5
        assert by_chance / in_projects == pytest.approx(630 * 6 / 30**2 - 1)

    def test_a_pause_stops_the_clock(self):
        pauses = Pauses(index([0]), index([30]), index([50]))
        stand = one([10, 20], 60, pauses=pauses).standing

        assert stand.gap[0] == 20

    def test_a_pause_is_no_part_of_the_window(self):
        days, pauses = [0, 4, 8, 12, 16], Pauses(index([0]), index([30]), index([50]))
        plain, paused = (one(days, 60, pauses=one_of) for one_of in (NO_PAUSES, pauses))

        assert plain.standing.expected[0] == pytest.approx(42 * 4 / 18)
        assert paused.standing.expected[0] == pytest.approx(22 * 4 / 18)

    def test_a_flight_that_a_counter_proved(self):
        stand = one([10, 20], 60).standing

        assert seen_later(stand, calendar(1, 60), index([50])).gap[0] == 10
        assert seen_later(stand, calendar(1, 60), index([0])).gap[0] == 40

    def test_in_any_order_of_drones(self):
        matrix = share(drones=9)
        whole = habits(flown(matrix), calendar(9, DAYS)).standing
        for drone in range(9):
            alone = habits(flown(matrix[:, [drone]]), calendar(1, DAYS)).standing
            for many, single in zip(whole, alone, strict=True):
                assert many[drone] == single[0]

    @pytest.mark.parametrize(
        ("after", "left"),
        [([], 2), ([1], 1), ([1, 1], 0), ([9], 2), ([1, 9, 1], 0), ([1, 1, 1], 0)],
    )
    def test_recovering_until_two_flights_within_the_usual_gap(self, after, left):
        days = [*range(20), 60, *(60 + np.cumsum(after, dtype=int))]

        assert one(days, 100).recovering[0] == left

    @pytest.mark.parametrize(("gap", "left"), [(30, 0), (31, 2), (32, 2)])
    def test_from_a_month_on(self, gap, left):
        assert one([*range(20), 19 + gap], 100).recovering[0] == left


class TestScore:
    def test_by_hand(self):
        stand = one([0, 10, 20, 40], 100).standing
        prior = Cohort(*(np.array([value], np.float32) for value in (2.0, 14.0, 0.1)))

        expected = (2 + 3) * np.log1p(60 / (14 + 40))
        assert score(stand, index([0]), prior)[0] == pytest.approx(expected)

    @pytest.mark.parametrize(("more_days", "less"), [(-1, False), (0, False), (1, True)])
    def test_a_longest_gap_beyond_what_chance_gives_counts_against_it(self, more_days, less):
        """30 gaps of 100 clock days: by chance 15.6, one in four has a longer one."""
        by_chance = 100 / 30 * (np.log(31) + 1.25)
        stand = one([0, 1], 100).standing._replace(
            gaps=np.array([30], np.int16), exposure=np.array([100], np.float32),
            longest=np.array([by_chance + more_days], np.float32),
        )  # fmt: skip
        improbable = (1 + 30) * np.log1p(stand.gap[0] / 107.3)

        expected = improbable / ((by_chance + 1) / by_chance if less else 1)
        assert score(stand, index([0]), UNKNOWN)[0] == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("flights", [1, 2, 3])
    def test_few_gaps_say_nothing_of_how_its_flights_come(self, flights):
        days = [0, 1, 40][:flights]
        stand = one(days, 90).standing
        expected = flights * np.log1p((90 - days[-1]) / (7.3 + days[-1]))

        assert score(stand, index([0]), UNKNOWN)[0] == pytest.approx(expected, rel=1e-5)

    def test_it_rises_with_the_silence_and_is_zero_without(self):
        scores = [score(one([0, 5, 9], day).standing, index([0]), UNKNOWN)[0]
                  for day in (10, 20, 40, 80)]  # fmt: skip

        assert scores == sorted(scores)
        assert score(one([], 50).standing, index([0]), UNKNOWN)[0] == 0

    def test_cohorts_find_what_their_drones_were_drawn_from(self):
        rng = np.random.default_rng(1)
        rate = np.append(rng.gamma(2, 0.03, 3000), rng.gamma(2, 0.02, 3000))
        stand = habits(flown(rng.random((900, 6000)) < -np.expm1(-rate)), calendar(6000, 900))
        cohort = index([0] * 3000 + [1] * 2990 + [2] * 10)
        found = cohorts(stand.standing, cohort, 3)

        assert found.shape[:2] == pytest.approx([2, 2], rel=0.2)
        assert (found.shape / found.rate_days)[1] == pytest.approx(0.04, rel=0.1)
        every = cohorts(stand.standing, cohort * 0, 1)
        assert found.shape[2] == every.shape[0]
