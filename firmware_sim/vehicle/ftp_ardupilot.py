"""MAVLink FTP as ArduPilot serves it: one open file for everybody, one request after the other."""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from windsock.firmware_sim.vehicle.card import Card
from windsock.firmware_sim.vehicle.enums import Nak, Opcode
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.ftp import DATA_B, Ftp, checksum, listing, packed
from windsock.firmware_sim.vehicle.model import SECOND_US
from windsock.firmware_sim.vehicle.pace import Pace

if TYPE_CHECKING:
    from windsock.firmware_sim.vehicle.storage import Log

_QUEUE: Final = 5
_BURST_PACKETS: Final = 500
_IDLE_US: Final = 3 * SECOND_US
_KILL_US: Final = 20 * SECOND_US


@dataclass
class _Burst:
    request: Ftp
    offset: int
    sent: int = 0


class ArduPilotFtp:
    """Requests wait in a queue while a burst runs. The session number is the client's own."""

    def __init__(self, card: Card, bytes_per_s: int) -> None:
        self._card = card
        self._requests: deque[Ftp] = deque()
        self._open: Log | None = None
        self._session: int | None = None
        self._active_us = 0
        self._burst: _Burst | None = None
        self._last: Ftp | None = None
        self._pace = Pace(bytes_per_s)

    def hear(self, message: Message, _now_us: int) -> None:
        """Queue a request; a full queue loses it."""
        if len(self._requests) < _QUEUE:
            self._requests.append(Ftp.read(message))

    def due_us(self) -> int | None:
        """When there is something to send."""
        return self._pace.next_us if self._burst or self._requests else None

    def emit(self, now_us: int) -> Message | None:
        """The next answer."""
        answer = self._stream(self._burst, now_us) if self._burst else self._serve(now_us)
        if answer is None:
            return None
        self._active_us = now_us
        if self._burst or answer.req_opcode == Opcode.BURST_READ_FILE:
            self._pace.spend(answer.size, now_us)
        return answer.message()

    def _serve(self, now_us: int) -> Ftp | None:
        if self._open and now_us - self._active_us > _KILL_US:
            self._close()
        request = self._requests.popleft()
        if self._said_already(request):
            return self._last
        if request.opcode in (Opcode.ACK, Opcode.NAK):
            return None
        answer = self._answer(request, now_us)
        if self._burst:
            return self._stream(self._burst, now_us)
        self._last = answer
        return answer

    def _said_already(self, request: Ftp) -> bool:
        """Whether it is the last request over again, whose answer was lost."""
        last = self._last
        return last is not None and (last.peer, last.session, last.seq) == (
            request.peer,
            request.session,
            (request.seq + 1) % 65536,
        )

    def _answer(self, request: Ftp, now_us: int) -> Ftp | None:
        """The answer to a request, None if it starts a burst."""
        opcode = request.opcode
        if opcode in (Opcode.TERMINATE_SESSION, Opcode.RESET_SESSIONS):
            if opcode == Opcode.RESET_SESSIONS or request.session == self._session:
                self._close()
            return request.ack()
        if opcode == Opcode.OPEN_FILE_RO:
            return self._open_file(request, now_us)
        if opcode in (Opcode.READ_FILE, Opcode.BURST_READ_FILE):
            return self._read(request)
        return self._look_up(request)

    def _look_up(self, request: Ftp) -> Ftp:
        """What needs no open file."""
        if request.opcode == Opcode.NONE:
            return request.ack()
        if request.opcode == Opcode.LIST_DIRECTORY:
            entries = listing(self._card.files().items(), request.path)
            if entries is None:
                return request.nak(Nak.FILE_NOT_FOUND)
            data = packed(entries[request.offset :])
            return request.ack(data) if data else request.nak(Nak.EOF)
        if request.opcode == Opcode.CALC_FILE_CRC32:
            log = self._card.files().get(request.path)
            return request.ack(checksum(log)) if log else request.nak(Nak.FILE_NOT_FOUND)
        return request.nak(Nak.UNKNOWN_COMMAND)

    def _open_file(self, request: Ftp, now_us: int) -> Ftp:
        if self._open and now_us - self._active_us <= _IDLE_US:
            return request.nak(Nak.FAIL)
        self._close()
        log = self._card.files().get(request.path)
        if log is None:
            return request.nak(Nak.FILE_NOT_FOUND)
        self._open, self._session = log, request.session
        return request.ack(log.size.to_bytes(4, "little"))

    def _read(self, request: Ftp) -> Ftp | None:
        if self._open is None:
            return request.nak(Nak.FILE_NOT_FOUND)
        if request.session != self._session:
            return request.nak(Nak.INVALID_SESSION)
        if request.opcode == Opcode.BURST_READ_FILE:
            self._burst = _Burst(request, request.offset)
            return None
        data = self._open.read(request.offset, min(request.size, DATA_B))
        return request.ack(data) if data else request.nak(Nak.EOF)

    def _stream(self, burst: _Burst, now_us: int) -> Ftp:
        """The next packet. The last of 500 or of the file says so; after that comes a NAK EOF."""
        log = self._open
        count = burst.request.size or DATA_B
        data = log.read(burst.offset, min(count, DATA_B)) if log else b""
        request = burst.request._replace(seq=burst.request.seq + burst.sent, offset=burst.offset)
        burst.sent += 1
        burst.offset += len(data)
        full = burst.sent == _BURST_PACKETS
        if full or not data:
            self._burst = None
        if not data:
            self._last = request.nak(Nak.EOF, burst_complete=True)
            return self._last
        self._active_us = now_us
        ends = log is not None and burst.offset >= log.size
        self._last = request.ack(data)._replace(burst_complete=full or ends)
        return self._last

    def _close(self) -> None:
        self._open = self._session = None
