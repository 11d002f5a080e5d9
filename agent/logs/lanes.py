"""Chains of messages followed in many places at once.

A message says where the next one begins, so a chain can only be followed step by step. A piece is
therefore cut into lanes, a likely message is found near the beginning of each, and one step is
made in all lanes together. What the chain of true messages does not reach stays a candidate.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from windsock.agent.logs.records import Bytes, Mask, Offsets

LANE_BYTES = 1 << 12
_SEARCHED_BITS = 9  # 512 bytes of each lane, for its first message: nearly all are smaller
_LANES_WORTH = 256  # fewer take as many steps, and looking at every byte is faster
_STEPS = 8  # between two looks whether all chains have ended
_SEARCHED_BYTES = 1 << _SEARCHED_BITS


class Chain(NamedTuple):
    """How messages are recognised and followed, for arrays of offsets.

    Every message has `letters` at `letters_at`. `following` must lead forward from any offset.
    """

    letters: bytes
    letters_at: int
    is_likely: Callable[[Offsets], Mask]
    following: Callable[[Offsets], Offsets]


def chained(buffer: Bytes, first: int, limit: int, chain: Chain) -> Offsets:
    """Return what may be message starts in [first, limit), rising; `first` is one of them."""
    if limit - first < _LANES_WORTH * LANE_BYTES:
        return np.flatnonzero(_lettered(chain, lambda at: buffer[first + at : limit + at])) + first
    starts, stops = _lanes(buffer, first, limit, chain)
    trail, places = [starts], starts
    while (places < stops).any():
        for _ in range(_STEPS):  # a chain at its stop stays there
            places = chain.following(places)
            np.minimum(places, stops, out=places)
            trail.append(places)
    table = np.stack(trail, axis=1)
    found: Offsets = table[table < stops[:, None]]
    return found


def _lanes(buffer: Bytes, first: int, limit: int, chain: Chain) -> tuple[Offsets, Offsets]:
    """Return where each lane's chain begins, and where it has to end at the latest."""
    borders = np.arange(first + LANE_BYTES, limit - _SEARCHED_BYTES, LANE_BYTES)
    shape, strides = (len(borders), _SEARCHED_BYTES), (LANE_BYTES, 1)

    def seen(at: int) -> Bytes:
        return np.ndarray(shape, np.uint8, buffer, int(borders[0]) + at, strides)

    at = np.flatnonzero(_lettered(chain, seen))
    lane = at >> _SEARCHED_BITS
    places = borders[lane] + (at & _SEARCHED_BYTES - 1)
    likely = chain.is_likely(places)
    lane, places = lane[likely], places[likely]
    is_first = np.diff(lane, prepend=-1) > 0
    lane, starts = lane[is_first], places[is_first]
    ends = np.r_[borders, limit]  # of the first lane, and of each border's
    ends[lane] = starts
    return np.r_[first, starts], ends[np.r_[0, lane + 1]]


def _lettered(chain: Chain, seen: Callable[[int], Bytes]) -> Mask:
    """Mark where the chain's letters are; `seen` shows the bytes so many behind each place."""
    first, *others = enumerate(chain.letters, chain.letters_at)
    marked: Mask = seen(first[0]) == first[1]
    for at, letter in others:
        marked &= seen(at) == letter
    return marked
