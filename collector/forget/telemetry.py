"""What InfluxDB holds of a scope: rows by autopilot and time."""

from collections.abc import Iterable, Iterator
from typing import Final

from windsock.collector.forget.scope import Stretch
from windsock.collector.influx.measurements import MEASUREMENTS
from windsock.collector.influx.spans import Span
from windsock.collector.roster.owners import FOREVER_US

_FIRST_US: Final = -(2**62) // 1000
_LAST_US: Final = 2**62 // 1000
"""InfluxDB's times are nanoseconds in 64 bits: from 1823 to 2116."""


def spans_of(stretches: Iterable[Stretch]) -> Iterator[Span]:
    """Of every measurement that is about one drone."""
    for stretch in stretches:
        first_us = max(stretch.from_us, _FIRST_US)
        last_us = (
            min(stretch.until_us - 1, _LAST_US) if stretch.until_us < FOREVER_US else _LAST_US
        )
        for measurement in MEASUREMENTS:
            if "drone" in measurement.tags:
                yield Span(measurement, stretch.drone_uid, first_us, last_us)
