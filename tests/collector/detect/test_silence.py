"""The clock, histories, and how unusual a silence is."""

import numpy as np
import pytest

from windsock.collector.detect.clock import FlightDays, fleet_clock, season_groups
from windsock.collector.detect.habits import WINDOW_DAYS, Pauses, habits, seen_later
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
        mean, variance = 5, (4 + 9 + 100) / 3 - 25
        assert stand.dispersion[0] == pytest.approx(variance / mean**2)

    @pytest.mark.parametrize(("day", "recent"), [(57, 0), (58, 1), (59, 1)])
    def test_the_window(self, day, recent):
        assert one([day], 100).standing.recent[0] == recent
        assert one([day], 100).standing.window[0] == WINDOW_DAYS

    def test_a_pause_stops_the_clock(self):
        pauses = Pauses(index([0]), index([30]), index([50]))
        stand = one([10, 20], 60, pauses=pauses).standing

        assert (stand.gap[0], stand.window[0]) == (20, 22)

    def test_a_flight_that_a_counter_proved(self):
        stand = one([10, 20], 60).standing

        assert seen_later(stand, calendar(1, 60), index([50])).gap[0] == 10
        assert seen_later(stand, calendar(1, 60), index([0])).gap[0] == 40

    def test_forty_bytes_a_drone(self):
        assert sum(column.itemsize for column in one([10, 20, 30, 33], 60).standing) == 40

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
