"""MAVLink FTP, the client: folders, opening, checksums, one question at a time. Pure.

Sources: https://mavlink.io/en/services/ftp.html and what ArduPilot and PX4 really do
(docs/agent.md): a question asked again keeps its sequence number, so that the drone says the same
again instead of doing it again; answers are told apart by what they answer.
"""

from typing import Final, NamedTuple

from windsock.agent.download import ftp_payload
from windsock.agent.download.ftp_payload import FtpPacket
from windsock.agent.download.listing import LogFile, is_log
from windsock.agent.download.round_trip import RoundTrip
from windsock.agent.download.tasks import (
    SECOND_US,
    LogGoneError,
    MethodFailedError,
    NoAnswerError,
    Task,
    Wait,
    clock,
    pause,
)
from windsock.agent.link.dialect import FileTransfer, Message
from windsock.agent.link.vehicles import Node
from windsock.agent.link.whitelist import BURST, CHECK, LIST, LOG_FOLDERS, OPEN, READ, TERMINATE

SEQUENCES: Final = 65536
_AFTER_BURST: Final = 1000
"""Packets of a burst number on from its request (500 at most): later questions stay clear."""
_FIRST_SESSION: Final = 87
"""ArduPilot adopts the client's number; ground stations begin at 0."""
_SESSIONS: Final = 256
_OPEN_PAUSE_US: Final = 4_200_000
"""ArduPilot refuses a second open within 3 s of activity, PX4 until a session has ended."""
_OPEN_TRIES: Final = 5
_CHECK_BYTES_S: Final = 200_000
"""How fast the slowest card is read for a checksum."""
_LASTLOG: Final = "LASTLOG.TXT"
_DEEPEST: Final = 2


