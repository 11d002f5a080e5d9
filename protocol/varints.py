"""Zigzag and base-128 varints, as Protocol Buffers have them, by arrays.

https://protobuf.dev/programming-guides/encoding/: 0, -1, 1, -2 ... become 0, 1, 2, 3 ...; seven
bits an octet, least significant first, the highest bit set on all octets but the last.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from windsock.protocol.errors import WireError

Integers = npt.NDArray[np.int64]
Naturals = npt.NDArray[np.uint64]

_GROUP_BITS: Final = 7
_GROUP: Final = np.uint64(0x7F)
_LONGEST: Final = 10
_CONTINUED: Final = 0x80


def zigzag(values: Integers) -> Naturals:
    """Signed to unsigned, small magnitudes staying small."""
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def unzigzag(values: Naturals) -> Integers:
    """The inverse of `zigzag`."""
    sign = (values & np.uint64(1)).view(np.int64)
    return (values >> np.uint64(1)).view(np.int64) ^ -sign


def encode_varints(values: Naturals) -> bytes:
    """Varints of *values* (n,), one after the other."""
    shifts = np.arange(_LONGEST, dtype=np.uint64) * np.uint64(_GROUP_BITS)
    groups = values[:, None] >> shifts
    used = groups != 0
    used[:, 0] = True
    continued = np.zeros_like(used)
    continued[:, :-1] = used[:, 1:]
    octets: npt.NDArray[np.uint8] = (groups & _GROUP).astype(np.uint8)
    octets |= continued.astype(np.uint8) << np.uint8(_GROUP_BITS)
    return bytes(octets[used])


def decode_varints(chunks: Sequence[bytes], counts: Integers) -> Naturals:
    """The numbers of all *chunks*, one after the other: exactly ``counts[i]`` of chunk i, (sum,).

    Raises WireError if there are more or fewer, or one does not fit 64 bits.
    """
    octets = np.frombuffer(b"".join(chunks), np.uint8)
    ends = np.flatnonzero(octets < _CONTINUED)
    limits = np.cumsum([len(chunk) for chunk in chunks])
    if np.any(np.searchsorted(ends, limits) != np.cumsum(counts)) or any(
        chunk and chunk[-1] >= _CONTINUED for chunk in chunks
    ):
        raise WireError(f"a column holds other than {counts.tolist()} values")
    numbers = octets[ends].astype(np.uint64)
    long = np.flatnonzero(np.diff(ends, prepend=-1) > 1)  # most numbers are one octet
    if len(long):
        numbers[long] = _long(octets, ends[long], np.diff(ends, prepend=-1)[long])
    return numbers


def _long(octets: npt.NDArray[np.uint8], ends: Integers, lengths: Integers) -> Naturals:
    """The numbers of *lengths* octets that end at *ends*, from the most significant group on."""
    numbers = octets[ends].astype(np.uint64)
    longest = int(lengths.max())
    if longest > _LONGEST or np.any(numbers[lengths == _LONGEST] > 1):
        raise WireError("a varint does not fit 64 bits")
    for place in range(1, longest):
        some = np.flatnonzero(lengths > place)
        group = octets[ends[some] - place] & _GROUP
        numbers[some] = numbers[some] << np.uint64(_GROUP_BITS) | group
    return numbers


def first_varint(data: bytes) -> tuple[int, int]:
    """The number at the start of *data* and how many octets it takes.

    Raises WireError where there is none that fits 64 bits.
    """
    number = 0
    for place, octet in enumerate(data[:_LONGEST]):
        number |= (octet & 0x7F) << (place * _GROUP_BITS)
        if octet < _CONTINUED:
            if number >= 2**64:
                break
            return number, place + 1
    raise WireError("a column is cut, or a varint does not fit 64 bits")
