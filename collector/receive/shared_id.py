"""Two hosts that sign as one agent: a cloned SD card. Support hears of it (X2).

Epochs are random, so their keys hardly ever meet; where they do, that is one proof. The other is a
boot that speaks again after another boot of "the same" host has spoken: a host that was restarted
never comes back under its old boot id. Only live status messages count. They are made when they
are sent, while batches of a boot long gone may wait in a spool; what the broker repeats is no
newer by the boot's own monotonic clock; and one that was overtaken on its way makes one return
each, not two. Two hosts push each other off the broker (one client id) and say so at every
connection, so two returns come within a minute. Hosts that are never up at once can't be told from
one that restarts.
"""

import sqlite3
from typing import Final

from windsock.collector.receive.flights import Arrival
from windsock.collector.sql import insert
from windsock.protocol.envelope import Key
from windsock.protocol.messages import Station

SHARED_ID: Final = "shared agent id"
"""What rows of `damage` about it are called."""
_RETURNS_THAT_PROVE: Final = 2
_TOLD_FOR_US: Final = 86_400_000_000
_BOOTS_KEPT_US: Final = 30 * 86_400_000_000


def note_twin(ledger: sqlite3.Connection, key: Key, arrival: Arrival) -> None:
    """A batch came under the *key* of another that has other bytes: a proof."""
    detail = f"epoch {key.epoch}, lane {key.lane}, seq {key.seq} came with other bytes"
    _report(ledger, detail, arrival)


def note_boot(ledger: sqlite3.Connection, station: Station, arrival: Arrival) -> None:
    """A live status came: the second return of a boot is a proof."""
    boots = ledger.execute(
        "SELECT boot_id, monotonic_us, returns, heard_us FROM boots"
        " WHERE agent = ? ORDER BY heard_us DESC",
        (arrival.agent,),
    ).fetchall()
    itself = next((boot for boot in boots if boot["boot_id"] == station.boot_id), None)
    if itself and station.monotonic_us <= itself["monotonic_us"]:
        return
    returns = itself["returns"] if itself else 0
    if itself and boots[0] != itself:
        returns += 1
        if returns >= _RETURNS_THAT_PROVE:
            other = boots[0]["boot_id"]
            _report(ledger, f"boots {station.boot_id} and {other} speak in turns", arrival)
    heard_us = max([arrival.received_us, *(boot["heard_us"] + 1 for boot in boots)])
    ledger.execute(
        "INSERT OR REPLACE INTO boots VALUES (?, ?, ?, ?, ?)",
        (arrival.agent, station.boot_id, station.monotonic_us, returns, heard_us),
    )
    ledger.execute(
        "DELETE FROM boots WHERE agent = ? AND heard_us < ?",
        (arrival.agent, arrival.received_us - _BOOTS_KEPT_US),
    )


def _report(ledger: sqlite3.Connection, detail: str, arrival: Arrival) -> None:
    """Once a day: support knows by then."""
    told = ledger.execute(
        "SELECT 1 FROM damage WHERE agent = ? AND what = ? AND received_us > ?",
        (arrival.agent, SHARED_ID, arrival.received_us - _TOLD_FOR_US),
    ).fetchone()
    if not told:
        insert(ledger, "damage", {"what": SHARED_ID, "detail": detail} | arrival._asdict())
