"""The whole line on one machine: broker, mail server, collector, a station, drones plugged in.

Agent and collector run as the processes that a user would start, with their own constants: a
drone has to rest for a minute before the agent speaks to it. Everything stays in one folder.
"""

import json
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from importlib.metadata import version
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen
from typing import Final, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from windsock.firmware_sim import broker, mailbox
from windsock.firmware_sim.demo import processes
from windsock.firmware_sim.demo.cast import HISTORY_DAYS, LIVES, PLUGGED, STATION_DAYS
from windsock.firmware_sim.demo.logs import Found, find, write_own
from windsock.firmware_sim.demo.settings import InfluxDB, Ports, Scene, write_settings
from windsock.firmware_sim.demo.showing import count, show, show_kept, show_next
from windsock.firmware_sim.history import HOUR_US, station_hours, tell
from windsock.firmware_sim.uplink import send

_LOOK_S: Final = 0.5
_PATIENCE_S: Final = 300.0
_REST_S: Final = 60
_DIGEST_AFTER_HOURS: Final = 2


class Wish(NamedTuple):
    """What the demo was asked for."""

    folder: Path
    logs: Path | None = None
    """Somebody's own, in place of ours."""
    keep: bool = False
    """Go on until Ctrl-C."""
    influx: InfluxDB | None = None


def demo(wish: Wish) -> int:
    """Run the whole line; 0 when all that was sent is stored, judged and told."""
    console = Console()
    folder = wish.folder
    if not _emptied(folder):
        console.print(f"[red]{folder} holds something else[/]: name an empty folder, or a new one")
        return 1
    found = find(folder, wish.logs, console) if wish.logs else write_own(folder, _now_us())
    if not found:
        console.print(f"[red]No flight log in {wish.logs}[/] (.ulg, .bin)")
        return 1
    try:
        _play(wish, found, console)
    except processes.DemoFailed as error:
        console.print(str(error), markup=False, highlight=False)
        return 1
    return 0


