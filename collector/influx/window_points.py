"""A window as rows of InfluxDB: extremes at each interval's start, samples at their own times."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.influx.digits import Steps
from windsock.collector.influx.lines import Columns, Rows
from windsock.collector.influx.measurements import WINDOW
from windsock.protocol.columns import Integers, decode_columns
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Window
from windsock.protocol.series import sample_steps
from windsock.protocol.signals import WINDOW_BY_NAME

_SIDES: Final = ("low", "_min"), ("high", "_max")


class _Field(NamedTuple):
    """One field's values in steps (n,) at microseconds since the window's start (n,)."""

    name: str
    scale: int
    offsets_us: Integers
    steps: Integers


def of_window(window: Window, start_us: int | None) -> list[Rows]:
    """All rows of a window that starts at UTC `start_us`, none where that is not known.

    Raises WireError for columns that are none, and for samples outside of the window.
    """
    fields = [*_extremes(window), *_samples(window)]
    if start_us is None or not fields:
        return []
    offsets_us = _merged([field.offsets_us for field in fields])
    table = {field.name: _spread(field, offsets_us) for field in fields}
    return [Columns(WINDOW, {"drone": window.drone_uid}, start_us + offsets_us, table)]


def _extremes(window: Window) -> Iterator[_Field]:
    """Minima and maxima of signals that the catalogue has; others come from a newer agent."""
    found = [
        (name, end, column)
        for side, end in _SIDES
        for name, column in getattr(window, side).items()
        if name in WINDOW_BY_NAME
    ]
    steps, present = decode_columns([column for _, _, column in found], window.rows)
    grid_us = np.arange(window.rows) * window.interval_us
    for (name, end, _), values, there in zip(found, steps, present, strict=True):
        yield _Field(name + end, WINDOW_BY_NAME[name].scale, grid_us[there], values[there])


def _samples(window: Window) -> Iterator[_Field]:
    """Every sample of such signals."""
    names = [name for name in window.full if name in WINDOW_BY_NAME]
    decoded = sample_steps([window.full[name] for name in names])
    for name, (times, values) in zip(names, decoded, strict=True):
        if times.min() < 0 or times.max() >= window.rows * window.interval_us:
            raise WireError(f"samples of {name} outside of their window")
        yield _Field(name, WINDOW_BY_NAME[name].scale, times, values)


def _merged(times: list[Integers]) -> Integers:
    """All *times*, each once, rising."""
    merged = np.sort(np.concatenate(times))
    new = np.ones(len(merged), bool)
    np.not_equal(merged[1:], merged[:-1], out=new[1:])
    return merged[new]


def _spread(field: _Field, offsets_us: Integers) -> Steps:
    """The field's values among all rows; of one time's samples the last."""
    steps = np.zeros(len(offsets_us), np.int64)
    present = np.zeros(len(offsets_us), bool)
    rows = np.searchsorted(offsets_us, field.offsets_us)
    steps[rows], present[rows] = field.steps, True
    return Steps(steps, field.scale, present)
