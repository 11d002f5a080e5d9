"""Messages as stations send them, for the collector's tests."""

import itertools

import msgspec

from tests.protocol.examples import FLIGHT, RECORD
from windsock.collector.receive.inbox import Arrived
from windsock.protocol import topics
from windsock.protocol.envelope import Header, encode
from windsock.protocol.messages import Flight, Utc

_SEQ = itertools.count(1)
START_US = FLIGHT.start.us


def flight(boot_s=10.26, start_us=START_US, **facts):
    """A flight armed at *boot_s*."""
    return msgspec.structs.replace(
        FLIGHT,
        armed_boot_us=int(boot_s * 1e6),
        start=Utc(quality="gps", us=start_us),
        facts=FLIGHT.facts | facts,
    )


def record(*flights, **changes):
    """A log with *flights*."""
    return msgspec.structs.replace(RECORD, flights=list(flights) or [FLIGHT], **changes)


def log_id(number):
    """Some other log."""
    return f"{number:032x}"


def arrived(message, agent="station-7", seq=None):
    """*message* as the broker delivers it."""
    header = Header(agent, 1, 1, seq or next(_SEQ), START_US, 1, "boot", "0.1.0")
    return Arrived(topics.up(agent), encode(header, message), retained=False, mid=1)


def sent(*records, **where):
    """Records as one flight message, delivered."""
    return arrived(Flight(logs=list(records)), **where)
