"""A window as rows of InfluxDB: extremes at each interval's start, samples at their own times."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.influx.lines import Points, Value
from windsock.collector.influx.measurements import WINDOW
from windsock.protocol.columns import Integers
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Window
from windsock.protocol.series import Floats, decode_samples, decode_values
from windsock.protocol.signals import WINDOW_BY_NAME

_SIDES: Final = ("low", "_min"), ("high", "_max")


class _Field(NamedTuple):
    """One field's values (n,) at microseconds since the window's start (n,)."""

    name: str
    offsets_us: Integers
    values: Floats


def of_window(window: Window, start_us: int | None) -> list[Points]:
    """All rows of a window that starts at UTC `start_us`, none where that is not known.

    Raises WireError for columns that are none, and for samples outside of the window.
    """
    fields = list(_fields(window))
    if start_us is None or not fields:
        return []
    offsets_us = np.unique(np.concatenate([field.offsets_us for field in fields]))
    times_us = [start_us + offset for offset in offsets_us.tolist()]
    table = {field.name: _spread(field, offsets_us) for field in fields}
    return [Points(WINDOW, {"drone": window.drone_uid}, times_us, table)]


def _fields(window: Window) -> Iterator[_Field]:
    """Signals that the catalogue has; others come from a newer agent."""
    for side, end in _SIDES:
        for name, column in getattr(window, side).items():
            if name in WINDOW_BY_NAME:
                values, present = decode_values(name, column, window.rows, WINDOW_BY_NAME)
                rows = np.flatnonzero(present)
                yield _Field(name + end, rows * window.interval_us, values[present])
    for name, samples in window.full.items():
        if name in WINDOW_BY_NAME:
            times, values = decode_samples(samples, WINDOW_BY_NAME[name].scale)
            if times.min() < 0 or times.max() >= window.rows * window.interval_us:
                raise WireError(f"samples of {name} outside of their window")
            yield _Field(name, times, values)


def _spread(field: _Field, offsets_us: Integers) -> list[Value]:
    """The field's values among all rows, None elsewhere; of one time's samples the last."""
    column = np.full(len(offsets_us), None, object)
    column[np.searchsorted(offsets_us, field.offsets_us)] = field.values
    filled: list[Value] = column.tolist()
    return filled
