"""A window as rows of InfluxDB: extremes at each interval's start, samples at their own times."""

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeVar

import numpy as np

from windsock.collector.influx.lines import Rows, Values
from windsock.collector.influx.measurements import WINDOW
from windsock.collector.influx.unpacking import Packed, Unpacked
from windsock.protocol.columns import Integers
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Window
from windsock.protocol.signals import WINDOW_BY_NAME

T = TypeVar("T")

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


def packed(window: Window) -> Packed:
    """The columns of signals that the catalogue has; others come from a newer agent.

    Minima and maxima, then samples' values, then their times.
    """
    full = _known(window.full)
    columns = [*_known(window.low).values(), *_known(window.high).values()]
    rows = [window.rows] * len(columns)
    columns += [samples.values for samples in full.values()]
    columns += [samples.times for samples in full.values()]
    return Packed(columns, rows + [samples.rows for samples in full.values()] * 2)


def of_window(window: Window, columns: Unpacked, start_us: int | None) -> list[Rows]:
    """All values of a window that starts at UTC `start_us`, none where that is not known.

    Raises WireError for samples without a time or a value, or outside of the window.
    """
    found = _found(window, columns)
    if start_us is None or not len(found.field):
        return []
    kept = _last_of_each(found.offsets_us * _FIELDS + found.field)
    values = Values(
        measurement=WINDOW,
        tags={"drone": window.drone_uid},
        scales=_SCALES,
        times_us=start_us + found.offsets_us.take(kept),
        field=found.field.take(kept),
        steps=found.steps.take(kept),
    )
    return [values]


def _found(window: Window, columns: Unpacked) -> _Found:
    full = _known(window.full)
    extremes = [_FIELD[name + "_min"] for name in _known(window.low)]
    extremes += [_FIELD[name + "_max"] for name in _known(window.high)]
    rows = [samples.rows for samples in full.values()]
    cells, samples_of_all = window.rows * len(extremes), sum(rows)
    if not columns.present[cells:].all():
        raise WireError("a sample without its time or its value")
    timed = len(columns.values) - samples_of_all
    steps, times_us = columns.values[:timed], columns.values[timed:]
    if len(times_us) and not 0 <= times_us.min() <= times_us.max() < _length_us(window):
        raise WireError("samples outside of their window")
    (there,) = columns.present[:cells].nonzero()
    column = there // window.rows
    grid_us = (there - column * window.rows) * window.interval_us
    field = np.array(extremes, np.int64).take(column)
    sampled = np.array([_FIELD[name] for name in full], np.int64).repeat(rows)
    return _Found(np.concatenate((field, sampled)), np.concatenate((grid_us, times_us)), steps)


def _known(signals: Mapping[str, T]) -> dict[str, T]:
    return {name: of_signal for name, of_signal in signals.items() if name in WINDOW_BY_NAME}


def _length_us(window: Window) -> int:
    return window.rows * window.interval_us


def _last_of_each(keys: Integers) -> Integers:
    """Where *keys* (n,) rise, each once: of equal ones the last."""
    order = np.argsort(keys, kind="stable")
    rising = keys.take(order)
    last = np.ones(len(keys), bool)
    np.not_equal(rising[1:], rising[:-1], out=last[:-1])
    return order if last.all() else order[last]
