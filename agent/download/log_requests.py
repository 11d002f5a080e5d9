"""LOG_REQUEST_*: the list of logs, and ranges of one. Pure.

Where a transfer blocks arming (ArduPilot) this is used in the service mode only. Ranges take at
most 2 s of link time, so that a transfer whose agent died ends by itself soon.
"""

from dataclasses import dataclass
from typing import Final

from windsock.agent.download.listing import LogFile
from windsock.agent.download.ranges import Range
from windsock.agent.download.round_trip import RoundTrip, limited
from windsock.agent.download.shelf import Part
from windsock.agent.download.tasks import (
    SECOND_US,
    Got,
    MethodFailedError,
    Task,
    Wait,
    clock,
    pause,
)
from windsock.agent.link.dialect import (
    LogData,
    LogEntry,
    LogRequestData,
    LogRequestEnd,
    LogRequestList,
)
from windsock.agent.link.outlet import Outlet
from windsock.agent.link.vehicles import Node

BLOCK: Final = 90
_ALL: Final = 0xFFFF
_SILENCE_US: Final = SECOND_US
_PACKETS_OF_SILENCE: Final = 12
_LIST_TRIES: Final = 6
_VAIN: Final = 12
"""Requests in a row that bring nothing, after which this way has failed."""
_DRAIN_US: Final = 400_000
"""Old packets come so long after an END."""
_FIRST_RANGE: Final = 4_500
_RANGE_US: Final = 1_800_000
"""Of link time at the measured rate: 2 s with what the rate may vary by."""
_LONGEST_RANGE: Final = 900_000
_GROWTH: Final = 4
_MERGED_GAP: Final = 2 * BLOCK
"""Asking anew costs more than fetching so much twice."""


@dataclass
class LogRequests:
    """Requests to one drone. *one_at_a_time*: a transfer drops new requests (ArduPilot)."""

    drone: Node
    outlet: Outlet
    one_at_a_time: bool

    def entries(self) -> Task[list[LogFile]]:
        """All logs. Raises MethodFailedError where the drone doesn't list any way."""
        found: dict[int, LogFile] = {}
        count: int | None = None
        first, last = 0, _ALL
        for _ in range(_LIST_TRIES):
            request = LogRequestList(self.drone.system, self.drone.component, first, last)
            got = yield Wait(_SILENCE_US, [request])
            limit_us = got.now_us + _SILENCE_US
            while got.message is not None and got.now_us < limit_us:
                if isinstance(got.message, LogEntry):
                    limit_us = got.now_us + _SILENCE_US
                    count = _note(found, got.message)
                    if len(found) >= count:
                        self.outlet.transferring = False
                        return [log for log in found.values() if log.size]
                got = yield Wait(limit_us - got.now_us)
            yield from self.end()
            first, last = _unlisted(found, count)
        raise MethodFailedError("the drone does not list its logs")

    def data(self, log_id: int, offset: int, count: int) -> LogRequestData:
        """The request for a range."""
        return LogRequestData(self.drone.system, self.drone.component, log_id, offset, count)

    def end(self) -> Task[None]:
        """End what may still run of ours, and let old packets pass by."""
        if self.outlet.transferring and self.one_at_a_time:
            yield Wait(0, [LogRequestEnd(self.drone.system, self.drone.component)])
            yield from pause(_DRAIN_US)


def _note(found: dict[int, LogFile], entry: LogEntry) -> int:
    """Keep an entry; how many there are. None at all is said by one with id 0 and no size."""
    if entry.num_logs:
        log = LogFile(entry.size, log_id=entry.id, time_s=entry.time_utc)
        found[entry.id] = log
    return int(entry.num_logs)


def _unlisted(found: dict[int, LogFile], count: int | None) -> Range:
    """Which ids to ask for again: never beyond those there are, or ArduPilot counts to 65535."""
    if not found or count is None:
        return 0, _ALL
    base = 0 if 0 in found else 1
    missing = [number for number in range(base, base + count) if number not in found]
    return (missing[0], missing[-1]) if missing else (0, _ALL)


