"""D3 and C3: which drones run old software, and whose fault that could be. Pure: arrays in, out.

The releases are held against kinds of drones (`held`); a drone is its kind, when it was last
switched on, and what its account was told. Definitions, thresholds and sources:
docs/detection-firmware.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.held import CODE, NONE, Held
from windsock.collector.detect.kinds import NEVER_S, Moments, begun_s
from windsock.collector.detect.offers import Release
from windsock.collector.fleet.arrays import Codes, Index, Mask, Ordinals, blocks

_BLOCK: Final = 65_536
"""Drones looked up at once."""
_STATE_BITS: Final = 3
_STATE: Final = (1 << _STATE_BITS) - 1
_WORD: Final = 30
"""Releases that are looked up at once: two bits each, beside the state."""

Bits = npt.NDArray[np.unsignedinteger[Any]]


class Drones(NamedTuple):
    """Of n drones: all that D3 and C3 read."""

    kind: Ordinals
    """Row of the `Kinds`."""
    powered_s: Moments
    """As `kinds.Placed` has it."""
    account: Index
    """Place in the arrays of e-mails."""

    def rows(self, which: npt.NDArray[np.intp]) -> "Drones":
        """Some of them."""
        columns: list[Any] = [column.take(which) for column in self]
        return Drones(*columns)

    def block(self, at: slice) -> "Drones":
        """Some of them, ready to look up with."""
        columns: list[Any] = [self.kind[at].astype(np.intp), self.powered_s[at],
                              self.account[at].astype(np.intp)]  # fmt: skip
        return Drones(*columns)


@dataclass(frozen=True)
class Late:
    """What drones can be late with: mandatory releases whose grace is over, the oldest first.

    Since when a release was for each of k kinds, and each of m accounts was told of it; `NEVER_S`
    where it wasn't, or for less than the grace.
    """

    offered_s: dict[int, Moments]
    mailed_s: dict[int, Moments]

    @classmethod
    def of(
        cls, held: Held, releases: Sequence[Release], mailed_s: Mapping[int, Moments], now_us: int
    ) -> "Late":
        """Out of all there is, at *now_us*."""
        offered, mailed = dict[int, Moments](), dict[int, Moments]()
        for number, offered_s in held.offered_s.items():
            over_s = begun_s(np.array([now_us - releases[number].grace_us]))
            if releases[number].mandatory and offered_s.min() < over_s:
                offered[number] = _before(offered_s, over_s)
                if number in mailed_s:
                    mailed[number] = _before(mailed_s[number], over_s)
        return cls(offered, mailed)

    def overdue_with(self, drones: Drones) -> Index:
        """(n,) D3: the oldest release that each should have by now, or `NONE`."""
        found = np.full(len(drones.kind), NONE, np.int32)
        for number, offered_s in reversed(self.offered_s.items()):
            late = drones.powered_s > offered_s.take(drones.kind)
            np.copyto(found, number, where=late)
        return found

    def deaf_to(self, drones: Drones) -> Index:
        """(n,) C3: the same, counted from the later of wave and the account's e-mail."""
        found = np.full(len(drones.kind), NONE, np.int32)
        for number, mailed_s in reversed(self.mailed_s.items()):
            late = drones.powered_s > mailed_s.take(drones.account)
            late &= drones.powered_s > self.offered_s[number].take(drones.kind)
            np.copyto(found, number, where=late)
        return found

    def due_s(self, kinds: int) -> Moments:
        """(kinds,) switched on after that, a drone of this kind is overdue."""
        never_s = np.full(kinds, NEVER_S, np.uint32)
        return reduce(np.minimum, self.offered_s.values(), never_s)

    @cached_property
    def first_s(self) -> int:
        """No e-mail that counts is older ..."""
        return min((int(late_s.min()) for late_s in self.mailed_s.values()), default=NEVER_S)

    @cached_property
    def last_s(self) -> int:
        """... and none newer, nor is when its release began for anybody."""
        offered_s = [self.offered_s[number] for number in self.mailed_s]
        every_s = np.concatenate([*self.mailed_s.values(), *offered_s, np.zeros(1, np.uint32)])
        return int(every_s[every_s != NEVER_S].max())


