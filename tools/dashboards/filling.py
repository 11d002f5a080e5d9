"""A simulated fleet into an InfluxDB, by the collector's own code: ingest, judgement, rows.

Two real logs, a crash and a normal flight, go along: series and windows come from logs only.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from windsock.agent.intake import Handling, messages, take_in
from windsock.collector.influx.client import open_store
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.ingest import Ingest
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Influx, Judge, Settings
from windsock.firmware_sim.fleet.showcase import Showcase, uid
from windsock.firmware_sim.fleet.telling import DAY_US, Told
from windsock.protocol import topics
from windsock.protocol.envelope import FLIGHTS, Header, encode
from windsock.protocol.messages import Message

NOW_US = 1_795_469_400_000_000
"""2026-11-23T21:30:00Z, an hour after the two logs were flown."""
HOUR_US = 3_600_000_000
HOURLY_DAYS = 2
"""The last days are judged every hour, those before once a day."""
LOGS = Path(__file__).parents[2] / "tests/logs"
REAL_FLIGHTS = ((0, "d2_hard_impact_upright.BIN"), (1, "h1_v455_normal.BIN"))
"""Number of the drone that each log stands for."""
STATION = "field-laptop"


def fill(folder: Path, influx: Influx, showcase: Showcase) -> None:
    """Let *showcase* happen, day by day; the collector's state goes to *folder*."""
    (folder / "roster.csv").write_text(showcase.roster())
    (folder / "releases.csv").write_text(showcase.releases())
    settings = Settings(
        ledger=folder / "ledger",
        roster=folder / "roster.csv",
        releases=folder / "releases.csv",
        influx=influx,
        judge=Judge(simulated=True),
    )
    ledger = open_ledger(settings.ledger)
    ledger.execute("PRAGMA synchronous = OFF")
    telemetry = Telemetry(ledger, open_store(influx))
    ingest = Ingest(ledger, telemetry)
    rounds = Rounds(settings, ledger, telemetry, ingest.counters)
    arrivals = _Arrivals()
    for now_us, told in groupby(showcase.tell(), lambda one: _judged_us(showcase, one.at_us)):
        ingest.take(list(arrivals.of(told, now_us)), now_us)
        rounds.make(now_us)
    ingest.take(list(arrivals.of_logs(showcase.now_us)), showcase.now_us)
    ingest.take([arrivals.garbage()], showcase.now_us)
    rounds.make(showcase.now_us, last=True)
    ledger.close()


def _judged_us(showcase: Showcase, at_us: int) -> int:
    """When what was told at *at_us* is judged."""
    every_us = HOUR_US if at_us > showcase.now_us - HOURLY_DAYS * DAY_US else DAY_US
    return min((at_us // every_us + 1) * every_us - 1, showcase.now_us)


class _Arrivals:
    """Messages as the broker would hand them over."""

    def __init__(self) -> None:
        self._seq: dict[str, int] = {}

    def of(self, told: Iterator[Told], at_us: int) -> Iterator[Arrived]:
        for one in told:
            yield self._arrived(one.station, one.message, at_us)

    def of_logs(self, at_us: int) -> Iterator[Arrived]:
        """Both real logs, as an agent reads and measures them."""
        for drone, name in REAL_FLIGHTS:
            intake = take_in(LOGS / name, Handling(positions="full", autopilot=uid(drone)))
            for _, message in messages(intake, at_us):
                yield self._arrived(STATION, message, at_us)

    def garbage(self) -> Arrived:
        """What nobody can decode."""
        return Arrived(topics.up(STATION), b"no batch", retained=False, mid=1)

    def _arrived(self, agent: str, message: Message, at_us: int) -> Arrived:
        seq = self._seq[agent] = self._seq.get(agent, 0) + 1
        wall_us = at_us - 2_000_000
        header = Header(agent, 1, FLIGHTS, seq, wall_us, wall_us, "showcase", "0.1.0")
        return Arrived(topics.up(agent), encode(header, message), retained=False, mid=1)
