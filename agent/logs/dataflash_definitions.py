"""The message types of a DataFlash log, as its FMT messages define them, damaged ones mended."""

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from windsock.agent.logs.dataflash_formats import (
    FMT,
    FMT_TYPE,
    HEADER,
    Format,
    parse_format,
)
from windsock.agent.logs.dataflash_repair import is_suspect, possible_formats
from windsock.agent.logs.records import Bytes, Offsets

TYPES = 256
_NUMBER_AT = 3
_ATTEMPTS_MAX = 8
_MENDED_MAX = 512  # definitions that are compared with all messages there are: two for each type
_SAMPLE = 100  # messages of a type whose definition is damaged


class Definitions:
    """Formats by type number, and how large their messages are; 0 where not known.

    The first sound definition stays. A size may be known without a format.
    """

    __slots__ = ("_attempts", "_mended", "formats", "sizes")

    def __init__(self, formats: Mapping[int, Format] | None = None) -> None:
        self.formats = {FMT_TYPE: FMT} | dict(formats or {})
        self.sizes: Offsets = np.zeros(TYPES, np.int64)
        self._attempts: Counter[int] = Counter()  # to read a type's definition
        self._mended = 0
        for one in self.formats.values():
            self.sizes[one.number] = one.length

    def known_from_the_start(self) -> "Definitions":
        """Return definitions for another pass, with all that this one learned."""
        known = Definitions(self.formats)
        known.sizes[:] = self.sizes
        return known

    def take(self, message: bytes) -> bool:
        """Take a whole FMT message; False where it is damaged and none better was there."""
        number = message[_NUMBER_AT]
        if number in self.formats or self._attempts[number] == _ATTEMPTS_MAX:
            return True
        found = parse_format(message)
        if found and not is_suspect(found):
            self._add(found)
            return True
        self._attempts[number] += 1
        return False

    def mend(self, message: bytes, buffer: Bytes, heads_of: Callable[[int], Offsets]) -> None:
        """Take the reading of a damaged definition that most messages of its type agree with.

        `heads_of` finds the messages of a type in the buffer.
        """
        if self._mended == _MENDED_MAX:
            return
        self._mended += 1
        possible = possible_formats(message)
        if not possible or possible[0].number in self.formats:
            return
        own = heads_of(possible[0].number)[:_SAMPLE]
        counts = [_count_followed(buffer, own, one) for one in possible]
        if any(counts):
            self._add(possible[counts.index(max(counts))])

    def _add(self, definition: Format) -> None:
        self.formats[definition.number] = definition
        self.sizes[definition.number] = definition.length


def _count_followed(buffer: Bytes, starts: Offsets, definition: Format) -> int:
    """Count messages of a type that, if this is its format, are followed by a header."""
    ends = starts + definition.length
    ends = ends[ends < len(buffer) - 1]
    heads = (buffer[ends] == HEADER[0]) & (buffer[ends + 1] == HEADER[1])
    return int(heads.sum())
