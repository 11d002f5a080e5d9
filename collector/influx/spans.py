"""Rows that have to go from InfluxDB, as its generations are told. Pure.

InfluxQL's DELETE (1.x): https://docs.influxdata.com/influxdb/v1/query_language/manage-database/;
a delete predicate (2.x): https://docs.influxdata.com/influxdb/v2/reference/syntax/delete-predicate/.
Both delete by measurement, tag and time, and neither by field.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from windsock.collector.influx.lines import stored_tag
from windsock.collector.influx.measurements import Measurement

SINGLE: Final = "'"
DOUBLE: Final = '"'
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Span(NamedTuple):
    """Rows of one measurement, of one drone or of all, from the millisecond of ``first_us`` ...

    ... to that of ``last_us``, both included.
    """

    measurement: Measurement
    drone: str | None
    first_us: int
    last_us: int
    tag: str = "drone"
    """What `drone` is a value of; ``customer`` where rows are a customer's."""


def influxql(span: Span) -> str:
    """The statement that deletes *span*; times are nanoseconds."""
    first_ms, last_ms = span.first_us // 1000, span.last_us // 1000
    time = f"time >= {first_ms * 1_000_000} AND time <= {last_ms * 1_000_000 + 999_999}"
    drone = "" if span.drone is None else f"{span.tag} = {_quoted(span.drone, SINGLE)} AND "
    return f'DELETE FROM "{span.measurement.name}" WHERE {drone}{time}'  # noqa: S608 - quoted


def predicate(span: Span) -> str:
    """Which rows of `bounds` go."""
    name = f'_measurement="{span.measurement.name}"'
    return name if span.drone is None else f"{name} AND {span.tag}={_quoted(span.drone, DOUBLE)}"


def bounds(span: Span) -> tuple[str, str]:
    """First and last moment as RFC 3339, the last one just before the next millisecond."""
    first, last = (_EPOCH + timedelta(milliseconds=us // 1000)
                   for us in (span.first_us, span.last_us))  # fmt: skip
    return _rfc3339(first, "000"), _rfc3339(last, "999")


def _rfc3339(moment: datetime, end: str) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}{end}{end}Z"


def _quoted(value: str, quote: str) -> str:
    return quote + stored_tag(value).replace(quote, f"\\{quote}") + quote
