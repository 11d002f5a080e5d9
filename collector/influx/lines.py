"""Line protocol: rows as InfluxDB takes them. Pure.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/: tag values escape comma,
space and equals sign; string fields escape quote and backslash; integers end in ``i``. A missing
field is left out, a row without any field too. Times are milliseconds or nanoseconds: the
``us`` of newer servers is silently misread by older ones.

Rows of any kind are written one by one; columns of numbers (`Columns`), of which there are
thousands, all at once as one matrix of characters.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from windsock.collector.influx.digits import Integers, Steps
from windsock.collector.influx.matrix import Heads, Single, lines_of_rows, lines_of_values
from windsock.collector.influx.measurements import FieldType, Measurement, Precision

T = TypeVar("T")
N = TypeVar("N", bound=np.generic)
Value = float | int | str | bool | None
Tags = Mapping[str, str | None]

_TEXT = str.maketrans({"\n": " ", "\r": " ", "\0": " ", "\\": "\\\\", '"': '\\"'})
_BREAKS = dict.fromkeys("\n\r\0", "\\ ")
_TAG = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ ", "\\": "/"} | _BREAKS)
_STORED_TAG = str.maketrans({"\\": "/"} | dict.fromkeys("\n\r\0", " "))
_TOGETHER: Final = 5000
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

    Times rise, and within a time ``field``, the place of a value's field in the measurement's.
    """

    measurement: Measurement
    tags: Tags
    times_us: Integers
    field: Integers
    steps: Integers
    scale: Integers


Rows = Points | Columns | Values


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
    values: dict[str, list[Values]] = defaultdict(list)
    for table in tables:
        match table:
            case Points():
                lines = list(_written(table))
                yield Block("".join(lines).encode(), len(lines))
            case Columns():
                kind = (table.measurement.name, *((n, s.scale) for n, s in table.fields.items()))
                columns[kind].append(table)
            case Values():
                values[table.measurement.name].append(table)
    for alike in columns.values():
        yield from map(_of_columns, _filled(alike, lambda table: len(table.times_us)))
    for alike_values in values.values():
        yield from map(_of_values, _filled(alike_values, lambda table: len(table.times_us) // 4))


def _filled(tables: Sequence[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """*tables* in groups of about `_TOGETHER` rows: larger matrices only fall out of the cache."""
    group: list[T] = []
    rows = 0
    for table in tables:
        if group and rows + size(table) > _TOGETHER:
            yield group
            group, rows = [], 0
        group.append(table)
        rows += size(table)
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
        return Values(rows.measurement, rows.tags, *(part[first:] for part in rows[2:]))
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


def _of_columns(tables: Sequence[Columns]) -> Block:
    """Tables with the same fields as one matrix."""
    measurement = tables[0].measurement
    for name in tables[0].fields:
        if measurement.fields[name] != "float":
            raise KeyError(f"{measurement.name}.{name} is no float")
    heads, times = _heads(tables), _times(tables)
    fields = {
        name: Steps(
            _joined([table.fields[name].steps for table in tables]),
            scale,
            _joined([table.fields[name].present for table in tables]),
        )
        for name, (_, scale, _) in tables[0].fields.items()
    }
    some = np.zeros(len(times), bool)
    for steps in fields.values():
        some |= steps.present
    if not some.all():
        heads, times = heads._replace(of_line=heads.of_line[some]), times[some]
        fields = {name: Steps(steps[some], scale, present[some])
                  for name, (steps, scale, present) in fields.items()}  # fmt: skip
    if not len(times):
        return Block(b"", 0)
    return Block(lines_of_rows(heads, times, fields), len(times))


def _of_values(tables: Sequence[Values]) -> Block:
    """Tables of one measurement as one matrix."""
    names = [f"{name}=".encode() for name in tables[0].measurement.fields]
    field, steps, scale = (np.concatenate(parts) for parts in zip(*(t[3:] for t in tables),
                                                                 strict=True))  # fmt: skip
    if not len(field):
        return Block(b"", 0)
    single = Single(field, steps, scale)
    return Block(*lines_of_values(_heads(tables), _times(tables), names, single))


def _heads(tables: Sequence[Columns] | Sequence[Values]) -> Heads:
    texts = [_head(table.measurement, table.tags).encode() for table in tables]
    return Heads(texts, np.repeat(np.arange(len(tables)), [len(t.times_us) for t in tables]))


def _times(tables: Sequence[Columns] | Sequence[Values]) -> Integers:
    """At the precision of their measurement."""
    up, down = _PER_US[tables[0].measurement.precision]
    return _joined([table.times_us for table in tables]) * up // down


def _joined(parts: Sequence[npt.NDArray[N]]) -> npt.NDArray[N]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
