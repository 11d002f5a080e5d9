"""The fleet clock: how fast a fleet's time goes by, day by day."""

import numpy as np
import pytest

from tests.collector.detect.flying import DAYS, flown, index, share
from windsock.collector.detect.clock import (
    ClockLimits,
    FlightDays,
    _counts,
    _ticks,
    fleet_clock,
    season_groups,
)


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
