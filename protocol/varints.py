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
LONGEST: Final = 10
"""Octets of 64 bits."""
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
    shifts = np.arange(LONGEST, dtype=np.uint64) * np.uint64(_GROUP_BITS)
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
    ended = octets < _CONTINUED
    ends = np.flatnonzero(ended)
    sizes = np.array([len(chunk) for chunk in chunks], np.int64)
    limits = np.cumsum(sizes)
    if np.any(np.searchsorted(ends, limits) != np.cumsum(counts)) or not np.all(
        ended[limits[sizes > 0] - 1]
    ):
        raise WireError(f"a column holds other than {counts.tolist()} values")
    numbers = octets[ends].astype(np.uint64)
    if len(ends) < len(octets):
        lengths = np.diff(ends, prepend=-1)
        long = np.flatnonzero(lengths > 1)  # most numbers are one octet
        numbers[long] = _long(octets, ends[long], lengths[long])
    return numbers


def _long(octets: npt.NDArray[np.uint8], ends: Integers, lengths: Integers) -> Naturals:
    """The numbers of *lengths* octets that end at *ends*, from the most significant group on."""
    numbers = octets[ends].astype(np.uint64)
    longest = int(lengths.max())
    if longest > LONGEST or np.any(numbers[lengths == LONGEST] > 1):
        raise WireError("a varint does not fit 64 bits")
    for place in range(1, longest):
        some = np.flatnonzero(lengths > place)
        group = octets[ends[some] - place] & _GROUP
        numbers[some] = numbers[some] << np.uint64(_GROUP_BITS) | group
    return numbers


def first_varints(chunks: Sequence[bytes]) -> tuple[Naturals, Integers]:
    """The number at the start of each chunk of at most `LONGEST` octets, and how many it takes.

    Raises WireError where there is none that fits 64 bits.
    """
    padded = b"".join(chunk.ljust(LONGEST, b"\xff") for chunk in chunks)
    octets = np.frombuffer(padded, np.uint8).reshape(-1, LONGEST)
    ended = octets < _CONTINUED
    lengths = np.argmax(ended, axis=1) + 1
    if not ended.any(axis=1).all() or np.any((lengths == LONGEST) & (octets[:, -1] > 1)):
        raise WireError("a column is cut, or a varint does not fit 64 bits")
    used = np.arange(LONGEST) < lengths[:, None]
    groups = np.where(used, octets & np.uint8(0x7F), 0).astype(np.uint64)
    shifts = np.arange(LONGEST, dtype=np.uint64) * np.uint64(_GROUP_BITS)
    numbers: Naturals = np.bitwise_or.reduce(groups << shifts, axis=1)
    return numbers, lengths
