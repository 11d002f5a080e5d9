"""Which sequence numbers are missing: a high-water mark and a list of gaps for each lane.

A gap without a reason may still be on its way. One with a reason is closed: its batches were
dropped by the agent (a tombstone says why), are in quarantine, or came between the backup that
this ledger was restored from and the restore (`collector/receive/backup`). Whatever arrives after
all is taken out of its gap.
"""

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from windsock.protocol.envelope import Key
from windsock.protocol.messages import Tombstone

log = logging.getLogger("windsock.collector")

RESTORED: Final = "restored: acknowledged after the backup was made"
QUARANTINED: Final = "quarantined"
_LANE: Final = "agent = ? AND epoch = ? AND lane = ?"
# A lane that is new to a restored ledger: unless the epoch is seen to begin, it began before.
_BEGAN_BEFORE: Final = """
SELECT 1 FROM backups WHERE EXISTS (
    SELECT 1 FROM backup_marks WHERE agent = :agent AND epoch = :epoch
) OR NOT EXISTS (
    SELECT 1 FROM batches WHERE agent = :agent AND epoch = :epoch AND seq = 1
)
"""


class Span(NamedTuple):
    """Sequence numbers, both ends included."""

    first: int
    last: int


class Lane(NamedTuple):
    """Where sequence numbers are counted."""

    agent: str
    epoch: int
    lane: int


def note_arrivals(ledger: sqlite3.Connection, keys: Iterable[Key]) -> None:
    """Raise the marks to *keys* that came together, or take those out of their gaps."""
    came: dict[Lane, list[int]] = defaultdict(list)
    for key in keys:
        came[Lane(*key[:3])].append(key.seq)
    for lane, seqs in came.items():
        high = _high(ledger, lane)
        late = [seq for seq in seqs if seq <= high]
        for seq in late:
            _cut(ledger, lane, Span(seq, seq))
        for run in _runs(seq for seq in seqs if seq > high):
            _raise_mark(ledger, lane, high, run)
            high = run.last


def _runs(seqs: Iterable[int]) -> Iterator[Span]:
    """Those of *seqs* that follow each other, as spans that rise."""
    rising = sorted(set(seqs))
    starts = [at for at, seq in enumerate(rising) if at == 0 or rising[at - 1] != seq - 1]
    for start, end in pairwise([*starts, len(rising)]):
        yield Span(rising[start], rising[end - 1])


def note_quarantined(ledger: sqlite3.Connection, key: Key) -> None:
    """A batch came of which only the header could be read."""
    _close(ledger, Lane(*key[:3]), Span(key.seq, key.seq), QUARANTINED)


def close_by_tombstone(ledger: sqlite3.Connection, agent: str, stone: Tombstone) -> None:
    """The agent had to drop these: what of them never came is a gap with its reason."""
    span = Span(stone.first_seq, stone.last_seq)
    if span.first <= span.last:
        _close(ledger, Lane(agent, stone.epoch, stone.lane), span, stone.reason)


def _close(ledger: sqlite3.Connection, lane: Lane, span: Span, reason: str) -> None:
    """What is missing within *span*, now and above the mark, is missing for *reason*."""
    for gap in _cut(ledger, lane, span):
        _insert(ledger, lane, gap, reason)
    high = _high(ledger, lane)
    if span.last > high:
        _raise_mark(ledger, lane, high, span)
        _insert(ledger, lane, Span(max(span.first, high + 1), span.last), reason)


def _high(ledger: sqlite3.Connection, lane: Lane) -> int:
    row = ledger.execute(f"SELECT high_seq FROM marks WHERE {_LANE}", lane).fetchone()  # noqa: S608 - a condition of ours
    return row[0] if row else 0


def _raise_mark(ledger: sqlite3.Connection, lane: Lane, high: int, span: Span) -> None:
    """From *high* to the end of *span*; what is between them is missing from now on."""
    missing = Span(high + 1, span.first - 1)
    reason = None
    if missing.first <= missing.last and _before_restore(ledger, lane, high):
        reason = RESTORED
        log.warning("%s, lane %d: %d batches from before the restore are not in this ledger",
                    lane.agent, lane.lane, missing.last - missing.first + 1)  # fmt: skip
    _insert(ledger, lane, missing, reason)
    ledger.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", (*lane, span.last))


def _before_restore(ledger: sqlite3.Connection, lane: Lane, high: int) -> bool:
    """Whether what is missing above the mark *high* may be what a restore lost."""
    if high == 0:
        return ledger.execute(_BEGAN_BEFORE, lane._asdict()).fetchone() is not None
    mark = ledger.execute(
        f"SELECT 1 FROM backup_marks WHERE {_LANE} AND high_seq = ?",  # noqa: S608 - a condition of ours
        (*lane, high),
    ).fetchone()
    return mark is not None


def _cut(ledger: sqlite3.Connection, lane: Lane, span: Span) -> list[Span]:
    """Take *span* out of the gaps; the parts of them that went."""
    gaps = ledger.execute(
        "SELECT first_seq, last_seq, reason FROM gaps"  # noqa: S608 - a condition of ours
        f" WHERE {_LANE} AND first_seq <= ? AND last_seq >= ?",
        (*lane, span.last, span.first),
    ).fetchall()
    for first, last, reason in gaps:
        ledger.execute(f"DELETE FROM gaps WHERE {_LANE} AND first_seq = ?", (*lane, first))  # noqa: S608 - a condition of ours
        _insert(ledger, lane, Span(first, span.first - 1), reason)
        _insert(ledger, lane, Span(span.last + 1, last), reason)
    return [Span(max(first, span.first), min(last, span.last)) for first, last, _ in gaps]


def _insert(ledger: sqlite3.Connection, lane: Lane, span: Span, reason: str | None) -> None:
    if span.first <= span.last:
        ledger.execute("INSERT INTO gaps VALUES (?, ?, ?, ?, ?, ?)", (*lane, *span, reason))
