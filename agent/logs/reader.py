"""Tells log formats apart by their first bytes and reads those that are flight logs."""

import io
from collections.abc import Collection, Mapping

import numpy as np

from windsock.agent.logs.dataflash import read_dataflash
from windsock.agent.logs.flightlog import Buffer, FlightLog, LogError
from windsock.agent.logs.pieces import BinaryFile, Pieces
from windsock.agent.logs.preferences import Preferred
from windsock.agent.logs.rows import Wanted
from windsock.agent.logs.ulog import MAGIC as ULOG_MAGIC
from windsock.agent.logs.ulog import read_ulog

_SNIFF_BYTES = 65536
_ULOG_FIELD = b":uint64_t timestamp;"  # in its definitions, where the first sector is lost
_TEXT_LOG = "DataFlash text log: only binary .bin logs are read"
_TELEMETRY = "Telemetry log (.tlog): what a ground station received, not the autopilot's own log"
_BEGINNINGS = (
    (b"ULogEnc", "encrypted ULog (ULogEnc): the key stays with the maker"),
    (b"\x1f\x8b", "compressed file (gzip): unpack it first"),
    (b"PK\x03\x04", "compressed file (zip): unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "compressed file (7-Zip): unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed file (zstd): unpack it first"),
    (b"FMT,", _TEXT_LOG),
)
_STAMP = slice(0, 8)  # of a telemetry log: microseconds since 1970 before each MAVLink frame
_STX = slice(8, 9)
_MAVLINK_1_AND_2 = (b"\xfe", b"\xfd")
_YEAR_2001_US, _YEAR_2100_US = 978_307_200_000_000, 4_102_444_800_000_000


def read_flight_log(
    source: Buffer | BinaryFile,
    wanted: Mapping[str, Collection[str]] | Collection[str] | None = None,
    preferred: Preferred = (),
) -> FlightLog:
    """Read a ULog or a DataFlash log, whole or damaged, from its bytes or an open binary file.

    `wanted` names the topics or messages to materialise as tables, and maybe for each the fields
    to keep; None means all. Of each list in `preferred` only the first group with values has to be
    kept. Parameters, messages and info are always read. Raises LogError for what is no such log,
    OSError as the file does, and nothing else.
    """
    pieces = Pieces(_as_file(source))
    if not pieces.size:
        raise LogError("empty file")
    fields = wanted if wanted is None or isinstance(wanted, Mapping) else dict.fromkeys(wanted)
    head = pieces.buffer[:_SNIFF_BYTES].tobytes()
    if head.startswith(ULOG_MAGIC) or _ULOG_FIELD in head:
        return read_ulog(pieces, Wanted(fields, preferred))
    reason = _why_not(head)
    if reason:
        raise LogError(reason)
    return read_dataflash(pieces, Wanted(fields, preferred))


def _as_file(source: Buffer | BinaryFile) -> BinaryFile:
    if isinstance(source, np.ndarray):
        return io.BytesIO(source.data)
    return io.BytesIO(source) if isinstance(source, (bytes, bytearray, memoryview)) else source


def _why_not(head: bytes) -> str | None:
    """Return what a file is that certainly is no flight log, judged by its beginning."""
    for beginning, reason in _BEGINNINGS:
        if head.startswith(beginning):
            return reason
    if b"\nFMT, 128, 89," in head:
        return _TEXT_LOG
    stamp_us = int.from_bytes(head[_STAMP], "big")
    if head[_STX] in _MAVLINK_1_AND_2 and _YEAR_2001_US < stamp_us < _YEAR_2100_US:
        return _TELEMETRY
    return None
