"""Rice codes: small numbers in few bits, so laid out that arrays decode them at once.

A number is its quotient by 2**k in unary (that many 0 bits, then a 1) and its remainder in k bits
(R. F. Rice, "Some practical universal noiseless coding techniques", JPL 1979; FLAC codes its
residuals so). Here all quotients come first and all remainders after them: no number has to be
decoded to find the next one.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.protocol.errors import WireError

K_LIMIT: Final = 31
"""The greatest k."""
BYTES_A_NUMBER: Final = 4
"""A stream is at most so long, or another codec is shorter: what bounds a reader's memory."""

Naturals = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]

_WORD_BITS: Final = 64
_BYTE_BITS: Final = 8
SPARE: Final = _WORD_BITS // _BYTE_BITS
"""Octets that are read behind a stream, and don't matter."""


def stream_bits(numbers: Naturals, k: int) -> int:
    """How many bits `encode_rice` needs."""
    return int((numbers >> np.uint64(k)).sum()) + len(numbers) * (1 + k)


def best_k(numbers: Naturals) -> int:
    """The k that needs the fewest bits."""
    likely = int(numbers.mean()).bit_length() if len(numbers) else 0
    nearby = range(max(0, likely - 2), min(K_LIMIT, likely + 1) + 1)
    return min(nearby, key=lambda k: stream_bits(numbers, k), default=K_LIMIT)


def encode_rice(numbers: Naturals, k: int) -> bytes:
    """*numbers* (n,) as one stream, most significant bits first, 0 bits up to a whole byte."""
    quotients = (numbers >> np.uint64(k)).astype(np.int64)
    unary = np.zeros(int(quotients.sum()) + len(numbers), np.uint8)
    unary[np.cumsum(quotients + 1) - 1] = 1
    places = np.arange(k - 1, -1, -1, dtype=np.uint64)
    remainders = ((numbers[:, None] >> places) & np.uint64(1)).astype(np.uint8)
    return np.packbits(np.concatenate([unary, remainders.ravel()])).tobytes()


class Streams(NamedTuple):
    """Streams within *octets*, each from a start up to an end, ``counts`` numbers with its k."""

    octets: Octets
    """`SPARE` of them are behind all streams."""
    starts: Integers
    ends: Integers
    counts: Integers
    ks: Integers


def decode_rice(streams: Streams) -> Naturals:
    """The numbers of all *streams*, one after the other, (sum of counts,).

    Raises WireError for streams that `encode_rice` could not have written.
    """
    octets, starts, ends, counts, ks = streams
    if (ends - starts > BYTES_A_NUMBER * counts).any():
        raise WireError("a Rice stream is too long")
    before = counts.cumsum() - counts
    quotients, behind = _quotients(streams, before)
    _check_ends(octets, behind + counts * ks, ends * _BYTE_BITS)
    k_each = ks.repeat(counts)
    places = np.arange(len(k_each)) * k_each + (behind - before * ks).repeat(counts)
    return (quotients << k_each).view(np.uint64) | _bits_at(octets, places, k_each)


def _quotients(streams: Streams, before: Integers) -> tuple[Integers, Integers]:
    """Unary numbers, (sum,), and the bit behind the last one of each stream, (streams,).

    Every 1 bit ends a number, until the stream has its count; later ones belong to remainders.
    """
    octets, starts, ends, counts, _ = streams
    (ones,) = np.unpackbits(octets).view(np.bool_).nonzero()  # thrice as fast as of octets
    first = ones.searchsorted(starts * _BYTE_BITS)
    last = first + counts
    if (last > ones.searchsorted(ends * _BYTE_BITS)).any():
        raise WireError("a Rice stream is cut")
    some = counts > 0
    ended = ones.take(np.arange(int(counts.sum())) + (first - before).repeat(counts))
    quotients = np.empty_like(ended)
    np.subtract(ended[1:], ended[:-1], out=quotients[1:])
    quotients -= 1
    opening = before[some]
    quotients[opening] = ended[opening] - starts[some] * _BYTE_BITS
    behind = starts * _BYTE_BITS
    behind[some] = ones[last[some] - 1] + 1
    return quotients, behind


def _check_ends(octets: Octets, ends: Integers, limits: Integers) -> None:
    """Each stream ends within its last byte, and only 0 bits fill that."""
    spare = limits - ends
    if ((spare < 0) | (spare >= _BYTE_BITS)).any() or _bits_at(octets, ends, spare).any():
        raise WireError("a Rice stream does not end where its numbers do")


def _bits_at(octets: Octets, places: Integers, widths: Integers) -> Naturals:
    """The number in the *widths* bits from each of *places* on; at most 57 bits each."""
    words = np.ndarray((len(octets) - _BYTE_BITS + 1,), ">u8", octets, strides=(1,))
    # All words as the machine has them, and then `take`: six times as fast as words[places >> 3].
    found = words.astype(np.uint64).take(places >> 3) << (places & 7).astype(np.uint64)
    # In two steps: a shift by all 64 bits is not defined.
    bits: Naturals = found >> np.uint64(1) >> (_WORD_BITS - 1 - widths).astype(np.uint64)
    return bits
