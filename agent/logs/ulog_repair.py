"""What a damaged ULog format may have said: one bit of a field is turned back."""

import re
from collections.abc import Callable, Iterator

_PADDING = b"_padding"
_USUAL = re.compile(rb"([a-z]\w*)(?:\[(\d{1,3})\])? ([a-z_][a-z0-9_]*)")
_FIELD_MAX = 128  # bytes: PX4's longest has 49
_ARRAY_SIZE = re.compile(rb"(?<=\[)[^\[\];]+(?=\])")


def mend_fields(part: bytes, is_type: Callable[[bytes], bool]) -> list[re.Match[bytes]]:
    """Return the field, or two if the bit was in their separator. ValueError if that's not all."""
    readings = list(_readings(part, is_type))
    if not readings:
        raise ValueError("not a field")
    padding = [fields for fields in readings if fields[-1][3].startswith(_PADDING)]
    return (padding or readings)[0]


def _readings(part: bytes, is_type: Callable[[bytes], bool]) -> Iterator[list[re.Match[bytes]]]:
    for place, byte in enumerate(part if len(part) <= _FIELD_MAX else b""):
        for bit in range(8):
            mended = part[:place] + bytes([byte ^ 1 << bit]) + part[place + 1 :]
            fields = [_USUAL.fullmatch(one) for one in mended.split(b";")]
            found = [one for one in fields if one and is_type(one[1])]
            if len(found) == len(fields):
                yield found


def other_array_sizes(body: bytes) -> Iterator[bytes]:
    """Yield the format with each digit of each array's size changed by one bit."""
    for found in _ARRAY_SIZE.finditer(body):
        for place in range(found.start(), found.end()):
            for bit in range(8):
                digit = bytes([body[place] ^ 1 << bit])
                if digit.isdigit():
                    yield body[:place] + digit + body[place + 1 :]
