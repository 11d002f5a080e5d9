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


class _Column(NamedTuple):
    """One column on the wire, and the field that it belongs to."""

    field: str
    data: bytes
    rows: int


class _Field(NamedTuple):
    """One field's values in steps (n,) at microseconds since the window's start (n,)."""

    name: str
    offsets_us: Integers
    steps: Integers


def of_window(window: Window, start_us: int | None) -> list[Rows]:
    """All values of a window that starts at UTC `start_us`, none where that is not known.

    Raises WireError for columns that are none, and for samples outside of the window.
    """
    fields = [field for field in _fields(window) if len(field.steps)]
    if start_us is None or not fields:
        return []
    counts = [len(field.steps) for field in fields]
    offsets_us = np.concatenate([field.offsets_us for field in fields])
    field = np.repeat([_FIELD[one.name] for one in fields], counts)
    kept = _last_of_each(offsets_us * _FIELDS + field)
    values = Values(
        measurement=WINDOW,
        tags={"drone": window.drone_uid},
        scales=_SCALES,
        times_us=start_us + offsets_us[kept],
        field=field[kept],
        steps=np.concatenate([one.steps for one in fields])[kept],
    )
    return [values]


def _fields(window: Window) -> list[_Field]:
    """Signals that the catalogue has; others come from a newer agent."""
    extremes = [
        _Column(name + end, data, window.rows)
        for side, end in _SIDES
        for name, data in getattr(window, side).items()
        if name in WINDOW_BY_NAME
    ]
    samples = [
        _Column(name, data, of_signal.rows)
        for name, of_signal in window.full.items()
        if name in WINDOW_BY_NAME
        for data in (of_signal.times, of_signal.values)
    ]
    columns = extremes + samples
    decoded = decode_ragged([one.data for one in columns], [one.rows for one in columns])
    grid_us = np.arange(window.rows) * window.interval_us
    fields = [
        _Field(one.field, grid_us[present], steps[present])
        for one, (steps, present) in zip(extremes, decoded, strict=False)
    ]
    for place in range(len(extremes), len(columns), 2):
        (times, timed), (steps, present) = decoded[place : place + 2]
        name = columns[place].field
        if not (timed.all() and present.all()):
            raise WireError(f"a sample of {name} without its time or its value")
        if times.min() < 0 or times.max() >= window.rows * window.interval_us:
            raise WireError(f"samples of {name} outside of their window")
        fields.append(_Field(name, times, steps))
    return fields


def _last_of_each(keys: Integers) -> Integers:
    """Where *keys* (n,) rise, each once: of equal ones the last."""
    order = np.argsort(keys, kind="stable")
    rising = keys[order]
    last = np.ones(len(keys), bool)
    np.not_equal(rising[1:], rising[:-1], out=last[:-1])
    return order[last]
