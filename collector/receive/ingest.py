"""From bytes to rows: decode, ledger, InfluxDB, acknowledgement, in this order.

A batch is acknowledged when it is committed to the ledger *and* its rows are in InfluxDB, where
there is one. What can't be decoded is kept byte for byte and acknowledged as quarantined.
"""

import logging
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from windsock.collector.dashboards.counters import Counters
from windsock.collector.influx import points
from windsock.collector.influx.lines import Rows
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction
from windsock.collector.receive import batches, gaps, station_clock, store
from windsock.collector.receive.batches import New, Stored
from windsock.collector.receive.flights import Arrival
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.shared_id import note_twin
from windsock.collector.receive.tallies import count
from windsock.config.killpoint import reached
from windsock.protocol import topics
from windsock.protocol.acks import QUARANTINED, STORED, Ack
from windsock.protocol.envelope import Batch, Key, decode, digest, key_of
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Flight, Station

log = logging.getLogger("windsock.collector")


class Opened(NamedTuple):
    """One batch on its way, decoded but for its columns."""

    message: Arrived
    digest: bytes
    key: Key
    batch: Batch
    stored: Stored
    at_us: int
    """When it came first."""


class Taken(NamedTuple):
    """One good batch, with the rows that don't need the ledger."""

    opened: Opened
    rows: list[Rows]


Acks = dict[str, list[Ack]]
"""The acknowledgements for each agent."""


