"""What a damaged ULog format may have said: one bit of a field is turned back."""

import re
from collections.abc import Callable, Iterator

from windsock.agent.logs.bits import one_bit_away, texts_one_bit_away

_PADDING = "_padding"
_USUAL = re.compile(r"([a-z]\w*)(?:\[(\d{1,3})\])? ([a-z_][a-z0-9_]*)", re.ASCII)
_FIELD_MAX = 128  # characters: PX4's longest has 49
_ARRAY_SIZE = re.compile(r"(?<=\[)[^\[\];]+(?=\])")
_DIGITS = "0123456789"


def mend_fields(part: str, is_type: Callable[[str], bool]) -> list[re.Match[str]]:
    """Return the field, or two if the bit was in their separator. ValueError if that's not all."""
    readings = list(_readings(part, is_type))
    if not readings:
        raise ValueError("not a field")
    padding = [fields for fields in readings if fields[-1][3].startswith(_PADDING)]
    return (padding or readings)[0]


def _readings(part: str, is_type: Callable[[str], bool]) -> Iterator[list[re.Match[str]]]:
    for mended in texts_one_bit_away(part if len(part) <= _FIELD_MAX else ""):
        fields = [_USUAL.fullmatch(one) for one in mended.split(";")]
        found = [one for one in fields if one and is_type(one[1])]
        if len(found) == len(fields):
            yield found


def other_array_sizes(body: str) -> Iterator[str]:
    """Yield the format with each digit of each array's size changed by one bit."""
    for found in _ARRAY_SIZE.finditer(body):
        for place in range(found.start(), found.end()):
            for digit in one_bit_away(body[place]):
                if digit in _DIGITS:
                    yield body[:place] + digit + body[place + 1 :]
