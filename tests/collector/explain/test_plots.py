"""Plots of data that are odd, missing or absent: always SVG, always finite."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.collector.explain.given import flight, reading, series, window
from windsock.collector.explain.evidence import points
from windsock.collector.explain.figures import moment_figure
from windsock.collector.explain.judged import judged
from windsock.collector.explain.overview import flight_figure
from windsock.collector.explain.plots import (
    Band,
    Curve,
    Limit,
    Mark,
    Moment,
    Panel,
    Stretch,
    axis,
    drawn,
)
from windsock.collector.explain.reading import Dropout
from windsock.collector.explain.scales import clocked, over, seconds
from windsock.collector.explain.thinning import MOST, thinned

values = st.floats(allow_nan=True, allow_infinity=True, width=32)
odd = arrays(float, st.integers(0, 30), elements=values)
moments = st.floats(-1e6, 1e6)


def parsed(markup):
    return ElementTree.fromstring(f"<div>{markup}</div>")  # noqa: S314 - our own


def numbers_in(markup):
    return re.findall(r"nan|inf", re.sub(r">[^<]*<", "><", markup))


def path(markup, kind):
    return [one.get("d") for one in parsed(markup).iter("path") if one.get("class") == kind]


@given(odd, odd, moments, st.none() | values)
def test_any_values_make_a_panel(first, second, moment, level):
    rows = min(len(first), len(second))
    at, low = np.arange(rows) * 0.5, first[:rows]
    x, y = seconds(-1.0, 10.0), over(np.concatenate((first, second)), [0.0])
    panel = Panel(
        "a", "height_m", 100,
        (Band(at, low, second[:rows], 1.0),), (Curve(at, low),), (Limit(3.0, "three"),),
        (Mark(moment, "1", "x", level if level is None or np.isfinite(level) else None),),
        (Stretch(moment, moment + 1, "fall", "fell", "fell"),),
    )  # fmt: skip
    markup = drawn(panel, x, y, Moment(moment, "here")) + axis(x)

    parsed(markup)
    assert not numbers_in(markup)


@given(odd, st.lists(st.floats(-1e9, 1e9), max_size=3))
def test_a_scale_holds_all_it_shows_and_has_a_tick(shown, also):
    scale = over(shown, also)
    known = shown[np.isfinite(shown) & (np.abs(shown) < 1e12)]

    assert scale.low < scale.high
    assert all(scale.holds(one) for one in [*known, *also])
    assert 1 <= len(scale.ticks) <= 6
    assert all(scale.low - 1e-9 <= tick <= scale.high + 1e-6 for tick in scale.ticks)


@given(moments, st.floats(0, 1e6))
def test_clocks_have_few_ticks(low, length):
    scale = clocked(low, low + length)

    assert len(scale.ticks) <= 11
    assert all(-1e-6 <= scale.share(tick) <= 1 + 1e-6 for tick in scale.ticks)


def test_a_curve_goes_where_its_values_are_and_stops_at_gaps():
    at, height = np.array([0.0, 1.0, 2.0, 8.0, 9.0]), np.array([0.0, 10.0, np.nan, 0.0, 5.0])
    x, y = seconds(0.0, 10.0), over(np.array([0.0, 10.0]), [])
    markup = drawn(Panel("a", "k", 100, curves=(Curve(at, height, 3.0),)), x, y)
    (line,) = path(markup, "line")
    top = round((1 - y.share(10.0)) * 1000)

    assert line == f"M0 {round((1 - y.share(0)) * 1000)}l1000 {top - 1000}M8000 1000l1000 {-463}"


def test_a_band_is_closed_and_one_point_is_a_dot():
    x, y = seconds(0.0, 10.0), over(np.array([0.0, 10.0]), [])
    band = Band(np.array([1.0, 2.0]), np.zeros(2), np.full(2, 5.0))
    dot = Curve(np.array([3.0]), np.array([5.0]))
    markup = drawn(Panel("a", "k", 100, (band,), (dot,)), x, y)

    assert path(markup, "band")[0].endswith("z")
    assert path(markup, "line")[0].endswith("h1")


@given(st.integers(1, 5), st.integers(0, 3 * MOST))
def test_a_long_series_keeps_its_extremes(seed, rows):
    rng = np.random.default_rng(seed)
    height = rng.normal(size=rows)
    bands, curves = thinned(np.arange(rows, dtype=float), height, 3.0)

    assert (len(bands), len(curves)) == ((1, 0) if rows > MOST else (0, 1))
    if bands:
        assert bands[0].low.min() == height.min()
        assert bands[0].high.max() == height.max()
        assert len(bands[0].at) <= MOST


sample = st.tuples(odd, odd, st.lists(st.integers(0, 15_000_000), max_size=20))


@given(sample, st.floats(1.0, 200.0))
def test_any_window_makes_a_figure(signal, event_s):
    low, high, times = signal
    low, high = (np.clip(np.nan_to_num(one, posinf=np.nan), -1e9, 1e9) for one in (low, high))
    one = window(rows=30, event_s=event_s, height_m=(low, high, sorted(times), None))
    (found,) = judged(reading(windows=[one]))
    markup = moment_figure(found, points(found), [Dropout(91.0, 0.5)])

    parsed(markup)
    assert not numbers_in(markup)


@pytest.mark.parametrize("heights", [[None], [None] * 5, [3.0], [0.0] * 4000, list(range(9000))])
def test_any_series_makes_a_figure(heights):
    (found,) = judged(reading(flight(), series=[series(heights=heights)], windows=[]))

    parsed(flight_figure(found, []))
    assert moment_figure(found, points(found), []) == ""


def test_evidence_is_marked_on_the_panel_that_shows_it():
    (found,) = judged(reading())
    evidence = points(found)
    figure = parsed(moment_figure(found, evidence, []))
    labels = [mark.find("text").text for mark in figure.iter("g") if mark.get("class") == "mark"]

    assert sorted(labels) == sorted(point.label for point in evidence)


def test_what_the_logger_lost_is_tinted():
    (found,) = judged(reading())
    figure = moment_figure(found, [], [Dropout(90.0, 1.0), Dropout(5.0, 1.0)])

    assert figure.count('class="dropout"') == len([*parsed(figure).iter("path")]) // 2
