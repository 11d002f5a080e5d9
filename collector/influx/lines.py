"""Line protocol: rows as InfluxDB takes them. Pure.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/: tag values escape comma,
space and equals sign; string fields escape quote and backslash; integers end in ``i``. A missing
field is left out, a row without any field too. Times are milliseconds or nanoseconds: the
``us`` of newer servers is silently misread by older ones.

Rows of any kind are written one by one; numbers, of which there are thousands, all at once
(`collector/influx/matrix`).
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from windsock.collector.influx.digits import Integers, Steps, decimals
from windsock.collector.influx.matrix import (
    Column,
    Heads,
    Singles,
    lines_of_columns,
    lines_of_singles,
)
from windsock.collector.influx.measurements import FieldType, Measurement, Precision

N = TypeVar("N", bound=np.generic)
Value = float | int | str | bool | None
Tags = Mapping[str, str | None]

_TEXT = str.maketrans({"\n": " ", "\r": " ", "\0": " ", "\\": "\\\\", '"': '\\"'})
_BREAKS = dict.fromkeys("\n\r\0", "\\ ")
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ ", "\\": "/"} | _BREAKS)
_FILLING = re.compile(r"(?<==)0+(?=\d)|(?<==-)0+(?=\d)")
_STORED_TAG = str.maketrans({"\\": "/"} | dict.fromkeys("\n\r\0", " "))
_TOGETHER: Final = 5000
"""Rows in a matrix: larger ones only fall out of the cache."""
_VALUES_TOGETHER: Final = 16 * _TOGETHER
"""Single values: each field of few of them costs as much as of many."""
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


class Values(NamedTuple):
    """Numbers one by one (k,), of one measurement and one tag set: many fields, few in each row.

    Times rise, and within a time ``field``, the place of a value's field in the measurement's;
    ``scales`` has one for each of these fields.
    """

    measurement: Measurement
    tags: Tags
    scales: tuple[int, ...]
    times_us: Integers
    field: Integers
    steps: Integers


Rows = Points | Columns | Values
T = TypeVar("T", Columns, Values)


class Block(NamedTuple):
    """Lines, each with its line feed."""

    body: bytes
    lines: int


def render(rows: Rows) -> Block:
    """One line a row that has a field.

    Raises KeyError for a tag or field that the measurement does not have, so that none slips in.
    """
    return next(render_all([rows]), Block(b"", 0))


def render_all(tables: Iterable[Rows]) -> Iterator[Block]:
    """Blocks with the lines of all *tables*: what is alike is drawn together, raises as `render`.

    Order is kept within a table, not between them.
    """
    columns: dict[tuple[object, ...], list[Columns]] = defaultdict(list)
    values: dict[tuple[object, ...], list[Values]] = defaultdict(list)
    for table in tables:
        match table:
            case Points():
                lines = list(_written(table))
                yield Block("".join(lines).encode(), len(lines))
            case Columns():
                scales = tuple((name, steps.scale) for name, steps in table.fields.items())
                columns[table.measurement.name, _head_size(table), scales].append(table)
            case Values():
                values[table.measurement.name, table.scales].append(table)
    for alike in columns.values():
        yield from map(_of_columns, _filled(alike, _TOGETHER))
    for alike_values in values.values():
        yield from map(_of_values, _filled(alike_values, _VALUES_TOGETHER))


def _filled(tables: Sequence[T], limit: int) -> Iterator[list[T]]:
    """*tables* in groups of about *limit* times."""
    group: list[T] = []
    size = 0
    for table in tables:
        if group and size + len(table.times_us) > limit:
            yield group
            group, size = [], 0
        group.append(table)
        size += len(table.times_us)
    if group:
        yield group


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
    if isinstance(rows, Values):
        return Values(*rows[:3], *(part[first:] for part in rows[3:]))
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


def plain(line: str) -> str:
    """A line of numbers without the zeros that made it as wide as those drawn with it."""
    if '"' in line:
        return line
    head, fields, time = line.rsplit(" ", 2)
    return f"{head} {_FILLING.sub('', fields)} {int(time)}"


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


def _head_size(table: Columns) -> int:
    """In octets: in a matrix all heads are equally long."""
    return len(_head(table.measurement, table.tags).encode())


def _of_columns(tables: Sequence[Columns]) -> Block:
    """Tables with the same fields as one matrix, or as some where values are missing."""
    measurement = tables[0].measurement
    for name in tables[0].fields:
        if measurement.fields[name] != "float":
            raise KeyError(f"{measurement.name}.{name} is no float")
    heads, times = _heads(tables), _times(tables)
    columns = [_column(tables, name) for name in tables[0].fields]
    present = np.array(
        [_joined([table.fields[name].present for table in tables]) for name in tables[0].fields],
        bool,
    )
    if not present.any():
        return Block(b"", 0)
    if present.all():
        return Block(lines_of_columns(heads, times, columns), len(times))
    line, field = present.T.nonzero()
    numbers = np.array([column.numbers for column in columns]).T[line, field]
    places = [column.places for column in columns]
    values = Singles(line, field, numbers, list(tables[0].fields), places)
    body = lines_of_singles(heads, times, values)
    return Block(body, int(np.count_nonzero(present.any(axis=0))))


def _column(tables: Sequence[Columns], name: str) -> Column:
    scale = tables[0].fields[name].scale
    places = decimals(scale)
    steps = _joined([table.fields[name].steps for table in tables])
    factor = 10**places // scale
    return Column(f",{name}=".encode(), steps if factor == 1 else steps * factor, places)


def _of_values(tables: Sequence[Values]) -> Block:
    """Tables of one measurement: values of one time of a table are one line."""
    measurement, _, scales = tables[0][:3]
    times, heads = _times(tables), _heads(tables)
    if not len(times):
        return Block(b"", 0)
    opens = np.ones(len(times), bool)
    opens[1:] = (np.diff(times) != 0) | (np.diff(heads.of_line) != 0)
    first = np.flatnonzero(opens)
    places = [decimals(scale) for scale in scales]
    factors = np.array([10**digits // scale for digits, scale in zip(places, scales, strict=True)])
    field = _joined([table.field for table in tables])
    numbers = _joined([table.steps for table in tables]) * factors.take(field)
    values = Singles(np.cumsum(opens) - 1, field, numbers, list(measurement.fields), places)
    heads = heads._replace(of_line=heads.of_line[first])
    return Block(lines_of_singles(heads, times[first], values), len(first))


def _heads(tables: Sequence[Columns] | Sequence[Values]) -> Heads:
    texts = [_head(table.measurement, table.tags).encode() for table in tables]
    return Heads(texts, np.repeat(np.arange(len(tables)), [len(t.times_us) for t in tables]))


def _times(tables: Sequence[Columns] | Sequence[Values]) -> Integers:
    """At the precision of their measurement."""
    up, down = _PER_US[tables[0].measurement.precision]
    return _joined([table.times_us for table in tables]) * up // down


def _joined(parts: Sequence[npt.NDArray[N]]) -> npt.NDArray[N]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
