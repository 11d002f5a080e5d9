"""Sequence numbers that will never come, as few tombstones as they fit. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from windsock.protocol.envelope import LANES
from windsock.protocol.messages import Tombstone

Key = tuple[int, int, int]
"""Epoch, lane and sequence number."""


class Lost(NamedTuple):
    """Sequence numbers of one lane, both ends included."""

    epoch: int
    lane: int
    first_seq: int
    last_seq: int

    @property
    def seqs(self) -> int:
        """How many they are."""
        return self.last_seq - self.first_seq + 1

    def tombstone(self, reason: str) -> Tombstone:
        """What the collector is told."""
        return Tombstone(**self._asdict(), reason=reason)


def runs(keys: Iterable[Key]) -> list[Lost]:
    """*keys* as runs of neighbours."""
    grouped = groupby(enumerate(sorted(set(keys))), _place)
    found = [[key for _, key in run] for _, run in grouped]
    return [Lost(*run[0], run[-1][2]) for run in found]


def _place(item: tuple[int, Key]) -> Key:
    """The same for neighbours: their number less their place in order."""
    place, (epoch, lane, seq) = item
    return epoch, lane, seq - place


def without(whole: Lost, kept: Iterable[Key]) -> list[Lost]:
    """What of *whole* is not among *kept*."""
    missing, first = [], whole.first_seq
    for epoch, lane, seq in sorted(kept):
        if (epoch, lane) == whole[:2] and first <= seq <= whole.last_seq:
            missing.append(Lost(epoch, lane, first, seq - 1))
            first = seq + 1
    missing.append(whole._replace(first_seq=first))
    return [span for span in missing if span.seqs > 0]


def is_key(key: Sequence[object]) -> bool:
    """Whether a disk that changes bytes left numbers that can travel."""
    return all(isinstance(part, int) and part >= 0 for part in key) and key[1] in range(LANES)
