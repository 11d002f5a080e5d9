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

    line: Index
    sent_s: Moments
    """(w, m), in the order of `held.Open`; `NEVER_S`: it was not told."""
    words: Words
    """(words, m) what it was told of, as bits."""

    @classmethod
    def of(cls, line: Index, sent_s: Moments) -> "Letters":
        """With their bits."""
        words = _words(np.full(len(line), _STATE, np.int8), len(sent_s))
        _mark(words, sent_s != NEVER_S, _STATE_BITS)
        return cls(line, sent_s, words)

    def late_s(self, held: Held) -> Moments:
        """(w, m) those since when the grace is over; else `NEVER_S`."""
        over_s = held.open.over_s.take(self.line, axis=1)
        return np.where(self.sent_s < over_s, self.sent_s, np.uint32(NEVER_S))


class Late(NamedTuple):
    """What to look drones up in, as of one moment.

    What the words of a kind and of an account have in common is the state in the lowest bits, then
    of which releases that reached it the account was told, then with which of them it can be late.
    """

    kinds: Words
    accounts: Words
    more: int
    """What has a bit of the last sort is this or more."""
    release: Index
    """(w, k)"""
    late_s: Moments
    """(w, k) since when those have been for a kind, where the grace is over ..."""
    mailed_s: Moments
    """... and (w, m) since when an account has known, where it is over, too; else `NEVER_S`."""

    @classmethod
    def of(cls, held: Held, letters: Letters) -> "Late":
        """Kinds as *held* at that moment, told by *letters* sent until then."""
        since_s, late_s, mailed_s = held.open.since_s, held.open.late_s(), letters.late_s(held)
        top = _STATE_BITS + min(len(since_s), _WORD)
        kinds, accounts = _words(held.state, len(since_s)), letters.words.copy()
        _mark(kinds, since_s != NEVER_S, _STATE_BITS)
        _mark(kinds, late_s != NEVER_S, top)
        _mark(accounts, mailed_s != NEVER_S, top)
        return cls(kinds, accounts, 1 << top, held.open.releases(), late_s, mailed_s)

    def overdue_with(self, drones: Drones) -> Index:
        """(n,) D3: the oldest release that each should have by now, or `NONE`."""
        found = np.full(len(drones.kind), NONE, np.int32)
        for release, late_s in zip(self.release[::-1], self.late_s[::-1], strict=True):
            late = drones.powered_s > late_s.take(drones.kind)
            np.copyto(found, release.take(drones.kind), where=late)
        return found

    def deaf_to(self, drones: Drones) -> Index:
        """(n,) C3: the same, counted from the later of wave and the account's e-mail."""
        found = np.full(len(drones.kind), NONE, np.int32)
        columns = self.release, self.late_s, self.mailed_s
        for release, late_s, mailed_s in zip(*(one[::-1] for one in columns), strict=True):
            since_s = np.maximum(late_s.take(drones.kind), mailed_s.take(drones.letters))
            np.copyto(found, release.take(drones.kind), where=drones.powered_s > since_s)
        return found


class Software(NamedTuple):
    """Of n drones."""

    state: Codes
    """Index into `SOFTWARE_STATES`; those that are overdue are D3's."""
    deaf: Mask
    """C3: not updated after the e-mail to its account."""


def software(drones: Drones, late: Late) -> Software:
    """Judge drones by their kinds and by what their accounts were told."""
    n = len(drones.kind)
    out = Software(np.empty(n, np.int8), np.zeros(n, np.bool_))
    due_s = late.late_s.min(axis=0, initial=NEVER_S)
    for at in blocks(n, _BLOCK):
        some = drones.block(at)
        state, told, out.deaf[at] = _said(some, late)
        np.maximum(state, told.view(np.int8) * CODE["notified"], out=state)
        overdue = some.powered_s > due_s.take(some.kind)
        np.maximum(state, overdue.view(np.int8) * CODE["overdue"], out=out.state[at])
    _weigh(out.deaf, drones, late)
    return out


def _said(drones: Drones, late: Late) -> tuple[Codes, Mask, Mask]:
    """(n,) the state of its kind; its account was told of what reached it; and can be late."""
    told, asked = np.zeros((2, len(drones.kind)), np.bool_)
    for kind, account in zip(late.kinds, late.accounts, strict=True):
        found = account.take(drones.letters) & kind.take(drones.kind)
        told |= found > _STATE
        asked |= found >= late.more
    return (found & found.dtype.type(_STATE)).astype(np.int8), told, asked


def _weigh(asked: Mask, drones: Drones, late: Late) -> None:
    """Of those that can be late after an e-mail leave those that were switched on since.

    Most were before all of these e-mails, or after all of them and of their releases' waves.
    """
    first_s = late.mailed_s.min(initial=NEVER_S)
    last_s = max(_newest(late.mailed_s), _newest(late.late_s))
    for at in blocks(len(asked), _BLOCK):
        asked[at] &= drones.powered_s[at] > first_s
        unsure = asked[at] & (drones.powered_s[at] <= last_s)
        rows = np.flatnonzero(unsure)
        if len(rows):
            asked[at][rows] = late.deaf_to(drones.block(at).rows(rows)) != NONE


def _words(state: Codes, releases: int) -> Words:
    """(words, n) with room for twice as many bits as *releases*."""
    word = np.min_scalar_type((1 << (_STATE_BITS + 2 * min(releases, _WORD))) - 1)
    return np.tile(state.astype(word), (max(-(-releases // _WORD), 1), 1))


def _mark(words: Words, bits: Mask, first: int) -> None:
    """Set *bits* (w, n) from the *first* bit of each word on."""
    for row, holds in enumerate(bits):
        place = words.dtype.type(first + row % _WORD)
        words[row // _WORD] |= holds.astype(words.dtype) << place


def _newest(moments_s: Moments) -> int:
    """The newest that is one; 0: there is none."""
    later = moments_s + np.uint32(1)  # NEVER_S, the latest, is 0 then
    return int(later.max(initial=1)) - 1
