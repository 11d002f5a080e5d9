"""What InfluxDB holds of a scope: rows by autopilot and time, and a customer's own."""

from collections.abc import Iterator
from typing import Final

from windsock.collector.forget.scope import Scope
from windsock.collector.influx.measurements import CUSTOMER_DAY, MEASUREMENTS
from windsock.collector.influx.spans import Span
from windsock.collector.roster.owners import FOREVER_US

_FIRST_US: Final = -(2**62) // 1000
_LAST_US: Final = 2**62 // 1000
"""InfluxDB's times are nanoseconds in 64 bits: from 1823 to 2116."""


def spans_of(scope: Scope) -> Iterator[Span]:
    """Of every measurement that is about one drone or one customer."""
    for account in scope.accounts:
        yield Span(CUSTOMER_DAY, account, _FIRST_US, _LAST_US, tag="customer")
    for stretch in scope.stretches:
        first_us = max(stretch.from_us, _FIRST_US)
        last_us = (
            min(stretch.until_us - 1, _LAST_US) if stretch.until_us < FOREVER_US else _LAST_US
        )
        for measurement in MEASUREMENTS:
            if "drone" in measurement.tags:
                yield Span(measurement, stretch.drone_uid, first_us, last_us)
