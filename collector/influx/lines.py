"""Line protocol: rows as InfluxDB takes them. Pure.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/: tag values escape comma,
space and equals sign; string fields escape quote and backslash; integers end in ``i``. A missing
field is left out, a row without any field too. Times are milliseconds or nanoseconds: the
``us`` of newer servers is silently misread by older ones.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from windsock.collector.influx.measurements import FieldType, Measurement, Precision

Value = float | int | str | bool | None

_NEWLINES = str.maketrans({"\n": " ", "\r": " "})
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ ", "\n": "\\ ", "\r": "\\ ", "\\": "/"})
_STORED_TAG = str.maketrans({"\n": " ", "\r": " ", "\\": "/"})
_PER_US: Mapping[Precision, tuple[int, int]] = {"ms": (1, 1000), "ns": (1000, 1)}


class Points(NamedTuple):
    """Rows of one measurement and one tag set.

    ``times_us`` (n,) strictly increases; each field has n values, None where missing.
    """

    measurement: Measurement
    tags: Mapping[str, str | None]
    times_us: Sequence[int]
    fields: Mapping[str, Sequence[Value]]


def render(points: Points) -> Iterator[str]:
    """One line a row that has a field.

    Raises KeyError for a tag or field that the measurement does not have, so that none slips in.
    """
    measurement = points.measurement
    head = measurement.name + _tags(measurement, points.tags)
    columns = [
        _column(name, measurement.fields[name], values) for name, values in points.fields.items()
    ]
    up, down = _PER_US[measurement.precision]
    for row, time_us in enumerate(points.times_us):
        fields = ",".join(filter(None, (column[row] for column in columns)))
        if fields:
            yield f"{head} {fields} {time_us * up // down}"


def stored_tag(value: str) -> str:
    """A tag's value as InfluxDB has it after `render`."""
    return value.translate(_STORED_TAG)


def _tags(measurement: Measurement, tags: Mapping[str, str | None]) -> str:
    unknown = set(tags) - set(measurement.tags)
    if unknown:
        raise KeyError(f"{measurement.name} has no tags {sorted(unknown)}")
    return "".join(f",{name}={value.translate(_TAG)}" for name, value in sorted(tags.items())
                   if value)  # fmt: skip


def _column(name: str, kind: FieldType, values: Sequence[Value]) -> list[str]:
    return [_field(name, kind, value) for value in values]


def _field(name: str, kind: FieldType, value: Value) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if kind == "string":
        text = str(value).translate(_NEWLINES).replace("\\", "\\\\").replace('"', '\\"')
        return f'{name}="{text}"'
    if kind == "integer":
        return f"{name}={int(value)}i"
    if kind == "boolean":
        return f"{name}={'true' if value else 'false'}"
    return f"{name}={float(value)!r}"
