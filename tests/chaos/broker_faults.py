"""A broker that is full, picky, dumb or lying: the station keeps what it can't hand on."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from tests.chaos.load import Load
from tests.chaos.processes import Mortal, Zygote
from tests.chaos.scorecard import Scorecard
from tests.chaos.scripted_broker import (
    NOT_AUTHORIZED,
    PACKET_TOO_LARGE,
    QUOTA,
    Script,
    ScriptedBroker,
)
from windsock.protocol import topics
from windsock.protocol.acks import STORED, Ack, encode_acks
from windsock.protocol.envelope import digest

PART = "broker"
AGENT = "north"
PATIENCE_S = 120.0
SMALL = 1500
AGAIN = "until the agent is started again"
"""Or an hour is over: it has learned what this broker does not take."""

FAULTS: Final[dict[str, dict[str, Any]]] = {
    "refuses to be connected to (CONNACK 0x87)": {"refuse": NOT_AUTHORIZED},
    "refuses the subscription (SUBACK 0x87)": {"suback": NOT_AUTHORIZED},
    "is over its quota (PUBACK 0x97)": {"puback": QUOTA},
    "lies in reason codes (PUBACK 0x95)": {"puback": PACKET_TOO_LARGE},
    f"finds batches too large (DISCONNECT 0x95) {AGAIN}": {
        "publish": "disconnect", "puback": PACKET_TOO_LARGE,
    },
    f"takes no packet of more than {SMALL} bytes": {"maximum_packet": SMALL},
    "drops PUBACKs": {"publish": "drop"},
    "cuts the connection at each batch": {"publish": "cut"},
    "cuts it within a packet": {"publish": "cut mid-packet"},
    "lies: acknowledges all, passes nothing on": {},
}  # fmt: skip


class Station:
    """One real agent and a collector that is a list of digests."""

    def __init__(self, folder: Path, zygote: Zygote, broker: ScriptedBroker, load: Load) -> None:
        self.broker, self.load = broker, load
        self.logs, self.state = folder / "logs", folder / "state"
        self.logs.mkdir(parents=True)
        settings = folder / "agent.toml"
        settings.write_text(
            f'agent = "{AGENT}"\nstate = "{self.state}"\nscan_s = 0.2\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\nack_timeout_s = 1\n'
            f'[[watch]]\nfolder = "{self.logs}"\n'
        )
        self.agent = Mortal(zygote, "windsock.agent", ["run", "-c", str(settings)],
                            folder / "agent.log")  # fmt: skip

    def spooled(self) -> set[bytes]:
        """Digests of what waits."""
        try:
            uri = f"file:{self.state}/spool.sqlite?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as spool:
                return {row[0] for row in spool.execute("SELECT digest FROM batches")}
        except sqlite3.OperationalError:
            return set()

    def drain(self) -> None:
        """Acknowledge whatever comes until nothing waits."""

        def acknowledged() -> bool:
            acks = [Ack(digest(one), STORED) for one in self.broker.batches()]
            for start in range(0, len(acks), 1000):
                part = encode_acks(acks[start : start + 1000])
                self.broker.send(topics.ack(AGENT), part)
            return not self.spooled()

        until(acknowledged)


def broker_faults(
    folder: Path, seed: int, card: Scorecard, progress: Callable[[str], None]
) -> None:
    """Each fault meets a log that has just come; then the broker is well again."""
    with Zygote() as zygote, ScriptedBroker() as broker:
        station = Station(folder, zygote, broker, Load(seed))
        station.agent.start()
        station.load.drop(0, station.logs)
        station.drain()
        for name, faults in FAULTS.items():
            progress(f"a broker {name}")
            _fault(station, card, name, faults)
        station.agent.kill()


def _fault(station: Station, card: Scorecard, name: str, faults: dict[str, Any]) -> None:
    broker = station.broker
    _become(broker.script, faults)
    broker.hang_up()
    met = broker.connections + 1
    station.load.drop(0, station.logs)
    until(lambda: broker.connections > met or len(station.spooled()) > 4)
    published = len(broker.batches())
    until(lambda: broker.connections > met or len(broker.batches()) > published)
    time.sleep(1.5)  # a time-out and a half: what it does when nothing comes
    kept, tries = station.spooled(), len(broker.batches()) - published
    _become(broker.script, {})
    broker.hang_up()
    began_s = time.monotonic()
    if AGAIN in name:
        station.agent.kill()
        station.agent.start()
    station.drain()
    handed = {digest(one) for one in broker.batches()}
    card.add(
        PART, f"a broker that {name}: all is kept, and sent when it is well",
        f"{len(kept)} batches kept, {tries} sent meanwhile, drained"
        f" {time.monotonic() - began_s:.1f} s after it",
        kept=len(kept) > 4 and kept <= handed and station.agent.running,
    )  # fmt: skip


def _become(script: Script, changes: dict[str, Any]) -> None:
    for field in fields(Script):
        setattr(script, field.name, changes.get(field.name, field.default))


def until(true: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > limit_s:
            raise TimeoutError("it never came to that")
        time.sleep(0.1)
