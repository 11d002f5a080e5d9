"""Line protocol: rows as InfluxDB takes them. Pure.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/: tag values escape comma,
space and equals sign; string fields escape quote and backslash; integers end in ``i``. A missing
field is left out, a row without any field too. Times are milliseconds or nanoseconds: the
``us`` of newer servers is silently misread by older ones.

Rows of any kind are written one by one; columns of numbers (`Columns`), of which there are
thousands, all at once as one matrix of characters.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from windsock.collector.influx.digits import Integers, Steps
from windsock.collector.influx.matrix import drawn
from windsock.collector.influx.measurements import FieldType, Measurement, Precision

Value = float | int | str | bool | None
Tags = Mapping[str, str | None]

_TEXT = str.maketrans({"\n": " ", "\r": " ", "\0": " ", "\\": "\\\\", '"': '\\"'})
_BREAKS = dict.fromkeys("\n\r\0", "\\ ")
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ ", "\\": "/"} | _BREAKS)
_STORED_TAG = str.maketrans({"\\": "/"} | dict.fromkeys("\n\r\0", " "))
_PER_US: Mapping[Precision, tuple[int, int]] = {"ms": (1, 1000), "ns": (1000, 1)}


class Points(NamedTuple):
    """Rows of one measurement and one tag set.

    ``times_us`` (n,) strictly increases; each field has n values, None where missing.
    """

    measurement: Measurement
    tags: Tags
    times_us: Sequence[int]
    fields: Mapping[str, Sequence[Value]]


class Columns(NamedTuple):
    """Rows of numbers as arrays (n,), of one measurement and one tag set; times as in `Points`."""

    measurement: Measurement
    tags: Tags
    times_us: Integers
    fields: Mapping[str, Steps]


Rows = Points | Columns


class Block(NamedTuple):
    """Lines, each with its line feed."""

    body: bytes
    lines: int


def render(rows: Rows) -> Block:
    """One line a row that has a field.

    Raises KeyError for a tag or field that the measurement does not have, so that none slips in.
    """
    if isinstance(rows, Columns):
        return _of_columns(rows)
    lines = list(_written(rows))
    return Block("".join(lines).encode(), len(lines))


def since(rows: Rows, oldest_us: int) -> Rows:
    """The rows at *oldest_us* and later."""
    first = int(np.searchsorted(rows.times_us, oldest_us))
    if first == 0:
        return rows
    if isinstance(rows, Columns):
        numbers = {
            name: Steps(steps[first:], scale, present[first:])
            for name, (steps, scale, present) in rows.fields.items()
        }
        return rows._replace(times_us=rows.times_us[first:], fields=numbers)
    values = {name: column[first:] for name, column in rows.fields.items()}
    return rows._replace(times_us=rows.times_us[first:], fields=values)


def _head(measurement: Measurement, tags: Tags) -> str:
    """Measurement and tags, escaped: the same for all rows."""
    unknown = set(tags) - set(measurement.tags)
    if unknown:
        raise KeyError(f"{measurement.name} has no tags {sorted(unknown)}")
    return measurement.name + "".join(
        f",{name}={value.translate(_TAG)}" for name, value in sorted(tags.items()) if value
    )


def _written(points: Points) -> Iterator[str]:
    """Rows of any values, one by one."""
    measurement = points.measurement
    head = _head(measurement, points.tags)
    columns = [
        [_field(name, measurement.fields[name], value) for value in values]
        for name, values in points.fields.items()
    ]
    up, down = _PER_US[measurement.precision]
    for row, time_us in enumerate(points.times_us):
        fields = ",".join(filter(None, (column[row] for column in columns)))
        if fields:
            yield f"{head} {fields} {time_us * up // down}\n"


def stored_tag(value: str) -> str:
    """A tag's value as InfluxDB has it after `render`."""
    return value.translate(_STORED_TAG)


def _field(name: str, kind: FieldType, value: Value) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if kind == "string":
        return f'{name}="{str(value).translate(_TEXT)}"'
    if kind == "integer":
        return f"{name}={int(value)}i"
    if kind == "boolean":
        return f"{name}={'true' if value else 'false'}"
    return f"{name}={float(value)!r}"


def _of_columns(columns: Columns) -> Block:
    """Rows of numbers, all at once."""
    measurement = columns.measurement
    for name in columns.fields:
        if measurement.fields[name] != "float":
            raise KeyError(f"{measurement.name}.{name} is no float")
    up, down = _PER_US[measurement.precision]
    head = _head(measurement, columns.tags).encode()
    return Block(*drawn(head, columns.times_us * up // down, columns.fields))
