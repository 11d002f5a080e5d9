"""The whole line as processes: stations with agents, a broker, InfluxDB, a collector."""

import sqlite3
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Self

from tests.chaos.faulty_influx import FaultyInflux
from tests.chaos.load import Load
from tests.chaos.processes import Mortal, Zygote
from tests.chaos.proxy import Proxy
from tests.servers import Influxd, Mosquitto, free_port
from windsock.agent.settings import Broker
from windsock.collector.receive.tallies import totals

STATIONS = ("north", "south", "west")
WINDOW = Broker().window
LOOK_S = 0.05


class Rig:
    """Three stations as they come, all settings at their defaults but where the servers are."""

    def __init__(
        self, folder: Path, load: Load, *, faulty_influx: bool = False, proxied: bool = False
    ) -> None:
        self.folder = folder
        self.load = load
        self.ledger = folder / "windsock.ledger"
        self.broker = Mosquitto(folder / "mosquitto")
        self.influx = Influxd(folder / "influxd")
        self.metrics_port = free_port()
        self._faulty = faulty_influx
        self._proxied = proxied
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        zygote = self._stack.enter_context(Zygote())
        self._stack.enter_context(self.broker)
        self._stack.enter_context(self.influx)
        self.influx.query("CREATE DATABASE windsock")
        if self._faulty:
            self.bad_influx = self._stack.enter_context(FaultyInflux(self.influx.url))
        if self._proxied:
            self.proxy = self._stack.enter_context(Proxy(self.broker.port))
        self.collector = self._collector(zygote)
        self.agents = [self._agent(zygote, station) for station in STATIONS]
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.agents, self.collector):
            process.kill()
        self._stack.close()

    def start(self) -> None:
        for process in (*self.agents, self.collector):
            process.start()

    def drop(self) -> None:
        """One more log, at one station after the other."""
        station = self.load.logs % len(STATIONS)
        self.load.drop(station, self.folder / f"{STATIONS[station]}-logs")

    def forget_logs(self) -> None:
        """They are in: room for others."""
        for station in STATIONS:
            for log in (self.folder / f"{station}-logs").iterdir():
                log.unlink()

    @property
    def _broker_port(self) -> int:
        return self.proxy.port if self._proxied else self.broker.port

    def live(self, seconds: float, logs_a_s: float = 1.0) -> None:
        """Time goes by and logs come."""
        began_s = time.monotonic()
        dropped = 0
        while (gone_s := time.monotonic() - began_s) < seconds:
            if dropped < gone_s * logs_a_s:
                self.drop()
                dropped += 1
            self.collector.look()
            time.sleep(LOOK_S)

    def waiting(self) -> int:
        """Batches that are still in spools."""
        return sum(self.waits(self.folder / name / "spool.sqlite") for name in STATIONS)

    def waits(self, spool: Path) -> int:
        """Batches in one of them."""
        return self._count(spool, "SELECT count(*) FROM batches")

    def drained(self) -> bool:
        """All logs are in, and nothing waits anywhere."""
        logs = self._count(self.ledger, "SELECT count(*) FROM logs")
        undone = "SELECT count(*) FROM batches WHERE telemetry_done = 0"
        return (
            logs >= self.load.logs
            and self.waiting() == 0
            and self._count(self.ledger, undone) == 0
        )

    def drain(self, within_s: float) -> float:
        """How long it took until all was drained; raises TimeoutError."""
        began_s = time.monotonic()
        while not self.drained():
            if time.monotonic() - began_s > within_s:
                raise TimeoutError(f"{self.waiting()} batches wait, {within_s} s later")
            time.sleep(LOOK_S)
        return time.monotonic() - began_s

    def count(self, query: str) -> int:
        """Of the ledger."""
        return self._count(self.ledger, query)

    def tallies(self) -> dict[str, int]:
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as ledger:
            return dict(totals(ledger))

    @staticmethod
    def _count(path: Path, query: str) -> int:
        """0 where there is no such file or table yet."""
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                return int(database.execute(query).fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    def _collector(self, zygote: Zygote) -> Mortal:
        settings = self.folder / "collector.toml"
        url = self.bad_influx.url if self._faulty else self.influx.url
        settings.write_text(
            f'ledger = "{self.ledger}"\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {self._broker_port}\n'
            f'[influx]\nurl = "{url}"\napi = "v1"\n'
            f"[metrics]\nport = {self.metrics_port}\n"
            f'[notify]\nsupport = "support@maker.example"\n'
            f'[notify.file]\npath = "{self.folder}/notices.jsonl"\n'
        )
        return Mortal(zygote, "windsock.collector", ["run", "-c", str(settings)],
                      self.folder / "collector.log")  # fmt: skip

    def _agent(self, zygote: Zygote, station: str) -> Mortal:
        settings = self.folder / f"{station}.toml"
        logs = self.folder / f"{station}-logs"
        logs.mkdir(exist_ok=True)
        settings.write_text(
            f'agent = "{station}"\nstate = "{self.folder}/{station}"\nscan_s = 0.2\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {self._broker_port}\n'
            f'[[watch]]\nfolder = "{logs}"\n'
        )
        return Mortal(zygote, "windsock.agent", ["run", "-c", str(settings)],
                      self.folder / f"{station}.log")  # fmt: skip
