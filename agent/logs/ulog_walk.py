"""A pass over a ULog: the piece it is in, the section it is in, and what it has found."""

import struct
from typing import TYPE_CHECKING

import numpy as np

from windsock.agent.logs.chain import PieceWalk
from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.ulog_definitions import Definitions

if TYPE_CHECKING:
    from windsock.agent.logs.ulog_messages import Message

HEADER_SIZE = 3
HEADER = struct.Struct("<HB")
WINDOW_MIN = 1 << 14
_SAID_MAX, _SAID_BYTES_MAX = 1 << 17, 1 << 24


class Walk(PieceWalk):
    """A pass over a ULog; `others`, the messages that are no data, have their file offset."""

    __slots__ = ("_room", "border", "definitions", "others", "window")

    def __init__(self, pieces: Pieces, position: int, definitions: Definitions) -> None:
        super().__init__(pieces, position, np.empty(0, np.uint16))
        self.window = WINDOW_MIN  # bytes to look at together: few until topics are known
        self.definitions = definitions
        self.others: list[Message] = []
        self._room = _SAID_BYTES_MAX
        self.border = pieces.size  # file offset beyond which no message of this section reaches

    def keep(self, message: "Message") -> None:
        """Keep what was said, unless the log says far more than any firmware."""
        self._room -= len(message.payload)
        if len(self.others) < _SAID_MAX and self._room >= 0:
            self.others.append(message)

    @property
    def view(self) -> memoryview:
        """The same, for reading one message."""
        return self.pieces.buffer.data

    @property
    def end(self) -> int:
        """No message in this piece reaches beyond."""
        return min(self.border - self.pieces.base, len(self.pieces.buffer))

    @property
    def is_at_border(self) -> bool:
        """Whether the section ends in this piece."""
        return self.border - self.pieces.base <= len(self.pieces.buffer)

    @property
    def limit(self) -> int:
        """Messages that begin before it can be judged by what follows them."""
        return self.end if self.is_at_border else self.end - self.pieces.reach

    def header(self, start: int) -> tuple[int, int]:
        """Return the end and the type of the message at `start`; (0, 0) beyond the section."""
        if start + HEADER_SIZE > self.end:
            return 0, 0
        size, kind = HEADER.unpack_from(self.view, start)
        return start + HEADER_SIZE + size, kind
