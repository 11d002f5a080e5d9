"""Which message id of a ULog carries which topic instance, and how large its messages are."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from windsock.agent.logs.records import Offsets
from windsock.agent.logs.ulog_formats import Formats, Shape

IDS = 65536
_ID_SIZE = 2
_NAME_AT = 3
_SUBSCRIPTION_MAX = 128  # bytes
_SIZES_TO_BELIEVE = 3
# Far more than any log has: what more there is would only fill the memory.
_SUBSCRIPTIONS_MAX, _SEEN_MAX = 1 << 17, 1 << 16


class Subscription(NamedTuple):
    """From file offset `since` on, data messages with `number` are this topic's instance."""

    number: int
    name: str
    instance: int
    since: int


@dataclass(slots=True)
class Definitions:
    """Formats and subscriptions seen so far. The first sound definition stays."""

    formats: Formats = field(default_factory=Formats)
    subscriptions: list[Subscription] = field(default_factory=list)
    # by message id: the commonest head of a data message (size, type and id), 0 where not known,
    # and its size as its header states it, where 0 is not known either
    heads: Offsets = field(default_factory=lambda: np.zeros(IDS, np.int64))
    size_min: Offsets = field(default_factory=lambda: np.zeros(IDS, np.int64))
    size_max: Offsets = field(default_factory=lambda: np.zeros(IDS, np.int64))
    _current: dict[int, Subscription] = field(default_factory=dict)
    _seen: Counter[tuple[int, int]] = field(default_factory=Counter)  # unexpected id, size

    def known_from_the_start(self) -> "Definitions":
        """Return definitions for another pass: with all formats, without subscriptions."""
        return Definitions(self.formats.copied())

    def subscribe(self, payload: bytes, since: int) -> None:
        """Take a subscription message, unless it contradicts an earlier one."""
        number = int.from_bytes(payload[1:_NAME_AT], "little")
        if number in self._current or len(self.subscriptions) == _SUBSCRIPTIONS_MAX:
            return
        name = self.formats.name_like(payload[_NAME_AT:].rstrip(b"\0").decode("latin-1"))
        shape = self.formats.shape(name) if name else None
        if not name or shape is None:
            return
        self._current[number] = Subscription(number, name, payload[0], since)
        self.subscriptions.append(self._current[number])
        self._set_shape(number, shape)

    def unsubscribe(self, payload: bytes) -> None:
        """Take a removal: the id may be given to another topic from then on."""
        self._current.pop(int.from_bytes(payload, "little"), None)

    def mend(self, payload: bytes, since: int) -> None:
        """Take what may be a format or subscription message, damaged by a few bits."""
        if not self.formats.mend(payload) and _NAME_AT < len(payload) < _SUBSCRIPTION_MAX:
            self.subscribe(payload, since)

    def learn_size(self, number: int, size: int) -> None:
        """Note data of an unexpected size; the third of one size is believed.

        Then the id's format is mended to fit, or its messages are at least known by their size.
        """
        if (number, size) in self._seen or len(self._seen) < _SEEN_MAX:
            self._seen[number, size] += 1
        if self._seen[number, size] != _SIZES_TO_BELIEVE:
            return
        if number not in self._current:
            self._set_sizes(number, size, size)
            return
        name = self._current[number].name
        if self.formats.refit(name, size - _ID_SIZE):
            for one in self._current.values():
                shape = self.formats.shape(name)
                if one.name == name and shape:
                    self._set_shape(one.number, shape)

    def _set_shape(self, number: int, shape: Shape) -> None:
        size = shape.size + _ID_SIZE
        self._set_sizes(number, size, size + shape.padding_bytes)

    def _set_sizes(self, number: int, least: int, most: int) -> None:
        self.heads[number] = head_of(least, number)  # padding is mostly left out
        self.size_min[number], self.size_max[number] = least, most


def head_of(size: int, number: int) -> int:
    """Return how a data message begins, its first five bytes as a number."""
    return size | ord("D") << 16 | number << 24
