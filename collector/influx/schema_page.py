"""Writes docs/schema.md: ``python -m windsock.collector.influx.schema_page > docs/schema.md``."""

import sys
from collections.abc import Iterator

from windsock.collector.influx.measurements import FIELDS, MEASUREMENTS, Measurement
from windsock.protocol.facts import FACTS
from windsock.protocol.signals import SIGNALS
from windsock.protocol.signals import WINDOW as WINDOW_SIGNALS

_ABOUT = (
    {fact.name: fact.about for fact in FACTS}
    | {signal.name: f"{signal.about} ({signal.unit})" for signal in (*WINDOW_SIGNALS, *SIGNALS)}
    | FIELDS
)
_HEAD = """\
# InfluxDB schema

Generated from `collector/influx/measurements.py`; a test keeps it true.

A flight's id is a field, never a tag: tags make series, and flights have no end. Only
`drone_state` says whose drone it is, as of its hour; all else carries the autopilot's uid alone.
Times are milliseconds, `window` nanoseconds. Flights whose time is not known from GPS stay in the
ledger. A missing value is a missing field.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_section(measurement) for measurement in MEASUREMENTS)])


def _section(measurement: Measurement) -> str:
    """One measurement."""
    tags = ", ".join(f"`{tag}`" for tag in measurement.tags) or "none"
    return "\n".join(
        [
            f"## `{measurement.name}`",
            "",
            f"{measurement.about[0].upper()}{measurement.about[1:]}. Tags: {tags}.",
            "",
            "| field | type | |",
            "|---|---|---|",
            *_rows(measurement),
            "",
        ]
    )


def _rows(measurement: Measurement) -> Iterator[str]:
    """Its fields."""
    for name, kind in measurement.fields.items():
        yield f"| `{name}` | {kind} | {_ABOUT.get(name, '')} |"


if __name__ == "__main__":
    sys.stdout.write(page())
