"""From bytes to rows: decode, ledger, InfluxDB, acknowledgement, in this order.

A batch is acknowledged when it is committed to the ledger *and* its rows are in InfluxDB, where
there is one. What can't be decoded is kept byte for byte and acknowledged as quarantined.
"""

import logging
import sqlite3
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from windsock.collector.dashboards.counters import Counters
from windsock.collector.influx import points
from windsock.collector.influx.lines import Rows
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction
from windsock.collector.receive import gaps, station_clock, store
from windsock.collector.receive.flights import Arrival
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.tallies import count
from windsock.config.killpoint import reached
from windsock.protocol import topics
from windsock.protocol.acks import QUARANTINED, STORED, Ack
from windsock.protocol.envelope import Batch, decode, digest, key_of
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Flight, Station

log = logging.getLogger("windsock.collector")


class Taken(NamedTuple):
    """One batch on its way: decoded, with the rows that don't need the ledger."""

    payload: bytes
    digest: bytes
    batch: Batch
    rows: list[Rows]
    at_us: int
    """When it came first."""


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

    def take(self, arrived: list[Arrived], now_us: int) -> dict[str, list[Ack]]:
        """Store all of *arrived*; the acknowledgements for each agent.

        Raises StoreDown where InfluxDB does not take the rows; then nothing is acknowledged, and
        taking the same again continues where this stopped.
        """
        acks: dict[str, list[Ack]] = {}
        taken: list[Taken] = []
        with transaction(self.ledger):
            for message in arrived:
                at_us = now_us if message.at_us is None else message.at_us
                agent = topics.agent_of(message.topic)
                if agent and message.topic == topics.status(agent):
                    if self._take_status(agent, message, at_us) and message.retained:
                        self.met.add(agent)
                    continue
                good = self._decode(message, agent, at_us)
                if good:
                    taken.append(good)
                status = STORED if good else QUARANTINED
                if agent:
                    acks.setdefault(agent, []).append(Ack(digest(message.payload), status))
            self._store(taken, now_us)
            reached("before-ledger")
        reached("after-ledger")
        self._write_telemetry(taken, now_us)
        return acks

    def _decode(self, message: Arrived, agent: str | None, at_us: int) -> Taken | None:
        payload, name = message.payload, digest(message.payload)
        try:
            said = _signed(decode(payload), agent)
            first_us = store.first_received_us(self.ledger, said.header.key, name)
            at_us = at_us if first_us is None else first_us
            batch = station_clock.dated(self.ledger, said, at_us)
            rows = points.of_message(batch.message, batch.header.agent, at_us)
        except WireError as error:
            log.warning("%s: quarantined: %s", message.topic, error.reason)
            self._quarantine(message, error.reason, at_us)
            return None
        return Taken(payload, name, batch, rows, at_us)

    def _quarantine(self, message: Arrived, reason: str, at_us: int) -> None:
        """Where the header can still be read it is no gap: it came."""
        payload = message.payload
        if store.store_quarantine(self.ledger, message.topic, payload, reason, at_us):
            count(self.ledger, "batches quarantined")
        key = key_of(payload)
        if key and key.agent == topics.agent_of(message.topic):
            gaps.note_quarantined(self.ledger, key)

    def _store(self, taken: list[Taken], now_us: int) -> None:
        for item in taken:
            if store.telemetry_done(self.ledger, item.batch.header.key, item.digest) is None:
                done = self.telemetry.goes_nowhere
                store.store_batch(self.ledger, item.batch, item.payload, item.at_us, done=done)
                self.flights_came |= isinstance(item.batch.message, Flight)
                count(self.ledger, "batches stored")
                self.delay_us = now_us - item.batch.header.wall_us
                self.counters.took(item.batch.header, len(item.payload), now_us)
            elif item.digest not in self._unfinished:
                count(self.ledger, "batches again")

    def _write_telemetry(self, taken: list[Taken], now_us: int) -> None:
        """Write what the ledger says is not written yet, then note that it is."""
        if self.telemetry.goes_nowhere:
            return
        due: dict[bytes, Taken] = {}
        for item in taken:
            if not store.telemetry_done(self.ledger, item.batch.header.key, item.digest):
                due.setdefault(item.digest, item)  # of two copies the one that was stored
        rows: list[Rows] = []
        for item in due.values():
            message = item.batch.message
            rows += item.rows
            if isinstance(message, Flight):
                rows += points.of_flights(self.ledger, message)
        self._unfinished = {item.digest for item in taken}
        lines = self.telemetry.write(rows, now_us)
        self._unfinished = set()
        reached("after-influx")
        with transaction(self.ledger):
            count(self.ledger, "rows written", lines)
            for item in due.values():
                store.mark_telemetry_done(self.ledger, item.batch.header.key, item.digest)

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
