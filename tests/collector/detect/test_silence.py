"""The clock, histories, and how unusual a silence is."""

import numpy as np
import pytest

from windsock.collector.detect.clock import (
    ClockLimits,
    FlightDays,
    _counts,
    _ticks,
    fleet_clock,
    season_groups,
)
from windsock.collector.detect.habits import NO_PAUSES, WINDOW_DAYS, Pauses, habits, seen_later
from windsock.collector.detect.history import History, dispersion, standing
from windsock.collector.detect.silence import UNKNOWN, Cohort, cohorts, score

DAYS = 700


def flown(matrix):
    drone, day = np.nonzero(np.asarray(matrix).T)
    return FlightDays(drone.astype(np.int32), day.astype(np.int32))


def index(values):
    return np.asarray(values, np.int32)


def calendar(drones, days):
    return np.tile(np.arange(days + 1, dtype=np.float32), (drones, 1))


def one(days, today, clock=None, **more):
    """The habits of a drone that flew on *days*."""
    own = calendar(1, today) if clock is None else clock
    return habits(FlightDays(index([0] * len(days)), index(days)), own, **more)


def history(days):
    """Of a drone that flew on *days* of a clock."""
    own = History.empty(1)
    for day in days:
        own.fly(np.array([0]), np.array([day], np.float32))
    return own


def share(winter=0.2, drones=60, seed=1):
    """All fly on half of the days, in the second half of each year on *winter* of that."""
    chance = np.where(np.arange(DAYS) % 365 < 182, 0.5, 0.5 * winter)
    return np.random.default_rng(seed).random((DAYS, drones)) < chance[:, None]


