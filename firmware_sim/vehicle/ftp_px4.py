"""MAVLink FTP as PX4 serves it: one session, number 0, that dies young in 1.16 and 1.17."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from windsock.firmware_sim.vehicle.card import Card
from windsock.firmware_sim.vehicle.enums import Nak, Opcode
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.ftp import DATA_B, Ftp, checksum, listing, packed
from windsock.firmware_sim.vehicle.model import SECOND_US
from windsock.firmware_sim.vehicle.pace import Pace
from windsock.firmware_sim.vehicle.storage import Log

_BURST_B: Final = 35_000
_IDLE_US: Final = 10 * SECOND_US
# `.` and `..`, and whatever is neither file nor folder: listed without a name, and counted.
_PLACEHOLDERS: Final = [b"S\0", b"S\0"]


@dataclass
class _Session:
    log: Log
    size: int
    opened_us: int


@dataclass
class _Burst:
    request: Ftp
    offset: int
    packets: int = 0
    sent_b: int = 0


class Px4Ftp:
    """Answers at once, between the packets of a burst too. A new burst replaces the old one."""

    def __init__(self, card: Card, bytes_per_s: int, session_limit_us: int | None) -> None:
        self._card = card
        self._answers: deque[Ftp] = deque()
        self._session: _Session | None = None
        self._burst: _Burst | None = None
        self._asked_us = 0
        self._last: Ftp | None = None
        self._pace = Pace(bytes_per_s)
        self._limit_us = session_limit_us

    def hear(self, message: Message, now_us: int) -> None:
        """Answer a request, or start a burst."""
        request = Ftp.read(message)
        self._expire(now_us)
        self._asked_us = now_us
        last = self._last
        if last and (last.peer, last.seq) == (request.peer, (request.seq + 1) % 65536):
            self._answers.append(last)
            return
        answer = self._answer(request, now_us)
        if answer:
            # Larger answers have no side effects and are worked out again.
            self._last = answer if answer.size <= 4 else None  # noqa: PLR2004 - see above
            self._answers.append(answer)

    def due_us(self) -> int | None:
        """When there is something to send."""
        if self._answers:
            return 0
        return self._pace.next_us if self._burst else None

    def emit(self, now_us: int) -> Message | None:
        """The next answer, or the next packet of the burst."""
        self._expire(now_us)
        if self._answers:
            return self._answers.popleft().message()
        if self._burst is None or self._session is None:
            return None
        answer = self._stream(self._burst, self._session)
        self._pace.spend(answer.size, now_us)
        return answer.message()

    def _expire(self, now_us: int) -> None:
        """Close the session that is too old or that nobody has asked about for 10 s."""
        session = self._session
        if session is None:
            return
        cut = self._limit_us is not None and now_us - session.opened_us >= self._limit_us
        if cut and self._burst:
            burst = self._burst
            said = burst.request._replace(seq=burst.request.seq + burst.packets)
            self._answers.append(said.nak(Nak.NO_SESSIONS_AVAILABLE))
        if cut or now_us - self._asked_us >= _IDLE_US:
            self._close()

    def _answer(self, request: Ftp, now_us: int) -> Ftp | None:
        opcode = request.opcode
        if opcode == Opcode.OPEN_FILE_RO:
            return self._open_file(request, now_us)
        if opcode == Opcode.TERMINATE_SESSION:
            if self._session is None or request.session:
                return request.nak(Nak.INVALID_SESSION)
            self._close()
            return request.ack()
        if opcode == Opcode.RESET_SESSIONS:
            self._close()
            return request.ack()
        if opcode in (Opcode.READ_FILE, Opcode.BURST_READ_FILE):
            return self._read(request)
        return self._look_up(request)

    def _look_up(self, request: Ftp) -> Ftp:
        """What needs no session."""
        if request.opcode == Opcode.NONE:
            return request.ack()
        if request.opcode == Opcode.LIST_DIRECTORY:
            return self._list(request)
        if request.opcode == Opcode.CALC_FILE_CRC32:
            log = self._card.files().get(request.path)
            return request.ack(checksum(log)) if log else request.nak(Nak.FAIL_ERRNO)
        return request.nak(Nak.UNKNOWN_COMMAND)

    def _list(self, request: Ftp) -> Ftp:
        entries = listing(self._card.files().items(), request.path)
        if entries is None:
            return request.nak(Nak.FILE_NOT_FOUND)
        data = packed([*_PLACEHOLDERS, *entries][request.offset :])
        return request.ack(data) if data else request.nak(Nak.EOF)

    def _open_file(self, request: Ftp, now_us: int) -> Ftp:
        if self._session:
            return request.nak(Nak.NO_SESSIONS_AVAILABLE)
        log = self._card.files().get(request.path)
        if log is None:
            return request.nak(Nak.FILE_NOT_FOUND)
        self._session = _Session(log, log.size, now_us)
        return request.ack(log.size.to_bytes(4, "little"), session=0)

    def _read(self, request: Ftp) -> Ftp | None:
        session = self._session
        bursting = request.opcode == Opcode.BURST_READ_FILE
        if session is None and bursting and not request.session:
            return request.nak(Nak.FAIL_ERRNO)  # it tries to read from what is closed (src)
        if session is None or request.session:
            return request.nak(Nak.INVALID_SESSION)
        if bursting:
            self._burst = _Burst(request, request.offset)
            return None
        if request.offset >= session.size:
            return request.nak(Nak.EOF)
        return request.ack(session.log.read(request.offset, min(request.size, DATA_B)))

    def _stream(self, burst: _Burst, session: _Session) -> Ftp:
        """The next packet: 239 bytes whatever was asked for. After 35,000 bytes the burst ends."""
        request = burst.request._replace(
            seq=burst.request.seq + burst.packets, offset=burst.offset, session=0
        )
        data = session.log.read(burst.offset, DATA_B) if burst.offset < session.size else b""
        burst.packets += 1
        burst.offset += len(data)
        burst.sent_b += len(data)
        complete = burst.sent_b > _BURST_B
        if complete or not data:
            self._burst = None
        if not data:
            return request.nak(Nak.EOF)
        return request.ack(data)._replace(burst_complete=complete)

    def _close(self) -> None:
        self._session = self._burst = None
