"""Tells log formats apart by their first bytes and reads those that are flight logs."""

from collections.abc import Collection

import numpy as np

from windsock.agent.logs.dataflash import read_dataflash
from windsock.agent.logs.flightlog import Buffer, FlightLog, LogError
from windsock.agent.logs.ulog import MAGIC as ULOG_MAGIC
from windsock.agent.logs.ulog import read_ulog

_SNIFF_BYTES = 65536
_DATAFLASH_FMT = b"\xa3\x95\x80"

_REFUSALS = (
    (b"ULogEnc", "encrypted ULog (ULogEnc): the key stays with the maker"),
    (b"\x1f\x8b", "compressed file (gzip): unpack it first"),
    (b"PK\x03\x04", "compressed file (zip): unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "compressed file (7-Zip): unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed file (zstd): unpack it first"),
)
_MAVLINK_STX = (0xFE, 0xFD)  # MAVLink 1 and 2


def read_flight_log(data: Buffer, wanted: Collection[str] | None = None) -> FlightLog:
    """Read a ULog or a DataFlash log from the bytes of a whole or a damaged file.

    `wanted` names the topics or messages to materialise as tables; None means all. Parameters,
    messages and info are always read. Raises LogError, and nothing else, for what is no such log.
    """
    buffer = np.frombuffer(data, dtype=np.uint8)
    names = None if wanted is None else frozenset(wanted)
    head = buffer[:_SNIFF_BYTES].tobytes()
    if head.startswith(ULOG_MAGIC):
        return read_ulog(buffer, names)
    refusal = _refusal(head)
    if refusal:
        raise LogError(refusal)
    return read_dataflash(buffer, names)


def _refusal(head: bytes) -> str | None:
    if not head:
        return "empty file"
    for magic, reason in _REFUSALS:
        if head.startswith(magic):
            return reason
    if _DATAFLASH_FMT in head:
        return None
    if b"FMT, 128, 89" in head or head.lstrip().startswith(b"FMT,"):
        return "DataFlash text log: only binary .bin logs are read"
    if _is_telemetry(head):
        return "Telemetry log (.tlog): it is what a ground station saw, not the autopilot's log"
    if not head.strip(b"\x00\xff"):
        return "blank file: nothing but zeros or erased flash"
    return "not a flight log"


def _is_telemetry(head: bytes) -> bool:
    """Tell a tlog: an 8-byte big-endian time in microseconds before each MAVLink frame."""
    year_2001_us, year_2100_us = 978_307_200_000_000, 4_102_444_800_000_000
    stamp_us = int.from_bytes(head[:8], "big")
    return (
        len(head) > 8 and head[8] in _MAVLINK_STX and year_2001_us < stamp_us < year_2100_us
    )
