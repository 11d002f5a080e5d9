"""PX4's ULog files as FlightLogs."""

from windsock.agent.logs.flightlog import FlightLog, LogError
from windsock.agent.logs.records import Bytes

MAGIC = b"ULog\x01\x12\x35"


def read_ulog(buffer: Bytes, wanted: frozenset[str] | None) -> FlightLog:
    """Read a ULog; `wanted` as in `read_flight_log`."""
    del buffer, wanted
    raise LogError("ULog files are not read yet")