class TestClock:
    def test_it_runs_slowly_when_everybody_flies_less(self):
        clock = fleet_clock(flown(share()), index([0] * 60), DAYS)[0]

        assert clock[0] == 0
        assert clock[500] - clock[400] > 3 * (clock[690] - clock[590])

    @pytest.mark.parametrize(("days", "is_a_day"), [(89, True), (90, False), (91, False)])
    def test_of_a_young_fleet_a_day_is_a_day(self, days, is_a_day):
        clock = fleet_clock(flown(share()[:days]), index([0] * 60), days)[0]

        assert np.array_equal(clock, np.arange(days + 1)) is is_a_day

    @pytest.mark.parametrize("days", [100, 365, 366])
    def test_in_its_first_year_it_goes_by_the_mean_of_that(self, days):
        ticks = _ticks(np.linspace(0.1, 0.9, days)[None])[0]

        assert ticks[:365].mean() == pytest.approx(1)

    def test_then_by_the_mean_of_the_year_before(self):
        flying = np.linspace(0.1, 0.9, 500)

        ticks = _ticks(flying[None])[0]

        assert ticks[400] == pytest.approx(flying[400] / flying[36:401].mean())

    def test_busy_drones_do_not_hide_how_much_more_is_flown_in_summer(self):
        """Nine times as much; within a week nearly all of them have flown in either half."""
        chance = np.where(np.arange(DAYS) % 365 < 182, 0.9, 0.1)
        busy = np.random.default_rng(4).random((DAYS, 500)) < -np.expm1(-chance)[:, None]
        clock = fleet_clock(flown(busy), index([0] * 500), DAYS)[0]

        summer, winter = clock[540] - clock[370], clock[690] - clock[560]
        assert (summer / 170) / (winter / 130) == pytest.approx(9, rel=0.1)

    def test_a_day_on_which_nobody_flies_does_not_count(self):
        weekdays = share() & (np.arange(DAYS) % 7 < 5)[:, None]
        ticks = np.diff(fleet_clock(flown(weekdays), index([0] * 60), DAYS)[0])

        assert ticks[(np.arange(DAYS) % 7) > 4].max() == 0

    def test_who_flew_in_the_first_season_was_there_from_the_first_day_on(self):
        """Ten start on each of the first six days: not all that there are fly on the first."""
        starts = np.arange(60) % 6
        matrix = (np.arange(DAYS)[:, None] - starts) % 6 == 0
        ticks = np.diff(fleet_clock(flown(matrix), index([0] * 60), DAYS)[0])

        np.testing.assert_allclose(ticks[:90], ticks[-1], rtol=1e-3)

    @pytest.mark.parametrize("days", [1, 7, 180])
    @pytest.mark.parametrize(("later", "counted"), [(-1, 1), (0, 0), (1, 0)])
    def test_for_how_long_a_flight_makes_a_drone_fly(self, days, later, counted):
        assert days in ClockLimits()
        one_flight = FlightDays(index([0]), index([10]))
        counts = _counts(one_flight, index([0]), (1, 300), days)[0]

        assert counts[10 + days + later] == counted
        assert counts[9] == 0

    def test_it_knows_nothing_of_the_future(self):
        matrix = share()
        whole = fleet_clock(flown(matrix), index([0] * 60), DAYS)[0]
        matrix[500:] = False

        np.testing.assert_allclose(
            fleet_clock(flown(matrix), index([0] * 60), DAYS)[0, :501], whole[:501]
        )

    @pytest.mark.parametrize(("drones", "own"), [(19, False), (20, True), (21, True)])
    def test_a_small_region_runs_by_the_whole_fleet(self, drones, own):
        """The small one flies all year, the large one has winters."""
        matrix = np.hstack([share(), share(winter=1.0, drones=drones)])
        clock = fleet_clock(flown(matrix), index([0] * 60 + [1] * drones), DAYS)

        winter, summer = clock[1, 690] - clock[1, 590], clock[1, 500] - clock[1, 400]
        assert bool(winter > 0.9 * summer) is own

    @pytest.mark.parametrize(("drones", "like"), [(19, "all"), (20, "its kind"), (21, "its kind")])
    def test_a_small_region_runs_by_its_kind_where_there_are_enough_of_it(self, drones, like):
        """Two kinds in each region: those with winters, and *drones* that fly all year."""
        matrix = np.hstack(
            [share(), share(winter=1.0, drones=drones - 5), share(winter=1.0, drones=5, seed=3)]
        )
        group = index([1] * 60 + [0] * (drones - 5) + [2] * 5)
        clock = fleet_clock(flown(matrix), group, DAYS, parents=2)

        winter, summer = clock[2, 690] - clock[2, 590], clock[2, 500] - clock[2, 400]
        assert ("its kind" if winter > 0.8 * summer else "all") == like

    def test_a_tiny_fleet_has_the_calendar(self):
        clock = fleet_clock(flown(share(drones=19)), index([0] * 19), DAYS)

        np.testing.assert_array_equal(clock[0], np.arange(DAYS + 1))

    def test_when_nobody_flies_it_stands(self):
        matrix = share()
        matrix[600:] = False
        clock = fleet_clock(flown(matrix), index([0] * 60), DAYS)[0]

        assert clock[-1] == clock[600]

    def test_it_still_stands_after_a_year_without_a_flight(self):
        matrix = share()
        matrix[300:] = False
        clock = fleet_clock(flown(matrix), index([0] * 60), DAYS)[0]

        assert clock[-1] == clock[300]

    def test_a_region_that_begins_later_has_its_own_first_days_and_year(self):
        early, late = share(winter=1.0), share(winter=1.0, seed=2)[:300]
        both = np.hstack([early, np.vstack([np.zeros((DAYS - 300, 60), bool), late])])
        clock = fleet_clock(flown(both), index([0] * 60 + [1] * 60), DAYS)[1]
        alone = fleet_clock(flown(late), index([0] * 60), 300)[0]

        np.testing.assert_allclose(np.diff(clock)[DAYS - 300 :], np.diff(alone), rtol=1e-3)

    @pytest.mark.parametrize("winter_days", [150, 215])
    def test_the_first_back_from_a_winter_without_flights_do_not_hurry_it(self, winter_days):
        """They come back one a day, and fly every fifth day."""
        day, back = np.arange(DAYS)[:, None], 365 + winter_days + np.arange(60)
        every_fifth = (day + np.arange(60)) % 5 == 0
        matrix = every_fifth & ((day < 365) | (day >= back))
        clock = fleet_clock(flown(matrix), index([0] * 60), DAYS)[0]

        assert clock[back[10]] - clock[365] < 5

    def test_who_keeps_the_seasons(self):
        matrix = np.hstack([share(), share(winter=1.0, seed=2)])
        group = season_groups(flown(matrix), index([0] * 120), DAYS)

        assert (group[:60] == 1).mean() > 0.9
        assert (group[60:] == 0).mean() > 0.9

    def test_nobody_at_all(self):
        assert fleet_clock(flown(np.zeros((5, 0))), index([]), 5).shape[1] == 6


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
