import math

import numpy as np
import pytest

from windsock.collector.detect.rates import gamma_quantile, gamma_share, rate, worse


@pytest.mark.parametrize("shape", [1, 2, 7, 40, 300])
@pytest.mark.parametrize("factor", [0.05, 0.5, 1.0, 1.5, 3.0])
def test_the_share_below_is_that_of_poisson_for_whole_shapes(shape, factor):
    x = shape * factor
    terms = (step * math.log(x) - math.lgamma(step + 1) - x for step in range(shape))
    assert gamma_share(shape, x) == pytest.approx(1 - sum(map(math.exp, terms)), abs=1e-10)


def test_half_an_event_is_a_normal_variables_square():
    # Gamma(1/2, 1) is half of the square of a standard normal variable
    assert gamma_share(0.5, 1.959964**2 / 2) == pytest.approx(0.95, abs=1e-6)


@pytest.mark.parametrize("shape", [0.5, 1.5, 20.5, 400.5])
def test_quantiles_are_those_of_drawn_numbers(shape):
    drawn = np.random.default_rng(1).gamma(shape, size=200_000)
    for share in (0.025, 0.5, 0.975):
        assert gamma_quantile(share, shape) == pytest.approx(np.quantile(drawn, share), rel=0.03)


@pytest.mark.parametrize(("flights", "shown"), [(49, False), (50, True), (51, True)])
def test_of_fewer_than_fifty_flights_nothing_is_said(flights, shown):
    assert (rate(3, flights) is not None) is shown


def test_no_crash_in_many_flights():
    found = rate(0, 1000)
    assert (found.per_1000, found.lower) == (0.0, 0.0)
    assert found.upper == pytest.approx(5.02389 / 2, abs=1e-4)  # chi-squared, 1 degree, 0.975


def test_two_events_in_a_thousand_flights():
    found = rate(2, 1000)
    # chi-squared with 5 degrees of freedom: 0.831212 and 12.8325
    assert (found.lower, found.upper) == pytest.approx((0.831212 / 2, 12.8325 / 2), abs=1e-4)


def test_worse_is_only_what_is_certain():
    old = rate(2, 1000)
    events = next(k for k in range(100) if worse(rate(k, 200), old))
    assert rate(events, 200).lower > old.upper >= rate(events - 1, 200).lower
    assert not worse(rate(9, 49), old)
    assert not worse(rate(9, 100), None)
