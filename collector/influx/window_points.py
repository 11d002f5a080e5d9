"""A window as rows of InfluxDB: extremes at each interval's start, samples at their own times."""

from typing import Final, NamedTuple

import numpy as np

from windsock.collector.influx.lines import Rows, Values
from windsock.collector.influx.measurements import WINDOW
from windsock.protocol.columns import Integers, decode_ragged
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Window
from windsock.protocol.signals import WINDOW_BY_NAME

_SIDES: Final = ("low", "_min"), ("high", "_max")
_FIELD: Final = {name: index for index, name in enumerate(WINDOW.fields)}
_FIELDS: Final = len(_FIELD)
_SCALES: Final = tuple(
    WINDOW_BY_NAME[name.removesuffix("_min").removesuffix("_max")].scale for name in WINDOW.fields
)


class _Found(NamedTuple):
    """Values in steps (k,), each of a field and at microseconds since the window's start."""

    field: Integers
    offsets_us: Integers
    steps: Integers


def of_window(window: Window, start_us: int | None) -> list[Rows]:
    """All values of a window that starts at UTC `start_us`, none where that is not known.

    Raises WireError for columns that are none, and for samples outside of the window.
    """
    found = _found(window)
    if start_us is None or not len(found.field):
        return []
    kept = _last_of_each(found.offsets_us * _FIELDS + found.field)
    values = Values(
        measurement=WINDOW,
        tags={"drone": window.drone_uid},
        scales=_SCALES,
        times_us=start_us + found.offsets_us[kept],
        field=found.field[kept],
        steps=found.steps[kept],
    )
    return [values]


def _found(window: Window) -> _Found:
    """Signals that the catalogue has; others come from a newer agent."""
    extremes = {
        name + end: data
        for side, end in _SIDES
        for name, data in getattr(window, side).items()
        if name in WINDOW_BY_NAME
    }
    full = {name: samples for name, samples in window.full.items() if name in WINDOW_BY_NAME}
    rows = [window.rows] * len(extremes) + [samples.rows for samples in full.values()]
    steps, present = decode_ragged(
        [
            *extremes.values(),
            *(samples.values for samples in full.values()),
            *(samples.times for samples in full.values()),
        ],
        rows + rows[len(extremes) :],
    )
    cells, all_values = window.rows * len(extremes), sum(rows)
    if not present[cells:].all():
        raise WireError("a sample without its time or its value")
    steps, times_us = np.split(steps, [len(steps) - (all_values - cells)])
    if len(times_us) and not 0 <= times_us.min() <= times_us.max() < _length_us(window):
        raise WireError("samples outside of their window")
    grid_us = np.tile(np.arange(window.rows) * window.interval_us, len(extremes))
    fields = np.array([_FIELD[name] for name in (*extremes, *full)], np.int64)
    there = np.flatnonzero(present[:all_values])
    return _Found(
        np.repeat(fields, rows).take(there), np.concatenate((grid_us, times_us)).take(there), steps
    )


def _length_us(window: Window) -> int:
    return window.rows * window.interval_us


def _last_of_each(keys: Integers) -> Integers:
    """Where *keys* (n,) rise, each once: of equal ones the last."""
    order = np.argsort(keys, kind="stable")
    rising = keys[order]
    last = np.ones(len(keys), bool)
    np.not_equal(rising[1:], rising[:-1], out=last[:-1])
    return order[last]