@dataclass
class Ingest:
    """Takes what the inbox brought. One ledger transaction for all that came together."""

    ledger: sqlite3.Connection
    telemetry: Telemetry
    flights_came: bool = False
    """Set when there is something new to judge; whoever judges clears it."""
    delay_us: int = 0
    """How long the last batch took from the station's clock, which may be wrong, to here."""
    counters: Counters = field(default_factory=Counters)
    met: set[str] = field(default_factory=set)
    """Agents that were there before us; whoever tells them that we are here clears it."""
    _unfinished: set[bytes] = field(default_factory=set)

    def take(self, arrived: list[Arrived], now_us: int) -> Acks:
        """Store all of *arrived*; what to acknowledge.

        Raises StoreDown where InfluxDB does not take the rows; then nothing is acknowledged, and
        taking the same again continues where this stopped.
        """
        acks: Acks = defaultdict(list)
        with transaction(self.ledger):
            taken = self._draw(self._open_all(arrived, acks, now_us), acks)
            self._store(taken, now_us)
            reached("before-ledger")
        reached("after-ledger")
        self._write_telemetry(taken, now_us)
        return acks

    def _open_all(self, arrived: list[Arrived], acks: Acks, now_us: int) -> list[Opened]:
        """All that are batches by their envelope; takes what stations say of themselves."""
        opened = []
        for message in arrived:
            at_us = now_us if message.at_us is None else message.at_us
            agent = topics.agent_of(message.topic)
            if agent and message.topic == topics.status(agent):
                if self._take_status(agent, message, at_us) and message.retained:
                    self.met.add(agent)
                continue
            try:
                opened.append(self._open(message, agent, at_us))
            except WireError as error:
                self._refuse(message, error.reason, at_us, acks)
        return opened

    def _open(self, message: Arrived, agent: str | None, at_us: int) -> Opened:
        """Raises WireError for what is no batch of *agent*."""
        name = digest(message.payload)
        said = _signed(decode(message.payload), agent)
        key = said.header.key
        stored = batches.stored(self.ledger, key, name)
        at_us = stored.itself.received_us if stored.itself else at_us
        batch = station_clock.dated(self.ledger, said, at_us)
        return Opened(message, name, key, batch, stored, at_us)

    def _draw(self, opened: list[Opened], acks: Acks) -> list[Taken]:
        """All whose columns are some, too."""
        taken = []
        said = [points.Said(one.batch.message, one.key.agent, one.at_us) for one in opened]
        for one, rows in zip(opened, points.of_messages(said), strict=True):
            if isinstance(rows, WireError):
                self._refuse(one.message, rows.reason, one.at_us, acks)
            else:
                taken.append(Taken(one, rows))
                acks[one.key.agent].append(Ack(one.digest, STORED))
        return taken

    def _refuse(self, message: Arrived, reason: str, at_us: int, acks: Acks) -> None:
        log.warning("%s: quarantined: %s", message.topic, reason)
        self._quarantine(message, reason, at_us)
        agent = topics.agent_of(message.topic)
        if agent:
            acks[agent].append(Ack(digest(message.payload), QUARANTINED))

    def _quarantine(self, message: Arrived, reason: str, at_us: int) -> None:
        """Where the header can still be read it is no gap: it came."""
        payload = message.payload
        if store.store_quarantine(self.ledger, message.topic, payload, reason, at_us):
            count(self.ledger, "batches quarantined")
        key = key_of(payload)
        if key and key.agent == topics.agent_of(message.topic):
            gaps.note_quarantined(self.ledger, key)

    def _store(self, taken: list[Taken], now_us: int) -> None:
        new = self._new(taken)
        done = self.telemetry.goes_nowhere
        told = [New(item.batch, item.digest, item.at_us) for item in new]
        batches.note_batches(self.ledger, told, done=done)
        for item in new:
            message, header = item.batch.message, item.batch.header
            store.store_message(self.ledger, message, Arrival(header.agent, item.at_us))
            self.flights_came |= isinstance(message, Flight)
            self.delay_us = now_us - header.wall_us
            self.counters.took(header, len(item.message.payload), now_us)
        # last, as a message of a station's says how it was when that was made
        batches.note_stations(self.ledger, [(item.batch.header, item.at_us) for item in new])
        count(self.ledger, "batches stored", len(new))

    def _new(self, taken: list[Taken]) -> list[Opened]:
        """Those that were never stored, each once; counts the others."""
        new: dict[tuple[Key, bytes], Opened] = {}
        keys: set[Key] = set()
        again = 0
        for item, _ in taken:
            if item.stored.itself or (item.key, item.digest) in new:
                again += item.digest not in self._unfinished
                continue
            if item.stored.twin or item.key in keys:
                note_twin(self.ledger, item.key, Arrival(item.key.agent, item.at_us))
            new[item.key, item.digest] = item
            keys.add(item.key)
        count(self.ledger, "batches again", again)
        return list(new.values())

    def _write_telemetry(self, taken: list[Taken], now_us: int) -> None:
        """Write what the ledger says is not written yet, then note that it is."""
        if self.telemetry.goes_nowhere:
            return
        due: dict[bytes, Taken] = {}
        for item in taken:
            known = item.opened.stored.itself
            if known is None or not known.telemetry_done:
                due.setdefault(item.opened.digest, item)  # of two copies the one that was stored
        rows: list[Rows] = []
        for opened, drawn in due.values():
            rows += drawn
            if isinstance(opened.batch.message, Flight):
                rows += points.of_flights(self.ledger, opened.batch.message)
        self._unfinished = {item.opened.digest for item in taken}
        lines = self.telemetry.write(rows, now_us)
        self._unfinished = set()
        reached("after-influx")
        with transaction(self.ledger):
            count(self.ledger, "rows written", lines)
            done = [(opened.key, opened.digest) for opened, _ in due.values()]
            batches.mark_telemetry_done(self.ledger, done)

    def _take_status(self, agent: str, message: Arrived, at_us: int) -> bool:
        """True where the station says that it is there."""
        try:
            station = msgspec.json.decode(message.payload, type=Station)
        except (ValueError, RecursionError) as error:
            self._quarantine(message, f"status: {error}", at_us)
            return False
        arrival, live = Arrival(agent, at_us), station.online and not message.retained
        station_clock.note_clock(self.ledger, station, arrival, live=live)
        if live:
            station = station_clock.dated_station(self.ledger, station, arrival)
        store.store_status(self.ledger, station, arrival, retained=message.retained)
        return station.online


def _signed(batch: Batch, agent: str | None) -> Batch:
    """Raises WireError for a batch on somebody else's topic."""
    if batch.header.agent != agent:
        raise WireError(f"signed by {batch.header.agent!r}, sent by {agent!r}")
    return batch
