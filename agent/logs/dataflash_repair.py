"""What a damaged FMT message may have said: one bit is turned back, or its length not believed."""

import re
from collections.abc import Iterator

from windsock.agent.logs.bits import one_bit_apart, one_bit_away
from windsock.agent.logs.dataflash_formats import Format, read_texts, size_of

_NUMBER_AT, _LENGTH_AT = 3, 4
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_COMMA = re.compile("[-.($<\x0c\xac]")  # one bit away from a comma, and in no name
_FOREIGN = re.compile(r"[^!-~]")


def possible_formats(message: bytes) -> list[Format]:
    """Return formats that are one step away from a whole FMT message that contradicts itself.

    Only those with a name for each field: with a lost comma all later values had false names.
    """
    name, codes, columns = read_texts(message)
    number, length = message[_NUMBER_AT], message[_LENGTH_AT]
    if len(columns) < len(codes):
        columns = tuple(_COMMA.sub(",", ",".join(columns)).split(","))
    names = tuple(
        "TimeUS" if one_bit_apart(column, "TimeUS") else _FOREIGN.sub("_", column)
        for column in columns
    )
    return [
        Format(number, _as_name(name), size, letters, names)
        for letters, size in _readings(codes, length)
        if len(letters) == len(names) == len(set(names))
    ]


def is_suspect(definition: Format) -> bool:
    """Tell whether a format that agrees with itself lost its time stamp to a single bit."""
    first = definition.columns[0] if definition.columns else ""
    return first != "TimeUS" and one_bit_apart(first, "TimeUS")


def _readings(codes: str, length: int) -> Iterator[tuple[str, int]]:
    """Yield type letters and length, as they stand or one bit away, that agree."""
    size = size_of(codes)
    if size is not None:
        yield codes, size
        if length > size:
            yield codes, length  # a firmware that logs more than it says
    for place, letter in enumerate(codes):
        for near in one_bit_away(letter):
            letters = (codes[:place] + near + codes[place + 1 :]).split("\0")[0]
            if size_of(letters) == length:
                yield letters, length


def _as_name(name: str) -> str:
    """Return a message's name in capitals and digits, as they all are; it may end by a NUL."""
    letters = ""
    for letter in name:
        near = [one for one in one_bit_away(letter) if one in _CAPITALS]
        if letter not in _CAPITALS and ord(letter).bit_count() == 1:
            break
        letters += letter if letter in _CAPITALS or not near else near[0]
    return letters
