"""The outbox: notices wait here from the moment their case changes until a channel took them.

A row is written in the transaction that changes the case and marked after sending, so a notice
is sent at least once; its key lets channels that can make that exactly once.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import msgspec

from windsock.collector.ledger import transaction
from windsock.collector.notify.notice import Notice
from windsock.collector.sql import Value, insert

MAIL: Final = "smtp"
FIRST_RETRY_S: Final = 30.0
LONGEST_RETRY_S: Final = 3600.0
A_PASS: Final = 200
"""Notices sent before somebody may look at other things."""
_NEXT: Final = """
state = 'waiting' AND NOT EXISTS (SELECT 1 FROM outbox AS older WHERE older.state = 'waiting'
    AND older.case_id = outbox.case_id AND older.channel = outbox.channel
    AND (older.recipient = outbox.recipient OR outbox.channel = 'hubspot')
    AND older.id < outbox.id)
"""
"""Whose turn it is: a case is told to each in order. In HubSpot it is one task, whosever it is."""


class Refused(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Nobody will ever take this notice as it is: it is parked, with the reason."""


class Later(Exception):  # noqa: N818 - likewise
    """One notice was not taken now: a full mailbox, an overloaded server."""


class Unreachable(Exception):  # noqa: N818 - likewise
    """The channel as a whole does not work now, whatever the notice."""


class Parcel(NamedTuple):
    """What a channel is given. The same key again is the same notice again."""

    key: str
    recipient: str
    notice: Notice


class Channel(Protocol):
    """A way to reach people."""

    def send(self, parcel: Parcel) -> None:
        """Deliver *parcel*, or raise Refused, Later or Unreachable."""


@dataclass
class Sent:
    """What became of the notices that were due."""

    sent: int = 0
    parked: int = 0
    troubles: list[str] = field(default_factory=list)
    """What went wrong with which channel and recipient."""


def enqueue(
    ledger: sqlite3.Connection, notice: Notice, channels: Iterable[str], recipient: str
) -> int:
    """One row for each channel, in the caller's transaction; how many are new.

    Mail needs an address; the other channels say where the notice should go.
    """
    rows = 0
    for channel in channels:
        if channel == MAIL and not recipient:
            continue
        row: dict[str, Value] = {
            "key": f"{channel}|{recipient}|{notice.identity}",
            "channel": channel,
            "recipient": recipient,
            "case_id": notice.case,
            "notice": msgspec.json.encode(notice).decode(),
            "created_us": notice.created_us,
            "next_us": notice.created_us,
            "state": "waiting",
        }
        rows += bool(insert(ledger, "outbox", row, "ON CONFLICT (key) DO NOTHING"))
    return rows


def send_due(
    ledger: sqlite3.Connection,
    channels: Mapping[str, Channel],
    now_us: int,
    jitter: Callable[[], float],
) -> Sent:
    """Send what is due, oldest first. *jitter* gives numbers from 0 to 1.

    What could not be sent is due again after 30 s, doubling up to an hour, less up to half of
    that; with it all notices of a channel that can't be reached, and later ones of its case to
    the same recipient.
    """
    result = Sent()
    for name, channel in channels.items():
        for row in _due(ledger, name, now_us):
            try:
                _send(ledger, channel, row, now_us)
                result.sent += 1
            except Refused as error:
                _close(ledger, row, "parked", now_us, str(error))
                result.parked += 1
                result.troubles.append(f"{name} to {row['recipient'] or 'nobody'}: {error}")
            except (Later, Unreachable) as error:
                pause_us = _pause_us(row["attempts"], jitter())
                whole = isinstance(error, Unreachable)
                _postpone(ledger, row, str(error), now_us + pause_us, whole=whole)
                result.troubles.append(f"{name}: {error}; again in {pause_us / 1e6:.0f} s")
                if whole:
                    break
    return result


def _send(ledger: sqlite3.Connection, channel: Channel, row: sqlite3.Row, now_us: int) -> None:
    notice = msgspec.json.decode(row["notice"], type=Notice)
    channel.send(Parcel(row["key"], row["recipient"], notice))
    _close(ledger, row, "sent", now_us, None)


def next_due_us(ledger: sqlite3.Connection, channels: Iterable[str]) -> int | None:
    """When the next notice for one of *channels* is due; None: none is waiting."""
    names = list(channels)
    marks = ", ".join("?" * len(names))
    row = ledger.execute(
        f"SELECT min(next_us) FROM outbox WHERE channel IN ({marks}) AND {_NEXT}",  # noqa: S608 - question marks
        names,
    ).fetchone()
    return None if row[0] is None else int(row[0])


def troubles(ledger: sqlite3.Connection) -> list[str]:
    """What an operator should know: notices that were refused, notices that can't be sent."""
    rows = ledger.execute(
        "SELECT state, channel, error, count(*) AS number FROM outbox"
        " WHERE state = 'parked' OR state = 'waiting' AND error IS NOT NULL"
        " GROUP BY state, channel, error ORDER BY max(id) DESC LIMIT 3"
    ).fetchall()
    return [
        f"{row['channel']}: {row['number']} notice{'' if row['number'] == 1 else 's'}"
        f" {row['state']}: {row['error']}"
        for row in rows
    ]


def _due(ledger: sqlite3.Connection, channel: str, now_us: int) -> list[sqlite3.Row]:
    return ledger.execute(
        f"SELECT * FROM outbox WHERE channel = ? AND next_us <= ? AND {_NEXT} ORDER BY id LIMIT ?",  # noqa: S608 - put together of our own words
        (channel, now_us, A_PASS),
    ).fetchall()


def _pause_us(attempts: int, jitter: float) -> int:
    longest_s = min(FIRST_RETRY_S * 2.0 ** min(attempts, 20), LONGEST_RETRY_S)
    return round(longest_s * (1 - jitter / 2) * 1e6)


def _postpone(
    ledger: sqlite3.Connection, row: sqlite3.Row, error: str, next_us: int, *, whole: bool
) -> None:
    with transaction(ledger):
        ledger.execute(
            "UPDATE outbox SET attempts = attempts + 1, next_us = ?, error = ? WHERE id = ?",
            (next_us, error, row["id"]),
        )
        if whole:
            ledger.execute(
                "UPDATE outbox SET next_us = max(next_us, ?)"
                " WHERE state = 'waiting' AND channel = ?",
                (next_us, row["channel"]),
            )


def _close(
    ledger: sqlite3.Connection, row: sqlite3.Row, state: str, now_us: int, error: str | None
) -> None:
    with transaction(ledger):
        ledger.execute(
            "UPDATE outbox SET attempts = attempts + 1, state = ?, sent_us = ?, error = ?"
            " WHERE id = ?",
            (state, now_us if state == "sent" else None, error, row["id"]),
        )
