"""Whether the collector does its work. Pure.

What is wrong elsewhere (no broker, no InfluxDB) is told but makes nothing sick: to start the
collector again would mend neither.
"""

from typing import Final, NamedTuple

from windsock.collector.monitor.pulse import Pulse

_SILENT_US: Final = 120_000_000
_ROUND_LATE_US: Final = 600_000_000


class Health(NamedTuple):
    """*sick*: what a restart may mend; *told*: what somebody may want to know."""

    sick: tuple[str, ...]
    told: tuple[str, ...]


def health(pulse: Pulse, now_us: int, interval_us: int) -> Health:
    """As it is at *now_us*, where the fleet is judged every *interval_us*."""
    sick, told = [], []
    if _late(pulse.receiving_us, now_us, _SILENT_US):
        sick.append("nothing was heard of the receiving thread for two minutes")
    if _late(pulse.round_us, now_us, interval_us + _ROUND_LATE_US):
        sick.append("the last round of judging is overdue by ten minutes")
    if not pulse.connected:
        told.append("not connected to the broker")
    if pulse.influx_down_since_us is not None:
        seconds = (now_us - pulse.influx_down_since_us) // 1_000_000
        told.append(f"InfluxDB takes nothing since {seconds} s: {pulse.influx_trouble}")
    return Health(tuple(sick), tuple(told))


def _late(last_us: int | None, now_us: int, limit_us: int) -> bool:
    return last_us is not None and now_us - last_us > limit_us
