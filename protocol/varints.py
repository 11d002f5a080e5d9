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
Octets = npt.NDArray[np.uint8]

_GROUP_BITS: Final = 7
_GROUP: Final = np.uint8(0x7F)
LONGEST: Final = 10
"""Octets of 64 bits."""
_LAST: Final = LONGEST - 1
_PLACES: Final = np.arange(LONGEST)
_CONTINUED: Final = 0x80
_ALL_CONTINUED: Final = bytes(range(_CONTINUED, 0x100))


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
    octets: Octets = groups.astype(np.uint8) & _GROUP
    octets |= continued.astype(np.uint8) << np.uint8(_GROUP_BITS)
    return bytes(octets[used])


def decode_varints(chunks: Sequence[bytes], counts: Integers) -> Integers:
    """The signed numbers of all *chunks*, one after the other: ``counts[i]`` of chunk i, (sum,).

    Exactly as many, or WireError is raised; also where one does not fit 64 bits.
    """
    joined = b"".join(chunks)
    octets = np.frombuffer(joined, np.uint8)
    continued = np.flatnonzero(octets >= _CONTINUED)
    sizes = np.array([len(chunk) for chunk in chunks], np.int64)
    limits = np.cumsum(sizes)
    if np.any(limits - np.searchsorted(continued, limits) != np.cumsum(counts)) or np.any(
        octets[limits[sizes > 0] - 1] >= _CONTINUED
    ):
        raise WireError(f"a column holds other than {counts.tolist()} values")
    numbers = _short(joined)
    if len(continued):
        opens = np.ones(len(continued), bool)
        np.not_equal(continued[1:], continued[:-1] + 1, out=opens[1:])
        first = np.flatnonzero(opens)
        more = np.diff(first, append=len(continued))
        starts = continued[first]  # less the octets before them that end no number: which numbers
        numbers[starts - first] = unzigzag(_long(octets, starts, more))
    return numbers


def _short(joined: bytes) -> Integers:
    """The numbers as if each had one octet, its last: most have."""
    last = np.frombuffer(joined.translate(None, _ALL_CONTINUED), np.uint8)
    return ((last >> 1) ^ -(last & 1)).view(np.int8).astype(np.int64)


def _long(octets: Octets, starts: Integers, more: Integers) -> Naturals:
    """The numbers that begin at *starts* and have as many octets *more*, from the least on."""
    longest = int(more.max())
    if longest > _LAST or np.any(octets[starts[more == _LAST] + _LAST] > 1):
        raise WireError("a varint does not fit 64 bits")
    numbers = _groups(octets, starts, 0) | _groups(octets, starts, 1)
    for place in range(2, longest + 1):
        some = np.flatnonzero(more >= place)
        numbers[some] |= _groups(octets, starts[some], place)
    return numbers


def _groups(octets: Octets, starts: Integers, place: int) -> Naturals:
    """What the octets at a *place* add to the numbers that begin at *starts*."""
    groups: Naturals = (octets.take(starts + place) & _GROUP).astype(np.uint64)
    return groups << np.uint64(place * _GROUP_BITS)


def first_varints(octets: Octets, starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """The signed number at each of *starts*, and where it ends; `LONGEST` octets are behind all.

    Raises WireError where there is none that fits 64 bits and ends by its one of *ends*.
    """
    window = octets.take(starts[:, None] + _PLACES)
    ended = window < _CONTINUED
    more = ended.argmax(axis=1)
    last = starts + more
    if (
        not ended.any(axis=1).all()
        or (last >= ends).any()
        or (window[more == _LAST, -1] > 1).any()
    ):
        raise WireError("a column is cut, or a varint does not fit 64 bits")
    places = _PLACES[: int(more.max(initial=0)) + 1]
    groups = (window[:, : len(places)] & _GROUP).astype(np.uint64)
    groups <<= (places * _GROUP_BITS).astype(np.uint64)
    groups[places > more[:, None]] = 0
    return unzigzag(np.bitwise_or.reduce(groups, axis=1)), last + 1
