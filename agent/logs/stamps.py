"""Which time stamps can't be true, judged by the messages around them.

A flipped bit can turn a stamp into the year 2500. A log's true stamps keep together in file order,
whatever each topic's delay, and each topic's own run forward but for small steps back.
"""

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.records import Mask, Offsets

Times = NDArray[np.int64]

NO_STAMP = -(1 << 63)

_BLOCK = 64  # messages: most of them are intact
SLACK_US = 10_000_000  # a log that was paused, a topic that is late
_AHEAD_US = 2_000_000
_BLOCKS_BEHIND = 3  # a file begins with a block or two of old messages
_SPIKE_US = 1_000_000  # one message against both its neighbours of the same topic
_SPIKES_RARE = 10  # at most one in so many messages
_FARTHEST_US = 1 << 60  # sums and differences stay within int64


def out_of_order(times: Times, pause_us: int) -> Mask:
    """Mark stamps far from all those around them; `times` in file order, any length.

    For DataFlash, which stamps a message as it is written. The first and last few messages may be
    up to `pause_us` away from the others: a log can stop and go on for a moment.
    """
    steps = np.diff(times)
    if steps.max(initial=0) <= SLACK_US and steps.min(initial=0) >= -SLACK_US:
        return np.zeros(len(times), np.bool_)
    times = np.clip(times, -_FARTHEST_US, _FARTHEST_US)
    middles = _medians(times)
    beside = np.stack(
        [
            np.r_[middles[0] - pause_us, middles[:-1]],
            middles,
            np.r_[middles[1:], middles[-1] + pause_us],
        ]
    )
    block = np.arange(len(times)) // _BLOCK
    low, high = beside.min(axis=0)[block], beside.max(axis=0)[block]
    marked: Mask = (times < low - SLACK_US) | (times > high + SLACK_US)
    return marked


def is_beyond_end(latest_us: int, last: Times) -> bool:
    """Tell whether a log's latest stamp is after its end, by its `last` messages in file order."""
    known = last[last != NO_STAMP]
    return bool(len(known)) and latest_us > int(np.median(known)) + SLACK_US


def beyond_end(times: Times) -> Mask:
    """Mark negative stamps and those after the log's end; `times` in file order, or NO_STAMP.

    For ULog, which may hold messages that are much older than their place in the file.
    """
    if not len(times):
        return np.zeros(0, np.bool_)
    latest = int(np.median(times[-_BLOCK:]))
    if times.min() >= 0 and times.max() <= latest + SLACK_US:
        return np.zeros(len(times), np.bool_)
    known = np.clip(times[times != NO_STAMP], -_FARTHEST_US, _FARTHEST_US)
    latest = int(_medians(known).max()) if len(known) else 0
    marked: Mask = (times != NO_STAMP) & ((times < 0) | (times > latest + SLACK_US))
    return marked


def ahead(times: Times) -> Mask:
    """Mark stamps that the messages behind them in the file don't reach; as `beyond_end`."""
    if not len(times):
        return np.zeros(0, np.bool_)
    middles = _medians(np.clip(times, -_FARTHEST_US, _FARTHEST_US))
    reached = np.r_[middles, np.full(_BLOCKS_BEHIND, middles[-1])]
    high = np.lib.stride_tricks.sliding_window_view(reached, _BLOCKS_BEHIND + 1).max(axis=1)
    high[-1:] += SLACK_US
    marked: Mask = times > high[np.arange(len(times)) // _BLOCK] + _AHEAD_US
    return marked


def stale_from(times: Times) -> int:
    """Return from which message on time has stepped back for good; `times` in file order.

    What a card held before, an older log, follows the end of a newer one that was not closed.
    """
    middles = _medians(np.clip(times, -_FARTHEST_US, _FARTHEST_US)) if len(times) else times
    before = np.maximum.accumulate(middles)[:-2]
    back = (middles[1:-1] < before - SLACK_US) & (middles[2:] < before - SLACK_US)
    if not back.any():
        return len(times)
    block = int(back.argmax())
    first = block * _BLOCK
    older = times[first:] < before[block] - SLACK_US
    return first + int(older.argmax())


def earliest(times: Times) -> int | None:
    """Return the first stamp of a log, `times` in file order, without those of older messages."""
    known = times[:_BLOCK]
    known = known[known != NO_STAMP]
    if not len(known):
        return None
    return int(known[known >= int(np.median(known)) - SLACK_US].min())


def spikes(times: Times) -> Mask:
    """Mark single stamps of one topic that leap forth and back, or back and forth."""
    marked = np.zeros(len(times), np.bool_)
    steps = np.diff(np.clip(times, -_FARTHEST_US, _FARTHEST_US))
    if len(steps) < 2 or steps.min() >= -_SPIKE_US:  # noqa: PLR2004 -- both neighbours
        return marked
    before, after = steps[:-1], steps[1:]
    leaps = (np.minimum(before, -after) > _SPIKE_US) | (np.maximum(before, -after) < -_SPIKE_US)
    marked[1:-1] = leaps & (before + after >= -_SPIKE_US)
    if marked.sum() > len(times) // _SPIKES_RARE:  # no damage, but two clocks in one topic
        marked[:] = False
    return marked


def _medians(times: Times) -> Times:
    """Return the median of each block of messages; the last block overlaps the one before."""
    if len(times) <= _BLOCK:
        return np.sort(times)[[len(times) // 2]]
    blocks = -(-len(times) // _BLOCK)
    padded = np.empty(blocks * _BLOCK, np.int64)
    padded[: len(times)] = times
    padded[-_BLOCK:] = times[-_BLOCK:]
    half = _BLOCK // 2
    medians: Times = np.partition(padded.reshape(blocks, _BLOCK), half, axis=1)[:, half]
    return medians


def highest_before(times: Times, stops: Offsets) -> Times:
    """Return for each of some places, rising and behind the first time, the latest time before it.

    Times and places of shape (n,) and (m,), the answer of shape (m,).
    """
    ends, which = np.unique(stops, return_inverse=True)
    parts = np.maximum.reduceat(times[: ends[-1]], np.r_[0, ends[:-1]])
    latest: Times = np.maximum.accumulate(parts)[which]
    return latest
