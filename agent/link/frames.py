"""MAVLink 1 and 2 frames in a stream of bytes: what is none is skipped and counted. Pure.

::

    MAVLink 1   fe length sequence system component id                payload checksum
    MAVLink 2   fd length incompat compat sequence system component id id id payload checksum
                and 13 bytes of signature where incompat says so

A frame is believed once its checksum holds. One of an id that the dialect doesn't know has no
checksum that could be computed: it is let go whole where a frame begins right behind it. After
anything else the search goes on at the very next byte, so damage never takes an undamaged
neighbour with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

V1, V2 = 0xFE, 0xFD
_HEADER: Final = {V1: 6, V2: 10}
_CHECKSUM: Final = 2
_LEAST: Final = 3
"""Bytes that tell how long a frame is."""
_SIGNATURE: Final = 13
_SIGNED: Final = 1
_SEQUENCES: Final = 256
_START: Final = (V1, V2)


class Frame(NamedTuple):
    """One whole frame."""

    system: int
    component: int
    message_id: int
    sequence: int
    raw: bytes

    @property
    def mavlink1(self) -> bool:
        """True for the old format."""
        return self.raw[0] == V1


@dataclass
class Counts:
    """What came over a link."""

    bytes: int = 0
    frames: int = 0
    unknown: int = 0
    """Frames of message ids that the dialect doesn't know."""
    corrupt: int = 0
    """Frames of known ids whose checksum didn't hold."""
    foreign_bytes: int = 0
    """Bytes that belong to no frame."""
    lost: int = 0
    """Frames that never came, by the gaps in each sender's sequence."""


@dataclass
class Splitter:
    """Finds frames. *crc_extra* and *checksum* are the dialect's."""

    crc_extra: Callable[[int], int | None]
    checksum: Callable[[bytes], int]
    counts: Counts = field(default_factory=Counts)
    _rest: bytes = b""
    _sequences: dict[tuple[int, int], int] = field(default_factory=dict)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that *data* completes."""
        self.counts.bytes += len(data)
        buffer, at, frames = self._rest + data, 0, []
        while True:
            at = self._skipped(buffer, at)
            length = _frame_length(buffer, at)
            if length is None or at + length > len(buffer):
                break
            frame = self._frame(buffer[at : at + length]) if length else None
            if frame is not None:
                frames.append(frame)
                self._count(frame)
                at += length
            elif length and self._is_unknown(buffer, at, length):
                self.counts.unknown += 1
                at += length
            else:
                self.counts.foreign_bytes += 1
                at += 1
        self._rest = buffer[at:]
        return frames

    def _skipped(self, buffer: bytes, at: int) -> int:
        """Where the next byte is that may begin a frame."""
        start = at
        while start < len(buffer) and buffer[start] not in _START:
            start += 1
        self.counts.foreign_bytes += start - at
        return start

    def _frame(self, raw: bytes) -> Frame | None:
        message_id = _message_id(raw)
        extra = self.crc_extra(message_id)
        if extra is None:
            return None
        end = _HEADER[raw[0]] + raw[1]
        said = int.from_bytes(raw[end : end + _CHECKSUM], "little")
        if self.checksum(raw[1:end] + bytes([extra])) != said:
            self.counts.corrupt += 1
            return None
        sequence, system, component = raw[2:5] if raw[0] == V1 else raw[4:7]
        return Frame(system, component, message_id, sequence, raw)

    def _is_unknown(self, buffer: bytes, at: int, length: int) -> bool:
        """A frame nobody can check, with another frame or nothing yet behind it."""
        if self.crc_extra(_message_id(buffer[at : at + length])) is not None:
            return False
        behind = at + length
        return behind == len(buffer) or buffer[behind] in _START

    def _count(self, frame: Frame) -> None:
        self.counts.frames += 1
        sender = frame.system, frame.component
        before = self._sequences.get(sender)
        self._sequences[sender] = frame.sequence
        if before is not None:
            self.counts.lost += (frame.sequence - before - 1) % _SEQUENCES


def _frame_length(buffer: bytes, at: int) -> int | None:
    """How long the frame is that may begin here.

    None where that isn't known yet, 0 for flags of MAVLink 2 that forbid to read on.
    """
    if at + _LEAST > len(buffer):
        return None
    header = _HEADER[buffer[at]]
    flags = buffer[at + 2] if buffer[at] == V2 else 0
    if flags & ~_SIGNED:
        return 0
    if at + header > len(buffer):
        return None
    return header + buffer[at + 1] + _CHECKSUM + (_SIGNATURE if flags else 0)


def _message_id(raw: bytes) -> int:
    return raw[5] if raw[0] == V1 else int.from_bytes(raw[7:10], "little")
