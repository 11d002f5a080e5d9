"""One log by FTP: bursts where nothing is known, single blocks into the gaps they leave. Pure.

A burst runs by itself until the drone ends it; what gets lost is asked for block by block,
several questions under way, as soon as it is over. Answers come in the order of the questions, so
a question that a later one overtook is lost and asked again without waiting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from windsock.agent.download import ftp_payload
from windsock.agent.download.ftp import SEQUENCES, Ftp, sequence_after
from windsock.agent.download.ftp_payload import DATA_BYTES, FtpPacket
from windsock.agent.download.round_trip import RoundTrip, limited
from windsock.agent.download.shelf import Part
from windsock.agent.download.tasks import (
    SECOND_US,
    MethodFailedError,
    Task,
    Wait,
    clock,
)
from windsock.agent.link.dialect import Message
from windsock.agent.link.whitelist import BURST, READ

_WINDOW: Final = 4
"""Questions under way: ArduPilot queues 5."""
_SHORT_TAIL: Final = 8 * DATA_BYTES
"""Not worth a burst."""
_PACKETS_OF_SILENCE: Final = 12
_VAIN: Final = 12
"""Time-outs in a row after which this way has failed."""
_REOPENINGS: Final = 5
"""Sessions lost in a row without a byte in between."""
_SESSION_GONE: Final = (
    ftp_payload.FAIL,
    ftp_payload.INVALID_SESSION,
    ftp_payload.NO_SESSIONS,
    ftp_payload.FILE_NOT_FOUND,
)


class _SessionGoneError(Exception):
    """The drone has closed the file: a reboot, or PX4 after 4.7 s."""


@dataclass
class _Asked:
    offset: int
    end: int
    sent_us: int


class FtpFetch:
    """Fetches one log. Keeps its session from one stint to the next."""

    def __init__(self, ftp: Ftp, path: str, part: Part) -> None:
        self._ftp = ftp
        self._path = path
        self._part = part
        self._session: int | None = None
        self._opened = 0
        self._asked: dict[int, _Asked] = {}
        self._burst_us: int | None = None
        """When the burst that runs was last heard of."""
        self._burst_heard = True
        self._burst_sequence = 0
        self._doubtful = False
        """A burst fell silent: a single block shows whether it is over."""
        self._round_trip = RoundTrip()
        self._interval_us = 0.0
        self._vain = 0
        self.bytes_in = 0
        """Of payload, whatever came twice included."""

    def stint(self, budget_us: int) -> Task[None]:
        """Fetch for about so long, or until all is here.

        A burst is waited for. Raises LogGoneError, MethodFailedError or NoAnswerError.
        """
        lost = 0
        now_us = yield from clock()
        until_us = now_us + budget_us
        while not self._complete:
            before = self._part.ranges.total
            try:
                if self._session is None:
                    yield from self._open()
                if (yield from self._work(until_us)):
                    return
            except _SessionGoneError:
                self._forget()
                lost = 0 if self._part.ranges.total > before else lost + 1
                if lost > _REOPENINGS:
                    raise MethodFailedError("FTP sessions end at once") from None

    def confirm(self, count: int) -> Task[bool]:
        """Whether the first *count* bytes and the last of the beginning are what is here."""
        if self._session is None:
            yield from self._open()
        beginning = self._part.ranges.beginning
        count = min(count, beginning, DATA_BYTES)
        for offset in (0, beginning - count):
            packet = yield from self._ftp.ask(READ, session=self._session or 0, offset=offset)
            if packet.data[:count] != self._part.read(offset, count):
                return False
        return True

    def close(self) -> Task[None]:
        """End the session."""
        if self._session is not None:
            yield from self._ftp.end(self._session)
        self._forget()

    @property
    def _complete(self) -> bool:
        return self._part.ranges.total >= self._part.size

    def _open(self) -> Task[None]:
        self._session, size = yield from self._ftp.begin(self._path)
        _, self._opened = self._ftp.question(READ)
        if size > self._part.size:
            self._part.grow(size)

    def _forget(self) -> None:
        self._session = self._burst_us = None
        self._asked.clear()
        self._doubtful = False

    def _work(self, until_us: int) -> Task[bool]:
        """True when all is here or the time is over, and nothing is under way."""
        got = yield Wait(0)
        while True:
            self._expire(got.now_us)
            idle = self._burst_us is None and not self._asked
            if idle and (self._complete or got.now_us >= until_us):
                return True
            questions = [] if self._complete else list(self._questions(got.now_us))
            got = yield Wait(self._timeout_us(got.now_us), questions)
            packet = self._ftp.answer(got.message)
            if packet is not None:
                self._take(packet, got.now_us)
                if self._complete:
                    self._burst_us = None
                    self._asked.clear()

    def _questions(self, now_us: int) -> Iterator[Message]:
        if self._burst_us is not None:
            return
        gaps = list(self._part.ranges.missing(self._part.size))
        tail = gaps[-1][0] if gaps[-1][1] == self._part.size else self._part.size
        burst = self._part.size - tail > _SHORT_TAIL
        if burst:
            gaps[-1:] = [(tail, tail + DATA_BYTES)] if self._doubtful else []
        under_way = {asked.offset for asked in self._asked.values()}
        for offset, end in _blocks(gaps):
            if len(self._asked) >= _WINDOW:
                return
            if offset not in under_way:
                yield self._ask_block(offset, end, now_us)
        if burst and not self._asked:
            yield self._ask_burst(tail, now_us)

    def _ask_block(self, offset: int, end: int, now_us: int) -> Message:
        message, sequence = self._ftp.question(
            READ, session=self._session or 0, offset=offset, size=end - offset
        )
        self._asked[sequence] = _Asked(offset, end, now_us)
        return message

    def _ask_burst(self, offset: int, now_us: int) -> Message:
        message, self._burst_sequence = self._ftp.question(
            BURST, session=self._session or 0, offset=offset, size=DATA_BYTES
        )
        self._burst_us, self._burst_heard = now_us, False
        return message

    def _take(self, packet: FtpPacket, now_us: int) -> None:
        if not sequence_after(packet.sequence, self._opened):
            return  # of a file opened before
        if packet.error is not None:
            self._refused(packet)
        elif packet.asked == BURST:
            self._burst_packet(packet, now_us)
        elif packet.asked == READ:
            self._block(packet, now_us)

    def _refused(self, packet: FtpPacket) -> None:
        if packet.asked not in (BURST, READ):
            return
        if packet.error in _SESSION_GONE:
            raise _SessionGoneError
        if packet.asked == BURST:
            ours = self._burst_us is not None and self._is_current(packet)
            early = ours and not self._burst_heard
            self._burst_us = None if ours else self._burst_us
        else:
            early = self._asked.pop((packet.sequence - 1) % SEQUENCES, None) is not None
        if early and packet.error == ftp_payload.EOF:
            raise MethodFailedError("the log is shorter than it was")

    def _burst_packet(self, packet: FtpPacket, now_us: int) -> None:
        self._keep(packet.offset, packet.data)
        if self._burst_us is not None and self._burst_heard:
            interval_us = now_us - self._burst_us
            self._interval_us += (interval_us - self._interval_us) / 8
        over = packet.burst_complete and (self._burst_us is None or self._is_current(packet))
        self._burst_us = None if over else now_us
        self._burst_heard, self._doubtful = True, False

    def _is_current(self, packet: FtpPacket) -> bool:
        """Of the burst last asked for, not of one before that still ran."""
        return sequence_after(packet.sequence, self._burst_sequence)

    def _block(self, packet: FtpPacket, now_us: int) -> None:
        sequence = (packet.sequence - 1) % SEQUENCES
        asked = self._asked.pop(sequence, None)
        if asked is None:
            self.bytes_in += len(packet.data)
            return
        self._keep(asked.offset, packet.data[: asked.end - asked.offset])
        self._doubtful = False
        self._round_trip.took(now_us - asked.sent_us)
        for earlier in [one for one in self._asked if sequence_after(sequence, one)]:
            del self._asked[earlier]

    def _keep(self, offset: int, data: bytes) -> None:
        self.bytes_in += len(data)
        data = data[: max(0, self._part.size - offset)]
        if data:
            self._part.write(offset, data)
            self._vain = 0

    def _expire(self, now_us: int) -> None:
        """Give up what has been silent too long."""
        if self._burst_us is not None and now_us - self._burst_us >= self._silence_us:
            self._burst_us = None
            self._doubtful = True
            self._vain += 1
        limit_us = self._round_trip.limit_us
        for sequence in [s for s, a in self._asked.items() if now_us - a.sent_us >= limit_us]:
            del self._asked[sequence]
            self._vain += 1
        if self._vain > _VAIN * _WINDOW:
            self._vain = 0
            raise MethodFailedError("no answers to FTP")

    def _timeout_us(self, now_us: int) -> int:
        waits = [asked.sent_us + self._round_trip.limit_us for asked in self._asked.values()]
        if self._burst_us is not None:
            waits.append(self._burst_us + self._silence_us)
        return max(0, min(waits, default=now_us + SECOND_US) - now_us)

    @property
    def _silence_us(self) -> int:
        if not self._interval_us or not self._burst_heard:
            return max(SECOND_US, self._round_trip.limit_us)
        return limited(_PACKETS_OF_SILENCE * self._interval_us)


def _blocks(gaps: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in gaps:
        for offset in range(start, end, DATA_BYTES):
            yield offset, min(offset + DATA_BYTES, end)