def _play(wish: Wish, found: Sequence[Found], console: Console) -> None:
    folder, now_us = wish.folder, _now_us()
    clock: list[str] = []
    if wish.logs:  # an hour after the last of them, so that they are news
        starts = [start for log in found for start in log.starts_us]
        now_us = max(starts, default=now_us) + HOUR_US
        clock = _clock(now_us)
    digests_us = (now_us // HOUR_US + _DIGEST_AFTER_HOURS) * HOUR_US
    web = broker.free_port() if wish.keep else None
    ports = Ports(broker.free_port(), broker.free_port(), web)
    hour = _utc(digests_us).hour
    write_settings(folder, Scene(ports, found, not wish.logs, wish.influx, hour))
    with ExitStack() as line:
        mails = _servers(wish, ports, line, console)
        _collector_command(folder, [*clock, "import", "owners", f"{folder}/facts/owners.csv"])
        station = None if wish.logs else line.enter_context(_plugged_in(folder))
        with processes.collector(folder, clock):
            _tell_history(ports.broker, now_us, console)
            if station:
                _wait_for_drones(folder, found, station, console)
            else:
                _import_and_send(folder, found, console)
        # The hour of the digests comes: whoever has open cases gets them in one mail.
        _collector_command(folder, [*_clock(digests_us), "run", "--once"])
        show(folder, clock, mails, console)
        if wish.keep:
            _start_again(wish, ports.web, clock, line)
            show_kept(folder, ports, wish.influx, mails, console)
            _wait_to_be_ended()
        else:
            show_next(folder, found[0].path, console)


def _servers(
    wish: Wish, ports: Ports, line: ExitStack, console: Console
) -> Sequence[EmailMessage]:
    """Broker and mail server, until *line* ends; the mails as they come."""
    name = line.enter_context(broker.running(wish.folder, ports.broker))
    mails = line.enter_context(mailbox.running(wish.folder / "mail", ports.mail)).mails
    console.print(f"Broker: {name} on port {ports.broker}. Mail server on port {ports.mail}.")
    if wish.influx:
        said = _collector_command(wish.folder, ["init-influx"]).stdout.strip()
        console.print(f"InfluxDB: {said}.", highlight=False, markup=False)
    return mails


@contextmanager
def _plugged_in(folder: Path) -> "Iterator[Popen[bytes]]":
    """Drones on ptys and the agent, which is yielded."""
    with processes.drones(folder), processes.agent(folder) as station:
        yield station


def _collector_command(folder: Path, command: Sequence[str]) -> "CompletedProcess[str]":
    settings = ["-c", str(folder / "collector.toml")]
    return processes.run(folder, ["windsock.collector", *command, *settings])


def _clock(us: int) -> list[str]:
    return ["--now", _utc(us).isoformat()]


def _utc(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1e6, UTC)


def _now_us() -> int:
    return time.time_ns() // 1000


def _emptied(folder: Path) -> bool:
    """Make room where the demo may: a new or empty folder, or what an earlier demo left."""
    marker = folder / ".windsock-demo"
    if folder.exists() and not marker.exists() and any(folder.iterdir()):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()
    return True


def _tell_history(port: int, now_us: int, console: Console) -> None:
    with console.status(f"{len(LIVES)} simulated drones tell {HISTORY_DAYS} days of flights"):
        told = [message for life in LIVES for message in tell(life, now_us, HISTORY_DAYS)]
        told += station_hours(now_us, STATION_DAYS, version("windsock"))
        send(port, "demo-history", version("windsock"), told, now_us)
    console.print(f"{len(LIVES)} simulated drones told {HISTORY_DAYS} days of flights.")


def _wait_for_drones(
    folder: Path, found: Sequence[Found], station: "Popen[bytes]", console: Console
) -> None:
    """Until the card's log and those of the drones that are plugged in are stored."""
    console.print(
        f"A card is in the station's reader, and {count(len(PLUGGED), 'drone')} plugged in"
        " (ptys). The agent says nothing to a drone that has not rested for a minute."
    )
    wanted = {log.serial for log in found} | {drone.serial for drone in PLUGGED}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        resting = bar.add_task("The drones rest, then their logs are fetched", total=_REST_S + 10)
        deadline_s = time.monotonic() + _PATIENCE_S
        while not wanted <= (stored := _stored(folder)):
            if station.poll() is not None:
                raise processes.DemoFailed((folder / "agent.log").read_text("utf-8"))
            if time.monotonic() > deadline_s:
                missing = ", ".join(sorted(wanted - stored))
                raise processes.DemoFailed(f"no flight of {missing} came: see {folder}/agent.log")
            bar.update(resting, completed=time.monotonic() - deadline_s + _PATIENCE_S)
            time.sleep(_LOOK_S)
    console.print(f"The station sent {count(len(wanted), 'log')}; the collector has stored all.")


def _stored(folder: Path) -> set[str]:
    """Serials of drones with a flight. The ledger is asked once all logs are with the agent."""
    log = folder / "agent.log"
    if not log.exists() or log.read_text("utf-8").count(": queued, ") <= len(PLUGGED):
        return set()
    said = _collector_command(folder, ["fleet", "--json"]).stdout
    rows = [json.loads(line) for line in said.splitlines()]
    return {row["serial"] for row in rows if row["flights"]}


def _import_and_send(folder: Path, found: Sequence[Found], console: Console) -> None:
    """The station imports what is in its watched folders and runs until all of it is stored."""
    settings = ["-c", str(folder / "agent.toml")]
    command = [sys.executable, "-m", "windsock.agent", "run", "--once", *settings]
    said = []
    with (
        Popen(command, stderr=PIPE, text=True) as process,  # noqa: S603 - our own command
        Progress(console=console, transient=True) as bar,
    ):
        task = bar.add_task("The station reads, measures and sends", total=len(found))
        for line in process.stderr or ():
            said.append(line)
            bar.advance(task)
    if process.returncode:
        raise processes.DemoFailed("".join(said))
    console.print(f"The station sent {count(len(found), 'log')}; the collector has stored all.")


def _start_again(wish: Wish, web: int | None, clock: Sequence[str], line: ExitStack) -> None:
    """Everything where it was stopped; the links in mails can be opened then."""
    collector = line.enter_context(processes.collector(wish.folder, clock))
    while web and not _open(web):
        if collector.poll() is not None:
            raise processes.DemoFailed((wish.folder / "collector.log").read_text("utf-8"))
        time.sleep(_LOOK_S)
    if wish.logs:
        line.enter_context(processes.agent(wish.folder))


def _open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def _wait_to_be_ended() -> None:
    """Until Ctrl-C or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # not in this thread: it may be within `ended.wait`, and would wait for itself
        signal.signal(number, lambda *_: threading.Thread(target=ended.set).start())
    ended.wait()