class Software(NamedTuple):
    """Of n drones."""

    state: Codes
    """Index into `SOFTWARE_STATES`; those that are overdue are D3's."""
    deaf: Mask
    """C3: not updated after the e-mail to its account."""


def software(drones: Drones, held: Held, mailed_s: Mapping[int, Moments], late: Late) -> Software:
    """Judge drones of kinds as *held*, by what can be *late*.

    *mailed_s* has of each release that an e-mail told of: (accounts,) when; `NEVER_S`: not told.
    """
    n = len(drones.kind)
    out = Software(np.empty(n, np.int8), np.zeros(n, np.bool_))
    words, due_s = list(_words(held, mailed_s, late)), late.due_s(len(held.state))
    for at in blocks(n, _BLOCK):
        some = drones.block(at)
        state, told, asked = _said(some, words)
        np.maximum(state, told.view(np.int8) * CODE["notified"], out=state)
        overdue = some.powered_s > due_s.take(some.kind)
        np.maximum(state, overdue.view(np.int8) * CODE["overdue"], out=out.state[at])
        _hear(some, asked, late, out.deaf[at])
    return out


class _Word(NamedTuple):
    """What was said of some releases, and the state: what an account and a kind have in common.

    The lowest bits are the state, as every account lets it through. Then a bit for each release:
    the account was told of it, and it reached the kind. Then a bit for each where that is `Late`.
    """

    account: Bits
    kind: Bits
    late: int
    """This or more has a late bit."""


def _words(held: Held, mailed_s: Mapping[int, Moments], late: Late) -> Iterator[_Word]:
    """At least one."""
    accounts = max(map(len, mailed_s.values()), default=1)
    numbers = [number for number in held.offered_s if number in mailed_s]
    for first in range(0, max(len(numbers), 1), _WORD):
        some = numbers[first : first + _WORD]
        pairs = [(mailed_s[number], held.offered_s[number]) for number in some]
        pairs += [
            (late.mailed_s[one], late.offered_s[one]) for one in some if one in late.mailed_s
        ]
        word = np.min_scalar_type((1 << (_STATE_BITS + len(pairs))) - 1)
        account, kind = np.full(accounts, _STATE, word), held.state.astype(word)
        for nth, (told_s, reached_s) in enumerate(pairs, _STATE_BITS):
            account |= (told_s != NEVER_S).astype(word) << word.type(nth)
            kind |= (reached_s != NEVER_S).astype(word) << word.type(nth)
        yield _Word(account, kind, 1 << (_STATE_BITS + len(some)))


def _said(drones: Drones, words: Sequence[_Word]) -> tuple[Codes, Mask, Mask]:
    """(n,) state of its kind; its account was told of what reached it; and might be late then."""
    told, asked = np.zeros((2, len(drones.kind)), np.bool_)
    for word in words:
        found = word.account.take(drones.account) & word.kind.take(drones.kind)
        told |= found > _STATE
        asked |= found >= word.late
    return (found & found.dtype.type(_STATE)).astype(np.int8), told, asked


def _hear(drones: Drones, asked: Mask, late: Late, deaf: Mask) -> None:
    """The e-mail begins the grace anew. Most were last on before all of this, or after."""
    asked &= drones.powered_s > late.first_s
    np.logical_and(asked, drones.powered_s > late.last_s, out=deaf)
    rows = np.flatnonzero(asked ^ deaf)
    if len(rows):
        deaf[rows] = late.deaf_to(drones.rows(rows)) != NONE


def _before(since_s: Moments, over_s: Moments) -> Moments:
    return np.where(since_s < over_s, since_s, np.uint32(NEVER_S))