class LogDataFetch:
    """Fetches one log by ranges."""

    def __init__(self, requests: LogRequests, log_id: int, part: Part) -> None:
        self._requests = requests
        self._log_id = log_id
        self._part = part
        self._range = _FIRST_RANGE
        self._interval_us = 0.0
        self._round_trip = RoundTrip()
        self._vain = 0
        self.bytes_in = 0
        """Of payload, whatever came twice included."""

    def stint(self, budget_us: int) -> Task[None]:
        """Fetch for about so long, or until all is here. Raises MethodFailedError."""
        now_us = yield from clock()
        until_us = now_us + budget_us
        while not self._complete and now_us < until_us:
            gap = next(self._part.ranges.missing(self._part.size))
            now_us = yield from self._fill(gap[0], min(gap[1], gap[0] + self._range), now_us)

    def confirm(self, count: int) -> Task[bool]:
        """Whether the first *count* bytes and the last of the beginning are what is here."""
        beginning = self._part.ranges.beginning
        count = min(count, beginning)
        for offset in (0, beginning - count):
            data = yield from self._peek(offset, count)
            if data != self._part.read(offset, count):
                return False
        return True

    def close(self) -> Task[None]:
        """End what may still run."""
        yield from self._requests.end()

    @property
    def _complete(self) -> bool:
        return self._part.ranges.total >= self._part.size

    def _fill(self, start: int, end: int, now_us: int) -> Task[int]:
        """Get all of a range, its gaps one after the other; the time afterwards."""
        began_us = now_us
        while True:
            gaps = _together(list(self._part.ranges.missing(end, start)))
            if not gaps:
                break
            for gap in gaps:
                now_us = yield from self._stream(*gap)
        if end - start == self._range:
            self._resize(end - start, now_us - began_us)
        return now_us

    def _resize(self, count: int, took_us: int) -> None:
        fitting = count * _RANGE_US // max(took_us, 1)
        fitting = min(fitting, self._range * _GROWTH, _LONGEST_RANGE)
        self._range = max(fitting // BLOCK * BLOCK, 8 * BLOCK)

    def _stream(self, start: int, end: int) -> Task[int]:
        """Ask for a range once and keep what comes; the time afterwards."""
        before = self._part.ranges.total
        asked_us = heard_us = yield from clock()
        request = self._requests.data(self._log_id, start, end - start)
        got = yield Wait(self._round_trip.limit_us, [request])
        while got.message is not None:
            if self._keep(got, start, end):
                self._note_time(asked_us, heard_us, got.now_us)
                heard_us = got.now_us
                if _reaches(got.message, end):
                    self._requests.outlet.transferring = False
                    self._vain = 0
                    return got.now_us
            silence_us = self._silence_us if heard_us > asked_us else self._round_trip.limit_us
            got = yield Wait(max(0, heard_us + silence_us - got.now_us))
        self._note_silence(self._part.ranges.total - before)
        yield from self._requests.end()
        return got.now_us

    def _keep(self, got: Got, start: int, end: int) -> bool:
        """Write a packet of ours; False for any other message."""
        message = got.message
        if not isinstance(message, LogData) or message.id != self._log_id:
            return False
        if not start <= message.ofs < end:
            return False
        data = bytes(message.data[: message.count])[: max(0, self._part.size - message.ofs)]
        self.bytes_in += message.count
        if data:
            self._part.write(message.ofs, data)
        return True

    def _note_time(self, asked_us: int, heard_us: int, now_us: int) -> None:
        if heard_us == asked_us:
            self._round_trip.took(now_us - asked_us)
        else:
            self._interval_us += (now_us - heard_us - self._interval_us) / 8

    def _note_silence(self, gained: int) -> None:
        self._vain = 0 if gained else self._vain + 1
        if self._vain > _VAIN:
            self._vain = 0
            raise MethodFailedError("no answers to LOG_REQUEST_DATA")

    def _peek(self, offset: int, count: int) -> Task[bytes]:
        """Bytes of the log, without keeping them. Raises MethodFailedError."""
        for _ in range(_VAIN):
            pieces: dict[int, bytes] = {}
            request = self._requests.data(self._log_id, offset, count)
            got = yield Wait(_SILENCE_US, [request])
            limit_us = got.now_us + _SILENCE_US
            while got.message is not None and got.now_us < limit_us:
                message = got.message
                if isinstance(message, LogData) and message.id == self._log_id:
                    pieces[message.ofs] = bytes(message.data[: message.count])
                    found = _joined(pieces, offset, count)
                    if found is not None:
                        self._requests.outlet.transferring = False
                        return found
                got = yield Wait(limit_us - got.now_us)
            yield from self._requests.end()
        raise MethodFailedError("no answers to LOG_REQUEST_DATA")

    @property
    def _silence_us(self) -> int:
        return limited(_PACKETS_OF_SILENCE * self._interval_us)


def _reaches(message: object, end: int) -> bool:
    """True for the last packet of a range, or of the log."""
    return isinstance(message, LogData) and (
        message.ofs + message.count >= end or message.count < BLOCK
    )


def _together(gaps: list[Range]) -> list[Range]:
    """Gaps so close that one request for both is cheaper."""
    merged: list[Range] = []
    for start, end in gaps:
        if merged and start - merged[-1][1] <= _MERGED_GAP:
            merged[-1] = merged[-1][0], end
        else:
            merged.append((start, end))
    return merged


def _joined(pieces: dict[int, bytes], offset: int, count: int) -> bytes | None:
    """The bytes asked for, once there is no gap among the pieces."""
    data = b""
    while len(data) < count:
        piece = pieces.get(offset + len(data))
        if not piece:
            return None
        data += piece
    return data[:count]
