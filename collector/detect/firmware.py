"""D3 and C3: which drones run old software, and whose fault that could be. Pure: arrays in, out.

The releases are held against kinds of drones (`held`); a drone is its kind, when it was last
switched on, and what its account was told. Definitions, thresholds and sources:
docs/detection-firmware.md.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.held import CODE, NONE, Held
from windsock.collector.detect.kinds import NEVER_S, Moments
from windsock.collector.fleet.arrays import Codes, Index, Mask, Ordinals, blocks

_BLOCK: Final = 65_536
"""Drones looked up at once."""
_STATE_BITS: Final = 3
_STATE: Final = (1 << _STATE_BITS) - 1
_WORD: Final = 30
"""Releases of a line that are looked up at once: two bits each, beside the state."""

Words = npt.NDArray[np.unsignedinteger[Any]]


class Drones(NamedTuple):
    """Of n drones: all that D3 and C3 read."""

    kind: Ordinals
    """Row of the `Kinds`."""
    powered_s: Moments
    """As `kinds.Placed` has it."""
    letters: Index
    """Its account, with its drones of this line, in `Letters`."""

    def rows(self, which: npt.NDArray[np.intp]) -> "Drones":
        """Some of them."""
        columns: list[Any] = [column.take(which) for column in self]
        return Drones(*columns)

    def block(self, at: slice) -> "Drones":
        """Some of them, ready to look up with."""
        kind, letters = (column[at].astype(np.intp) for column in (self.kind, self.letters))
        columns: list[Any] = [kind, self.powered_s[at], letters]
        return Drones(*columns)


class Letters(NamedTuple):
    """Of m accounts, each with its drones of one line: e-mails about the open releases of that."""

    sent_s: Moments
    """(w, m), in the order of `held.Open`; `NEVER_S`: it was not told."""
    words: Words
    """(words, m) the same as bits: what an account lets through of what `_words` has of a kind."""

    @classmethod
    def of(cls, sent_s: Moments) -> "Letters":
        """With their bits."""
        told = sent_s != NEVER_S
        state = np.full(sent_s.shape[1], _STATE, np.int8)
        return cls(sent_s, _packed(state, told, told))


class Software(NamedTuple):
    """Of n drones."""

    state: Codes
    """Index into `SOFTWARE_STATES`; those that are overdue are D3's."""
    deaf: Mask
    """C3: not updated after the e-mail to its account."""


def software(drones: Drones, held: Held, letters: Letters) -> Software:
    """Judge drones of kinds as *held* at some moment, told by *letters* sent until then."""
    n = len(drones.kind)
    out = Software(np.empty(n, np.int8), np.zeros(n, np.bool_))
    since_s, late_s = held.open.since_s, held.open.late_s()
    due_s = late_s.min(axis=0, initial=NEVER_S)
    words = _packed(held.state, since_s != NEVER_S, late_s != NEVER_S)
    first_s = letters.sent_s.min(initial=NEVER_S)
    for at in blocks(n, _BLOCK):
        some = drones.block(at)
        state, told, asked = _said(some, words, letters)
        np.maximum(state, told.view(np.int8) * CODE["notified"], out=state)
        overdue = some.powered_s > due_s.take(some.kind)
        np.maximum(state, overdue.view(np.int8) * CODE["overdue"], out=out.state[at])
        rows = np.flatnonzero(asked & overdue & (some.powered_s > first_s))
        out.deaf[at][rows] = deaf_to(some.rows(rows), held, letters) != NONE
    return out


def overdue_with(drones: Drones, held: Held) -> Index:
    """(n,) D3: the oldest release that each should have by now, or `NONE`."""
    found = np.full(len(drones.kind), NONE, np.int32)
    for release, late_s in zip(held.open.release[::-1], held.open.late_s()[::-1], strict=True):
        late = drones.powered_s > late_s.take(drones.kind)
        np.copyto(found, release.take(drones.kind), where=late)
    return found


def deaf_to(drones: Drones, held: Held, letters: Letters) -> Index:
    """(n,) C3: the same, counted from the later of wave and the account's e-mail."""
    found = np.full(len(drones.kind), NONE, np.int32)
    late_s = held.open.late_s()
    for nth in reversed(range(len(late_s))):
        sent_s = letters.sent_s[nth].take(drones.letters)
        late = drones.powered_s > np.maximum(sent_s, late_s[nth].take(drones.kind))
        late &= sent_s < held.open.over_s[nth].take(drones.kind)
        np.copyto(found, held.open.release[nth].take(drones.kind), where=late)
    return found


def _said(drones: Drones, kinds: Words, letters: Letters) -> tuple[Codes, Mask, Mask]:
    """(n,) the state of its kind; its account was told of what reached it; and of what is late."""
    told, asked = np.zeros((2, len(drones.kind)), np.bool_)
    late = _late(len(letters.sent_s))
    for kind, account in zip(kinds, letters.words, strict=True):
        found = account.take(drones.letters) & kind.take(drones.kind)
        told |= found > _STATE
        asked |= found >= late
    return (found & found.dtype.type(_STATE)).astype(np.int8), told, asked


def _late(releases: int) -> int:
    """What has a bit of the second kind in `_packed` is this or more."""
    return 1 << (_STATE_BITS + min(releases, _WORD))


def _packed(state: Codes, first: Mask, then: Mask) -> Words:
    """(words, n) the state in the lowest bits; then one for each of *first* (w, n), and of *then*.

    What a kind and an account have in common is the state, the releases that the account was told
    of and that reached the kind, and those of them that it can be late with.
    """
    width = min(len(first), _WORD)
    word = np.min_scalar_type((1 << (_STATE_BITS + 2 * width)) - 1)
    words = np.tile(state.astype(word), (max(-(-len(first) // _WORD), 1), 1))
    for row, releases in enumerate(zip(first, then, strict=True)):
        for shift, bits in zip((0, width), releases, strict=True):
            place = word.type(_STATE_BITS + shift + row % _WORD)
            words[row // _WORD] |= bits.astype(word) << place
    return words
