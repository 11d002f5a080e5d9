"""The data messages of a ULog, by topic and instance."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.chain import Batch
from windsock.agent.logs.flightlog import Table
from windsock.agent.logs.preferences import Group
from windsock.agent.logs.records import Bytes, Columns, Mask, at_every_byte
from windsock.agent.logs.rows import GivenTimes, Growing, Rows, Wanted
from windsock.agent.logs.stamps import (
    NO_STAMP,
    Times,
    ahead,
    beyond_end,
    earliest,
    highest_before,
    is_beyond_end,
    spikes,
    stale_from,
)
from windsock.agent.logs.ulog_definitions import IDS, Definitions, Subscription
from windsock.agent.logs.ulog_formats import PAYLOAD_AT
from windsock.agent.logs.ulog_walk import HEADER_SIZE, Walk

_OPENED = slice(8, 16)  # of the file: time since boot
_EDGE: Final = 64  # messages at each end of a log by which its clock is judged
_NOBODY, _UNWANTED = 0, -1  # zeros take no room until they are written
_TABLES_MAX = (1 << 15) - 1  # of topics' instances, of which PX4 has 255


class Sifted(NamedTuple):
    """By message in file order: those that are kept, and of these whose stamps can be true.

    `end` counts the messages before the remains of an older log.
    """

    kept: Mask
    sure: Mask
    end: int


class _Stamps:
    """Where each message has its time stamp, by the subscriptions seen so far."""

    def __init__(self) -> None:
        self._at = np.zeros(IDS, np.int32)
        self._seen = 0

    def read(self, definitions: Definitions, buffer: Bytes, batch: Batch) -> Times:
        """Return each message's own time, or NO_STAMP."""
        for one in definitions.subscriptions[self._seen :]:
            shape = definitions.formats.shape(one.name)
            place = shape.stamp_at if shape else None
            self._at[one.number] = _UNWANTED if place is None else place
        self._seen = len(definitions.subscriptions)
        stamps = at_every_byte(buffer, "<i8")
        at = self._at[batch.kinds]
        if at.min(initial=PAYLOAD_AT) == PAYLOAD_AT == at.max(initial=PAYLOAD_AT):
            own: Times = stamps[batch.starts + PAYLOAD_AT]
            return own
        times = np.full(len(at), NO_STAMP)
        stamped = at > 0
        places = (batch.starts + at)[stamped]
        times[stamped] = stamps[np.minimum(places, len(stamps) - 1)]  # of a message that is short
        return times

    def is_subscribed(self, batch: Batch) -> Mask:
        """Mark messages of a known topic."""
        subscribed: Mask = self._at[batch.kinds] != _NOBODY
        return subscribed


class StampPass:
    """A pass over a doubtful log that only reads the times of its messages."""

    def __init__(self) -> None:
        self._stamps = _Stamps()
        self._times = Growing(np.dtype(np.int64))
        self._subscribed = Growing(np.dtype(np.bool_))

    def take(self, walk: Walk, batch: Batch, share: float) -> None:
        """Read the messages of a piece."""
        times = self._stamps.read(walk.definitions, walk.pieces.padded, batch)
        self._times.extend(times, share)
        self._subscribed.extend(self._stamps.is_subscribed(batch), share)

    def sifted(self, *, damaged: bool) -> Sifted:
        """Tell true messages from impossible ones; a sound file keeps what its firmware wrote."""
        times = self._times.taken()
        kept = np.array(self._subscribed.taken()) if damaged else np.ones(len(times), np.bool_)
        end = len(times)
        if damaged:
            stamped = np.flatnonzero(kept & (times != NO_STAMP))
            known = times[stamped]
            kept[stamped[ahead(known)]] = False
            stale = stale_from(known)
            if stale < len(known):
                end = int(stamped[stale])
                kept[end:] = False
            kept[kept] = ~beyond_end(times[kept])
        sure = np.zeros(len(times), np.bool_)
        sure[kept] = ~beyond_end(times[kept]) & (times[kept] != NO_STAMP)
        return Sifted(kept, sure, end)


