"""Which batches came: the memory that makes "twice" once.

Every function works inside a transaction of its caller.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from windsock.collector.receive import gaps
from windsock.collector.receive.flights import Arrival
from windsock.protocol.envelope import Batch, Header, Key

_INSERT: Final = "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_HEARD: Final = """
INSERT INTO stations (agent, first_seen_us, last_seen_us, boot_id, agent_version)
VALUES (:agent, :first_us, :last_us, :boot_id, :agent_version)
ON CONFLICT (agent) DO UPDATE SET boot_id = excluded.boot_id,
    agent_version = excluded.agent_version,
    last_seen_us = max(last_seen_us, excluded.last_seen_us)
"""


class Known(NamedTuple):
    """A batch that was stored before."""

    received_us: int
    """When it came first; its rows in InfluxDB bear that time."""
    telemetry_done: bool


class Stored(NamedTuple):
    """What the ledger has under the key of a batch: itself perhaps, or one of other bytes."""

    itself: Known | None
    twin: bool


class New(NamedTuple):
    """A batch that is to be stored."""

    batch: Batch
    digest: bytes
    received_us: int


def stored(ledger: sqlite3.Connection, key: Key, payload_digest: bytes) -> Stored:
    """What the ledger has of a batch."""
    rows = ledger.execute(
        "SELECT digest, received_us, telemetry_done FROM batches"
        " WHERE agent = ? AND epoch = ? AND lane = ? AND seq = ?",
        key,
    ).fetchall()
    itself = next(
        (Known(at_us, bool(done)) for d, at_us, done in rows if d == payload_digest), None
    )
    return Stored(itself, len(rows) > (itself is not None))


def note_batches(ledger: sqlite3.Connection, batches: Sequence[New], *, done: bool) -> None:
    """That *batches* are here; *done*: there are no series of them to write."""
    ledger.executemany(
        _INSERT,
        [
            (*new.batch.header.key, new.digest, _kind(new.batch), new.received_us, done)
            for new in batches
        ],
    )
    gaps.note_arrivals(ledger, [new.batch.header.key for new in batches])


def mark_telemetry_done(ledger: sqlite3.Connection, batches: Iterable[tuple[Key, bytes]]) -> None:
    """The time series of these (key, digest) are in InfluxDB, or there is none."""
    ledger.executemany(
        "UPDATE batches SET telemetry_done = 1"
        " WHERE agent = ? AND epoch = ? AND lane = ? AND seq = ? AND digest = ?",
        [(*key, payload_digest) for key, payload_digest in batches],
    )


def note_station(
    ledger: sqlite3.Connection, arrival: Arrival, boot_id: str, agent_version: str
) -> None:
    """A station was heard of."""
    times = {"first_us": arrival.received_us, "last_us": arrival.received_us}
    said = {"agent": arrival.agent, "boot_id": boot_id, "agent_version": agent_version}
    ledger.execute(_HEARD, times | said)


def note_stations(ledger: sqlite3.Connection, heard: Iterable[tuple[Header, int]]) -> None:
    """Stations were heard of, in this order: of each what it said last counts."""
    of_agents: dict[str, list[tuple[Header, int]]] = defaultdict(list)
    for header, at_us in heard:
        of_agents[header.agent].append((header, at_us))
    ledger.executemany(_HEARD, [_heard(of_agent) for of_agent in of_agents.values()])


def _heard(of_agent: Sequence[tuple[Header, int]]) -> dict[str, str | int]:
    (_, first_us), (last, _) = of_agent[0], of_agent[-1]
    return {
        "agent": last.agent,
        "first_us": first_us,
        "last_us": max(at_us for _, at_us in of_agent),
        "boot_id": last.boot_id,
        "agent_version": last.agent_version,
    }


def _kind(batch: Batch) -> str:
    return str(batch.message.__struct_config__.tag)