class RefusedError(Exception):
    """The drone said no; `code` says why."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"FTP error {code}")
        self.code = code


class Patience(NamedTuple):
    """How long to wait for an answer, and how often to ask."""

    timeout_us: int
    tries: int = 10


class Ftp:
    """Questions to one drone, *us* being the system that asks."""

    def __init__(self, drone: Node, us: int, sequence: int) -> None:
        self._drone, self._us = drone, us
        # Not from 0 each time: a number said before would get the answer it got before.
        self._sequence = sequence % SEQUENCES
        self._round_trip = RoundTrip()
        self._session = _FIRST_SESSION

    def question(
        self, opcode: int, *, session: int = 0, offset: int = 0, data: bytes = b"", size: int = 0
    ) -> tuple[Message, int]:
        """A new question, and its sequence number."""
        self._sequence = (self._sequence + 1) % SEQUENCES
        sequence = self._sequence
        packet = FtpPacket(sequence, session, opcode, size, offset=offset, data=data)
        if opcode == BURST:
            self._sequence = (self._sequence + _AFTER_BURST) % SEQUENCES
        target = self._drone
        return (
            FileTransfer(0, target.system, target.component, ftp_payload.pack(packet)),
            sequence,
        )

    def answer(self, message: Message | None) -> FtpPacket | None:
        """The answer in *message*, if it is one to us."""
        if not isinstance(message, FileTransfer) or message.target_system not in (0, self._us):
            return None
        return ftp_payload.unpack(bytes(message.payload))

    def ask(
        self,
        opcode: int,
        *,
        session: int = 0,
        offset: int = 0,
        data: bytes = b"",
        patience: "Patience | None" = None,
    ) -> Task[FtpPacket]:
        """Ask until there is an answer. Raises RefusedError or NoAnswerError.

        While a burst still runs the drone answers nothing else: its packets are a sign of life.
        """
        size = ftp_payload.DATA_BYTES if opcode == READ else 0
        message, sequence = self.question(
            opcode, session=session, offset=offset, data=data, size=size
        )
        patience_us, tries = patience or Patience(self._round_trip.limit_us)
        asked_us = yield from clock()
        for attempt in range(tries):
            got = yield Wait(patience_us, [message])
            limit_us = got.now_us + patience_us
            while got.message is not None and got.now_us < limit_us:
                packet = self.answer(got.message)
                if packet is not None:
                    if _answers(packet, opcode, sequence):
                        if not attempt and opcode != CHECK:
                            self._round_trip.took(got.now_us - asked_us)
                        return _accepted(packet)
                    limit_us = got.now_us + patience_us
                got = yield Wait(limit_us - got.now_us)
        raise NoAnswerError(f"no answer to FTP opcode {opcode}")

    def folder(self, path: str) -> Task[tuple[list[LogFile], list[str]]]:
        """The files (all, not just logs) and the names of the folders in *path*.

        Raises RefusedError, also where there is no such folder.
        """
        files: list[LogFile] = []
        folders: list[str] = []
        offset = 0
        while True:
            try:
                packet = yield from self.ask(LIST, offset=offset, data=path.encode())
            except RefusedError as refusal:
                if refusal.code == ftp_payload.EOF:
                    return files, folders
                raise
            entries = [entry for entry in packet.data.split(b"\0") if entry]
            if not entries:
                return files, folders
            offset += len(entries)
            for kind, name, size in map(_entry, entries):
                if kind == "D" and name not in (".", ".."):
                    folders.append(name)
                elif kind == "F":
                    files.append(LogFile(size, f"{path}/{name}"))

    def logs(self) -> Task[tuple[list[LogFile], int | None]]:
        """All logs in the folders that autopilots use, and ArduPilot's last number.

        Raises MethodFailedError where there is no FTP.
        """
        for root in LOG_FOLDERS:
            try:
                files = yield from self._tree(root, _DEEPEST)
            except RefusedError as refusal:
                if refusal.code == ftp_payload.UNKNOWN_COMMAND:
                    raise MethodFailedError("no FTP") from refusal
                continue
            last = next((file for file in files if file.name == _LASTLOG), None)
            number = (yield from self._last_number(last)) if last is not None else None
            return [file for file in files if is_log(file.name) and file.size], number
        return [], None

    def begin(self, path: str) -> Task[tuple[int, int]]:
        """Open a file: its session and size. Raises LogGoneError, or that nobody lets us."""
        for _ in range(_OPEN_TRIES):
            self._session = self._session % (_SESSIONS - 1) + 1
            try:
                packet = yield from self.ask(OPEN, session=self._session, data=path.encode())
            except RefusedError as refusal:
                if refusal.code == ftp_payload.FILE_NOT_FOUND:
                    raise LogGoneError(path) from refusal
                yield from pause(_OPEN_PAUSE_US)
                continue
            return packet.session, int.from_bytes(packet.data[:4], "little")
        raise MethodFailedError(f"{path} can't be opened: somebody else uses FTP")

    def end(self, session: int) -> Task[None]:
        """End a session of ours. If nobody answers it ends by itself."""
        try:
            yield from self.ask(TERMINATE, session=session, patience=Patience(SECOND_US, tries=3))
        except (RefusedError, NoAnswerError):
            return

    def crc32(self, path: str, size: int) -> Task[int | None]:
        """The drone's own checksum of a file; None where it can't say. It takes its time."""
        patience_us = 2 * SECOND_US + size * SECOND_US // _CHECK_BYTES_S
        try:
            packet = yield from self.ask(
                CHECK, data=path.encode(), patience=Patience(patience_us, tries=4)
            )
        except (RefusedError, NoAnswerError):
            return None
        return int.from_bytes(packet.data[:4], "little")

    def _tree(self, path: str, depth: int) -> Task[list[LogFile]]:
        files, folders = yield from self.folder(path)
        for name in folders if depth else ():
            try:
                files += yield from self._tree(f"{path}/{name}", depth - 1)
            except RefusedError:
                continue  # gone since it was listed
        return files

    def _last_number(self, file: LogFile) -> Task[int | None]:
        """ArduPilot's LASTLOG.TXT: the number of its newest log."""
        try:
            session, _ = yield from self.begin(file.path or "")
            packet = yield from self.ask(READ, session=session)
            yield from self.end(session)
        except (LogGoneError, MethodFailedError, RefusedError):
            return None
        text = packet.data.strip(b"\0 \r\n")
        return int(text) if text.isdigit() else None


def _accepted(packet: FtpPacket) -> FtpPacket:
    if packet.error is not None:
        raise RefusedError(packet.error)
    return packet


def _answers(packet: FtpPacket, opcode: int, sequence: int) -> bool:
    return packet.asked == opcode and packet.sequence == (sequence + 1) % SEQUENCES


def _entry(entry: bytes) -> tuple[str, str, int]:
    """Kind, name and size of an entry; of other kinds than F and D only the first counts."""
    text = entry.decode("utf-8", "replace")
    name, _, size = text[1:].partition("\t")
    return text[0], name, int(size) if size.isdigit() else 0


def sequence_after(one: int, other: int) -> bool:
    """True where sequence number *one* was given after *other*."""
    return 0 < (one - other) % SEQUENCES < SEQUENCES // 2
