"""What a batch is worth: when there is no room for all, the least goes first. Pure.

Series and the backlog go before facts, flights and the windows of urgent ones go last
(docs/delivery.md). Tombstones and reports of damage never go: they say what is missing.
"""

from collections.abc import Sequence
from enum import IntEnum

from windsock.protocol.envelope import BACKLOG
from windsock.protocol.messages import (
    Damage,
    Flight,
    Message,
    Ping,
    Series,
    Station,
    Tombstone,
    Window,
)
from windsock.protocol.urgency import urgency


class Worth(IntEnum):
    """In the order in which they go."""

    BACKLOG_TRACKS = 0
    """Series and windows of flights that are more than a week old."""
    SERIES = 1
    WINDOWS = 2
    STATION = 3
    """What the station says of itself, hour by hour."""
    BACKLOG_FACTS = 4
    FACTS = 5
    """Logs and sightings."""
    FLIGHTS = 6
    URGENT = 7
    """Flights with a sign of a crash, and their windows."""
    KEPT = 8


def worths(messages: Sequence[tuple[int, Message]]) -> list[Worth]:
    """Of (lane, message) pairs that are queued together: a window's flight is among them."""
    urgent = {
        (record.log_id, flight.armed_boot_us)
        for _, message in messages
        if isinstance(message, Flight)
        for record in message.logs
        for flight in record.flights
        if urgency(flight.facts)
    }
    return [_worth(lane, message, urgent) for lane, message in messages]


def _worth(lane: int, message: Message, urgent: set[tuple[str, int]]) -> Worth:
    kept = {
        Tombstone: (Worth.KEPT, Worth.KEPT),
        Damage: (Worth.KEPT, Worth.KEPT),
        Series: (Worth.SERIES, Worth.BACKLOG_TRACKS),
        Window: (Worth.WINDOWS, Worth.BACKLOG_TRACKS),
        Station: (Worth.STATION, Worth.STATION),
        Ping: (Worth.STATION, Worth.STATION),
        Flight: (Worth.FLIGHTS, Worth.BACKLOG_FACTS),
    }
    if _flights(message) & urgent:
        return Worth.URGENT
    return kept.get(type(message), (Worth.FACTS, Worth.BACKLOG_FACTS))[lane == BACKLOG]


def _flights(message: Message) -> set[tuple[str, int]]:
    """Those that a flight message or a window is about."""
    if isinstance(message, Window):
        return {(message.log_id, message.armed_boot_us)}
    records = message.logs if isinstance(message, Flight) else []
    return {(one.log_id, flight.armed_boot_us) for one in records for flight in one.flights}
