"""The data messages of a ULog, by topic and instance."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.flightlog import Table
from windsock.agent.logs.records import Columns, Mask, Offsets, at_every_byte, gather
from windsock.agent.logs.stamps import (
    NO_STAMP,
    Times,
    ahead,
    beyond_end,
    earliest,
    spikes,
    stale_from,
)
from windsock.agent.logs.ulog_chain import HEADER_SIZE, Walk
from windsock.agent.logs.ulog_definitions import IDS, Subscription
from windsock.agent.logs.ulog_formats import PAYLOAD_AT

_NO_END = 1 << 62
_OPENED = slice(8, 16)  # of the file: time since boot


class TopicData:
    """What a walk over a file found, without messages of impossible times if it is damaged.

    `end` is the file offset behind which only an older log's remains were found.
    """

    def __init__(self, walk: Walk) -> None:
        self._buffer = walk.buffer
        self._definitions = walk.definitions
        self.damaged_bytes = walk.accepted.damaged_bytes
        self.end = len(walk.buffer)
        starts = walk.accepted.starts()
        numbers = at_every_byte(walk.buffer, "<u2")[starts + HEADER_SIZE]
        if self.damaged_bytes:  # a sound file keeps what its firmware wrote
            starts, numbers = self._keep(self._fits(starts, numbers), starts, numbers)
            starts, numbers = self._keep(self._possible(starts, numbers), starts, numbers)
        times = self._stamps(starts, numbers)
        impossible = beyond_end(times)
        sure = times if not impossible.any() else np.where(impossible, NO_STAMP, times)
        self.first_boot_us = self._first_boot_us(sure)
        self.last_boot_us = max(self.first_boot_us, int(sure.max(initial=0)))
        self._sure_times = sure
        self._starts, self._numbers = starts, numbers
        self._times = times if times.min(initial=0) >= 0 else self._with_neighbours(times)

    @cached_property
    def _latest_us(self) -> Times:
        """Return the latest time before each message and before the end, shape (n + 1,)."""
        latest: Times = np.maximum.accumulate(np.r_[self.first_boot_us, self._sure_times])
        return latest

    def _with_neighbours(self, times: Times) -> Times:
        """Return times in which messages without a stamp have the latest one before them."""
        return np.where(times == NO_STAMP, self._latest_us[1:], times)

    def _first_boot_us(self, times: Times) -> int:
        """Return when the file was opened, from its header or else from its messages."""
        opened_us = int.from_bytes(self._buffer[_OPENED].tobytes(), "little", signed=True)
        first_us = earliest(times)
        if first_us is None or 0 < opened_us <= times.max():
            return max(opened_us, 0)
        return first_us

    def _stamps(self, starts: Offsets, numbers: NDArray[np.uint16]) -> Times:
        """Return each message's own time, or NO_STAMP."""
        places = np.full(IDS, -1)
        for one in self._definitions.subscriptions:
            shape = self._definitions.formats.shape(one.name)
            if shape and shape.stamp_at is not None:
                places[one.number] = shape.stamp_at
        subscribed = [one.number for one in self._definitions.subscriptions]
        if subscribed and (places[subscribed] == PAYLOAD_AT).all():
            own: Times = at_every_byte(self._buffer, "<i8")[starts + PAYLOAD_AT]
            return own
        at = places[numbers]
        stamped = at >= 0
        times = np.full(len(starts), NO_STAMP)
        times[stamped] = at_every_byte(self._buffer, "<i8")[(starts + at)[stamped]]
        return times

    def _keep(
        self, kept: Mask, starts: Offsets, numbers: NDArray[np.uint16]
    ) -> tuple[Offsets, NDArray[np.uint16]]:
        """Return the messages that are kept, counting the others as damage."""
        sizes = at_every_byte(self._buffer, "<u2")[starts[~kept]]
        self.damaged_bytes += int(sizes.sum(dtype=np.int64)) + HEADER_SIZE * len(sizes)
        return starts[kept], numbers[kept]

    def _fits(self, starts: Offsets, numbers: NDArray[np.uint16]) -> Mask:
        """Mark messages of a known topic and its size, now that its format may be mended."""
        sizes = at_every_byte(self._buffer, "<u2")[starts]
        definitions = self._definitions
        subscribed = np.zeros(IDS, np.bool_)
        subscribed[[one.number for one in definitions.subscriptions]] = True
        low, high = definitions.size_min[numbers], definitions.size_max[numbers]
        fits: Mask = subscribed[numbers] & (low <= sizes) & (sizes <= high)
        return fits

    def _possible(self, starts: Offsets, numbers: NDArray[np.uint16]) -> Mask:
        """Mark messages whose time can be true; what comes after `end` is an older log's."""
        times = self._stamps(starts, numbers)
        stamped = np.flatnonzero(times != NO_STAMP)
        known = times[stamped]
        possible = ~beyond_end(times)
        possible[stamped[ahead(known)]] = False
        stale = stale_from(known)
        if stale < len(known):
            self.end = int(starts[stamped[stale]])
            possible[stamped[stale] :] = False
        return possible

    def boot_us(self, start: int) -> int:
        """Return the time at a file offset: the latest stamp before it."""
        return int(self._latest_us[self._starts.searchsorted(start)])

    def tables(self, wanted: frozenset[str] | None) -> dict[str, dict[int, Table]]:
        """Return the wanted tables by name and instance."""
        chosen: dict[tuple[str, int], list[Offsets]] = {}
        for one, rows in self._rows(wanted):
            chosen.setdefault((one.name, one.instance), []).append(rows)
        tables: dict[str, dict[int, Table]] = {}
        for (name, instance), parts in sorted(chosen.items()):
            rows = parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))
            tables.setdefault(name, {})[instance] = self._table(name, instance, rows)
        return tables

    def _rows(self, wanted: frozenset[str] | None) -> list[tuple[Subscription, Offsets]]:
        """Return the messages of each wanted subscription that has any."""
        subscriptions = self._definitions.subscriptions
        is_chosen = np.zeros(IDS, np.bool_)
        is_chosen[
            [one.number for one in subscriptions if wanted is None or one.name in wanted]
        ] = True
        rows = np.flatnonzero(is_chosen[self._numbers])
        numbers = self._numbers[rows]
        rows = rows[np.argsort(numbers, kind="stable")]
        stops = np.bincount(numbers, minlength=IDS).cumsum()
        found = []
        for one, until in _spans(subscriptions):
            own = rows[stops[one.number - 1] if one.number else 0 : stops[one.number]]
            first, last = self._starts[own].searchsorted((one.since, until)).tolist()
            if first < last and (wanted is None or one.name in wanted):
                found.append((one, own[first:last]))
        return found

    def _table(self, name: str, instance: int, rows: Offsets) -> Table:
        times = self._times[rows]
        if self.damaged_bytes:
            true = ~spikes(times)
            rows, times = rows[true], times[true]
        dtype = self._definitions.formats.dtype(name)
        records = gather(self._buffer, self._starts[rows], dtype)
        return Table(name, instance, times, Columns(records))


def _spans(subscriptions: list[Subscription]) -> list[tuple[Subscription, int]]:
    """Return each subscription with the file offset from which its id belongs to another one."""
    spans, until = [], dict[int, int]()
    for one in reversed(subscriptions):
        spans.append((one, until.get(one.number, _NO_END)))
        until[one.number] = one.since
    return spans[::-1]
