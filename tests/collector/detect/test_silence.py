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

    def test_a_day_is_a_day_before_it_knows(self):
        clock = fleet_clock(flown(share()), index([0] * 60), DAYS)[0]

        np.testing.assert_array_equal(clock[:91], np.arange(91))

    @pytest.mark.parametrize(("day", "is_a_day"), [(89, True), (90, True), (91, False)])
    def test_from_then_on_it_is_as_long_as_the_fleet_flies(self, day, is_a_day):
        """On its first day of knowing, that day is all that it knows."""
        ticks = _ticks(np.linspace(0.1, 0.9, 200)[None], ClockLimits().warm_days)[0]

        assert (ticks[day] == 1) is np.bool_(is_a_day)

    @pytest.mark.parametrize("days", [7, 180])
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

        assert clock[-1] == clock[607]

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
        improbable = (2 + 3) * np.log1p(60 / (14 + 40))
        record = 60 / (max(20, 40 / 3 * (np.log(4) + 0.58)) + 5)

        assert score(stand, index([0]), prior)[0] == pytest.approx(np.sqrt(improbable * record))

    @pytest.mark.parametrize(("flights", "mean"), [(2, "cohort"), (3, "own"), (4, "own")])
    def test_three_flights_make_a_baseline(self, flights, mean):
        stand = one(list(range(0, 10 * flights, 10)), 90).standing
        n, exposure = flights - 1, 10 * (flights - 1)
        gap = 90 - exposure
        expected = {"own": exposure / n, "cohort": (7.3 + exposure) / (1 + n)}[mean]
        improbable = (1 + n) * np.log1p(gap / (7.3 + exposure))
        record = gap / (max(10, expected * (np.log(n + 1) + 0.58)) + 5)

        found = score(stand, index([0]), UNKNOWN)[0]
        assert found == pytest.approx(np.sqrt(improbable * record), rel=1e-5)

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
