"""The regular time base against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from windsock.agent.record.grid import STEP_US, Grid, runs, smoothed, windowed
from windsock.agent.record.tracks import track

samples = st.lists(
    st.tuples(st.integers(0, 3_000_000), st.floats(-100, 100, allow_nan=False)), max_size=60
)


@given(samples)
def test_cells_hold_extremes_means_and_newest_values(pairs):
    grid = Grid.over(500_000, 2_000_000)
    times = np.array([time for time, _ in pairs], np.int64)
    source = track(times, np.array([value for _, value in pairs]))
    top, low, mean, held = (
        grid.top(source),
        grid.low(source),
        grid.mean(source),
        grid.hold(source),
    )

    for cell in range(grid.count):
        start = grid.time_us(cell)
        inside = (source.boot_us >= start) & (source.boot_us < start + STEP_US)
        before = source.boot_us < start + STEP_US
        if inside.any():
            values = source.values[inside]
            assert (top[cell], low[cell]) == (values.max(), values.min())
            assert np.isclose(mean[cell], values.mean())
        else:
            assert np.isnan([top[cell], low[cell], mean[cell]]).all()
        newest = source.values[before & (source.boot_us < start + STEP_US)]
        assert np.isnan(held[cell]) if not len(newest) else held[cell] == newest[-1]


@given(st.lists(st.booleans(), max_size=50), st.integers(0, 3))
def test_runs_cover_exactly_the_true_cells_and_small_gaps(flags, gap):
    mask = np.array(flags, bool)
    covered = np.zeros(len(mask), bool)

    for first, last in runs(mask, gap):
        assert mask[first]
        assert mask[last]
        assert not covered[first : last + 1].any()
        covered[first : last + 1] = True

    assert not (mask & ~covered).any()
    assert all(last - first + 1 <= gap for first, last in runs(covered & ~mask))


@given(st.lists(st.floats(-9, 9) | st.just(float("nan")), min_size=1, max_size=30))
def test_windows_leave_gaps_out(values):
    series = np.array(values)
    top, mean = windowed(series, 1, 2, np.fmax), smoothed(series, 3)

    for place in range(len(series)):
        near = series[max(place - 1, 0) : place + 3]
        near = near[np.isfinite(near)]
        assert np.isnan(top[place]) if not len(near) else top[place] == near.max()
        near = series[max(place - 1, 0) : place + 2]
        near = near[np.isfinite(near)]
        known = np.isfinite(series[place])
        assert np.isclose(mean[place], near.mean()) if known else np.isnan(mean[place])


def test_lines_bridge_short_gaps_only():
    grid = Grid.over(0, 10_000_000)
    source = track(np.array([1, 2, 6, 7]) * 1_000_000, [0.0, 1.0, 5.0, 6.0])

    line = grid.line(source)

    assert np.isclose(line[grid.cell(1_500_000)], 0.55)  # a cell's middle
    assert np.isnan(line[grid.cell(4_000_000)])
    assert np.isnan(line[grid.cell(9_000_000)])