class TopicData:
    """A pass over a log that gathers the wanted topics and dates all that is said.

    `end` is the file offset behind which only an older log's remains were found.
    """

    def __init__(self, wanted: Wanted, opened_us: int, sifted: Sifted | None = None) -> None:
        self._wanted, self._sifted = wanted, sifted
        self._opened_us = opened_us
        self._stamps = _Stamps()
        self._preferences = wanted.preferences()
        self._dropped: set[str] = set()
        self._tables: dict[int, Rows] = {}  # by key
        self._keys: dict[tuple[str, int], int] = {}  # by topic and instance
        self._key_of = np.zeros(IDS, np.int16)  # table by message id
        self._topics: list[str] = []  # by key
        self._taken = 0
        self._subscriptions = 0
        self._first: Times = np.empty(0, np.int64)
        self._last: Times = np.empty(0, np.int64)
        self._latest_us = NO_STAMP
        self._is_doubtful = False
        self._has_unknown = False  # messages without a stamp before the first one with
        self.damaged_bytes = 0
        self.end: int | None = None
        self.said_us: list[int] = []  # of each of the walk's other messages: latest time before

    def take(self, walk: Walk, batch: Batch, share: float) -> None:
        """Gather the messages of a piece."""
        sure = None
        if self._sifted:
            batch, sure = self._sift(walk, batch, self._sifted)
        times = self._stamps.read(walk.definitions, walk.pieces.padded, batch)
        certain = times if sure is None else np.where(sure, times, NO_STAMP)
        times = self._date(walk, batch, times, certain)
        self._gather(walk, batch, times, share)

    def _sift(self, walk: Walk, batch: Batch, sifted: Sifted) -> tuple[Batch, Mask]:
        """Return the messages that are kept, and which are sure; the others count as damage."""
        here = slice(self._taken, self._taken + len(batch.starts))
        self._taken = here.stop
        kept = sifted.kept[here]
        if here.start <= sifted.end < here.stop:
            self.end = walk.pieces.base + int(batch.starts[sifted.end - here.start])
        lost = at_every_byte(walk.pieces.padded, "<u2")[batch.starts[~kept]]
        self.damaged_bytes += int(lost.sum(dtype=np.int64)) + HEADER_SIZE * len(lost)
        return Batch(batch.starts[kept], batch.kinds[kept]), sifted.sure[here][kept]

    def _date(self, walk: Walk, batch: Batch, times: Times, certain: Times) -> Times:
        """Follow the clock, and date what else was said by it.

        Returns the times, with the latest one before it for a message that has none.
        """
        self._first = np.r_[self._first, certain[: _EDGE - len(self._first)]]
        self._last = np.r_[self._last, certain[-_EDGE:]][-_EDGE:]
        lowest_us, latest_us = int(times.min(initial=0)), self._latest_us
        self._latest_us = int(certain.max(initial=latest_us))
        if lowest_us < 0:
            self._is_doubtful |= bool(((times < 0) & (times != NO_STAMP)).any())
        latest = np.r_[latest_us, certain]
        if others := walk.others[len(self.said_us) :]:
            before = batch.starts.searchsorted([one.start - walk.pieces.base for one in others])
            self.said_us += highest_before(latest, before + 1).tolist()
        if lowest_us > NO_STAMP:
            return times
        self._has_unknown |= latest_us == NO_STAMP
        return np.where(times == NO_STAMP, np.maximum.accumulate(latest)[1:], times)

    def _gather(self, walk: Walk, batch: Batch, times: Times, share: float) -> None:
        keys = self._keyed(walk, batch)
        rows = np.flatnonzero(keys > 0)
        keys = keys[rows]
        rows = rows[np.argsort(keys, kind="stable")]
        starts, times = batch.starts[rows], times[rows]
        first = 0
        for key, count in enumerate(np.bincount(keys).tolist()):
            if count:
                own = slice(first, first + count)
                table = self._table_of(walk.definitions, key)
                table.extend(walk.pieces.padded, starts[own], times[own], share)
                first += count
        if dropped := self._preferences.superseded(self._has_values):
            self._drop(dropped)

    def _has_values(self, group: Group) -> bool:
        own = (key for (name, _), key in self._keys.items() if name == group.table)
        return any(
            one in self._tables and self._tables[one].has_values(group.fields) for one in own
        )

    def _drop(self, topics: set[str]) -> None:
        """Let go of topics that better ones have made needless."""
        self._dropped |= topics
        for (name, _), key in self._keys.items():
            if name in topics:
                self._tables.pop(key, None)
                self._key_of[self._key_of == key] = _UNWANTED
        self._keys = {place: key for place, key in self._keys.items() if place[0] not in topics}

    def _keyed(self, walk: Walk, batch: Batch) -> NDArray[np.int16]:
        """Return each message's table, 0 or less for none."""
        again: list[Subscription] = []
        for one in walk.definitions.subscriptions[self._subscriptions :]:
            if self._key_of[one.number] == _NOBODY:
                self._key_of[one.number] = self._key(one)
            else:
                again.append(one)  # an id that is given to another topic
        keys = self._key_of[batch.kinds]
        if again:
            self._key_again(batch, keys, again, walk.pieces.base)
        self._subscriptions = len(walk.definitions.subscriptions)
        return keys

    def _key_again(
        self, batch: Batch, keys: NDArray[np.int16], again: list[Subscription], base: int
    ) -> None:
        """Correct the keys of messages that came after their id was given to another topic."""
        order = np.argsort(batch.kinds, kind="stable")
        kinds, starts = batch.kinds[order], batch.starts[order]
        again = sorted(again, key=lambda one: (one.number, one.since))
        numbers = [one.number for one in again]
        firsts = kinds.searchsorted(numbers).tolist()
        ends = kinds.searchsorted(numbers, "right").tolist()
        begins = []
        for one, first, end in zip(again, firsts, ends, strict=True):
            begins.append(first + int(starts[first:end].searchsorted(one.since - base)))
        for one, begin, end in zip(again, begins, [*begins[1:], len(kinds)], strict=True):
            self._key_of[one.number] = self._key(one)
            own = order[begin:end]  # up to the next one of the same id, or of another
            keys[own[batch.kinds[own] == one.number]] = self._key_of[one.number]

    def _key(self, one: Subscription) -> int:
        """Return the number of a subscription's table, a new one if need be."""
        if not self._wanted.has(one.name) or one.name in self._dropped:
            return _UNWANTED
        place = one.name, one.instance
        if place not in self._keys and len(self._topics) < _TABLES_MAX:
            self._topics.append(one.name)
            self._keys[place] = len(self._topics)
        return self._keys.get(place, _UNWANTED)

    def _table_of(self, definitions: Definitions, key: int) -> Rows:
        """Return the table with a number, made when its first message is there."""
        if key not in self._tables:
            name = self._topics[key - 1]
            dtype = definitions.formats.dtype(name)
            self._tables[key] = Rows(dtype, self._wanted.fields_of(name))
        return self._tables[key]

    @property
    def is_doubtful(self) -> bool:
        """Whether stamps were met that can't be true."""
        return self._is_doubtful or is_beyond_end(self._latest_us, self._last)

    @property
    def first_boot_us(self) -> int:
        """When the file was opened, from its header or else from its messages."""
        first_us = earliest(self._first)
        if first_us is None or 0 < self._opened_us <= self._latest_us:
            return max(self._opened_us, 0)
        return first_us

    @property
    def last_boot_us(self) -> int:
        """The latest time of all messages."""
        return max(self.first_boot_us, self._latest_us)

    def tables(self, *, damaged: bool) -> dict[str, dict[int, Table]]:
        """Return the wanted tables by name and instance."""
        tables: dict[str, dict[int, Table]] = {}
        for (name, instance), key in sorted(self._keys.items()):
            if rows := self._tables.get(key):
                table = self._table(name, instance, rows, damaged=damaged)
                tables.setdefault(name, {})[instance] = table
        return tables

    def _table(self, name: str, instance: int, rows: Rows, *, damaged: bool) -> Table:
        if not (damaged or self._has_unknown):
            return Table(name, instance, rows.times, Columns(rows.records()))
        times, records = rows.times.times(), rows.records()
        times = np.where(times == NO_STAMP, self.first_boot_us, times)
        if damaged:
            true = ~spikes(times)
            times, records = times[true], records[true]
            records.flags.writeable = False
        return Table(name, instance, GivenTimes(times), Columns(records))


def opened_us(head: Bytes) -> int:
    """Return the time since boot in a file's header."""
    return int.from_bytes(head[_OPENED].tobytes(), "little", signed=True)
