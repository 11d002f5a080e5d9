"""The whole line on one machine: broker, mail server, collector, stations; then what came of it.

Agent and collector run as the processes that a user would start. Everything stays in one folder.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.panel import Panel
from rich.progress import Progress

from windsock.firmware_sim import broker, mailbox
from windsock.firmware_sim.history import HOUR_US, Life, station_hours, tell
from windsock.firmware_sim.uplink import send

HISTORY_DAYS: Final = 120
STATION_DAYS: Final = 50
_TABLE_WIDTH: Final = 130
_DIGEST_AFTER_HOURS: Final = 2
LIVES: Final = (
    Life("SN-0003", 4.0),
    Life("SN-0004", 3.0, stopped_days_ago=41, powered_days_ago=3),
    Life("SN-0005", 1.5),
    Life("SN-0006", 5.0),
)
OWN_LOGS: Final = (
    ("SN-0001", "d2_hard_impact_upright.BIN"),
    ("SN-0002", "h1_v455_normal.BIN"),
)
_ROSTER_HEAD: Final = (
    "serial,uid,product,delivered,customer,customer_email,stage,region,"
    "distributor,distributor_email,csm,csm_email,service_state,valid_from"
)
_OWNERS: Final = (
    ("Alpine Survey", "Nordwind Drones", "Mara Lind"),
    ("Hafen Inspect", "", "Jonas Ek"),
    ("Terra Maps", "Nordwind Drones", "Mara Lind"),
    ("Solo Aerial", "", "Jonas Ek"),
)
"""In turn; the drone that stopped flying is its customer's only one."""


class Found(NamedTuple):
    """One log of the demo and whose it is."""

    path: Path
    serial: str
    uid: str
    starts_us: list[int]


def demo(folder: Path, logs: Path | None) -> int:
    """Run the whole line in *folder*, with the logs in *logs* or two of our own."""
    console = Console()
    if not _emptied(folder):
        console.print(f"[red]{folder} holds something else[/]: name an empty folder, or a new one")
        return 1
    found = _find(folder, logs, console)
    if not found:
        console.print(f"[red]No flight log in {logs}[/] (.ulg, .bin)")
        return 1
    starts = [start for log in found for start in log.starts_us]
    now_us = max(starts, default=time.time_ns() // 1000) + HOUR_US
    ports = _Ports(broker.free_port(), broker.free_port())
    _write_settings(folder, ports, found, now_us)
    with ExitStack() as line:
        name = line.enter_context(broker.running(folder, ports.broker))
        mails = line.enter_context(mailbox.running(folder / "mail", ports.mail)).mails
        console.print(f"Broker: {name} on port {ports.broker}. Mail server on port {ports.mail}.")
        with _collector(folder, now_us):
            _tell_history(ports.broker, now_us, console)
            _import_and_send(folder, found, console)
        _next_hour(folder, now_us)
        _show(folder, now_us, mails, console)
    return 0


def _emptied(folder: Path) -> bool:
    """Make room where the demo may: a new or empty folder, or what an earlier demo left."""
    marker = folder / ".windsock-demo"
    if folder.exists() and not marker.exists() and any(folder.iterdir()):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()
    return True


class _Ports(NamedTuple):
    broker: int
    mail: int


def _find(folder: Path, logs: Path | None, console: Console) -> list[Found]:
    """What logs there are; the drones in them, and when they flew, as the agent reads it."""
    if logs is None:
        own = Path(__file__).parent.parent / "tests" / "logs"
        serials = {str(own / name): serial for serial, name in OWN_LOGS}
        paths = [own / name for _, name in OWN_LOGS]
    else:
        serials, paths = {}, [logs]
    with console.status("Reading logs"):
        read = _run(folder, ["windsock.agent", "read", "--json", *map(str, paths)], check=False)
    lines = [json.loads(line) for line in read.stdout.splitlines()]
    good = [line for line in lines if "error" not in line]
    for line in lines:
        if "error" in line:
            console.print(f"[yellow]{line['log']}: {line['error']}[/]", highlight=False)
    return list(_whose(good, serials))


def _whose(lines: Sequence[dict[str, Any]], serials: dict[str, str]) -> Iterator[Found]:
    """Logs of one autopilot are one drone's; those that don't name theirs are a drone's each."""
    by_uid: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        serial = serials.get(line["log"], f"DEMO-{number:03}")
        uid = line["drone_uid"]
        if uid.startswith("unidentified:"):
            uid = f"as:{serial}"
        starts = [flight["start"].get("us") for flight in line["flights"]]
        known = [start for start in starts if start is not None]
        yield Found(Path(line["log"]), by_uid.setdefault(uid, serial), uid, known)


def _write_settings(folder: Path, ports: _Ports, found: Sequence[Found], now_us: int) -> None:
    digest_hour = _utc((now_us // HOUR_US + _DIGEST_AFTER_HOURS) * HOUR_US).hour
    (folder / "agent.toml").write_text(
        f'agent = "demo-station"\nstate = "{folder}/station"\n'
        f'[broker]\nport = {ports.broker}\nprotocol = "3.1.1"\n'
        + "".join(_watched(folder, log) for log in found)
    )
    (folder / "collector.toml").write_text(
        f'ledger = "{folder}/windsock.ledger"\nroster = "{folder}/roster.csv"\n'
        f'[broker]\nport = {ports.broker}\nprotocol = "3.1.1"\n'
        # Simulated flights open no cases, except here. Who sold the drones, and when, is not told.
        '[judge]\nsimulated = true\nrequired = ["csm", "e-mail"]\n'
        f"[day]\nhour = {digest_hour}\n"
        'working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
        '[notify]\nsupport = "support@example.com"\n'
        f'[notify.smtp]\nhost = "127.0.0.1"\nport = {ports.mail}\nsecurity = "plain"\n'
        'sender = "windsock@example.com"\n'
        f'[notify.file]\npath = "{folder}/notices.jsonl"\n'
    )
    drones = {log.serial: log.uid for log in found} | {life.serial: life.uid for life in LIVES}
    rows = [_roster_row(*drone, number) for number, drone in enumerate(drones.items())]
    (folder / "roster.csv").write_text("\n".join([_ROSTER_HEAD, *rows]) + "\n")


def _roster_row(serial: str, uid: str, number: int) -> str:
    customer, distributor, csm = _OWNERS[number % len(_OWNERS)]
    since = "2010-01-01"
    mails = [f"{name.split()[0].lower()}@example.com" if name else ""
             for name in (customer, distributor, csm)]  # fmt: skip
    return ",".join(
        [serial, uid, "Kite 4", since, customer, mails[0], "customer", "DACH",
         distributor, mails[1], csm, mails[2], "in_service", since]
    )  # fmt: skip


@contextmanager
def _collector(folder: Path, now_us: int) -> Iterator[None]:
    """The collector; told to stop, it judges and sends what is waiting first."""
    command = ["windsock.collector", "--now", _utc(now_us).isoformat(), "run"]
    command += ["-c", str(folder / "collector.toml")]
    with (folder / "collector.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=log)  # noqa: S603
        try:
            yield
        finally:
            process.terminate()
            if process.wait():
                Console(stderr=True).print((folder / "collector.log").read_text(), markup=False)


def _next_hour(folder: Path, now_us: int) -> None:
    """The hour of the digests comes: whoever has open cases gets them in one mail."""
    at_us = (now_us // HOUR_US + _DIGEST_AFTER_HOURS) * HOUR_US
    command = ["windsock.collector", "--now", _utc(at_us).isoformat(), "run", "--once"]
    _run(folder, [*command, "-c", str(folder / "collector.toml")])


def _tell_history(port: int, now_us: int, console: Console) -> None:
    with console.status(f"{len(LIVES)} simulated drones tell {HISTORY_DAYS} days of flights"):
        told = [message for life in LIVES for message in tell(life, now_us, HISTORY_DAYS)]
        told += station_hours(now_us, STATION_DAYS, version("windsock"))
        send(port, "demo-history", version("windsock"), told, now_us)
    console.print(f"{len(LIVES)} simulated drones told {HISTORY_DAYS} days of flights.")


def _import_and_send(folder: Path, found: Sequence[Found], console: Console) -> None:
    """The station imports what is in its watched folders and runs until all of it is stored."""
    settings = ["-c", str(folder / "agent.toml")]
    command = [sys.executable, "-m", "windsock.agent", "run", "--once", *settings]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    said = []
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("The station reads, measures and sends", total=len(found))
        for line in process.stderr or ():
            said.append(line)
            bar.advance(task)
    if process.wait():
        raise RuntimeError("".join(said))
    console.print(f"The station sent {_count(len(found), 'log')}; the collector has stored all.")


def _watched(folder: Path, log: Found) -> str:
    """A folder with one log in it, as settings: whose logs these are."""
    watched = folder / "logs" / log.serial
    watched.mkdir(parents=True, exist_ok=True)
    place = watched / str(len(list(watched.iterdir())))
    place.mkdir()
    (place / log.path.name).symlink_to(log.path.absolute())
    drone = f'drone = "{log.serial}"\n' if log.uid == f"as:{log.serial}" else ""
    return f'[[watch]]\nfolder = "{watched}"\n{drone}'


def _show(folder: Path, now_us: int, mails: Sequence[Any], console: Console) -> None:
    settings = ["-c", str(folder / "collector.toml")]
    base = ["windsock.collector", "--now", _utc(now_us).isoformat()]
    table = _run(
        folder, [*base, "fleet", *settings], width=max(console.width, _TABLE_WIDTH)
    ).stdout
    console.print(table, markup=False, highlight=False, soft_wrap=True)
    for mail in mails:
        text = mail.get_body(("plain",)).get_content().strip()
        title = f"Mail to {mail['To']}: {mail['Subject']}"
        console.print(Panel(text, title=title, title_align="left"), highlight=False)
    here = f"-c {folder / 'collector.toml'}"
    log = "tests/logs/d2_hard_impact_upright.BIN"
    console.print(
        f"{_count(len(mails), 'mail')}. All files are in {folder}: mail/*.eml, notices.jsonl,"
        " roster.csv, windsock.ledger, collector.log\n\n"
        "Try next:\n"
        f"  .venv/bin/windsock-collector cases {here}\n"
        f"  .venv/bin/windsock-agent read {log}\n"
        f"  .venv/bin/windsock-agent read --json {log} | .venv/bin/windsock-collector judge\n"
        f"  .venv/bin/windsock-agent preview {log}\n"
        "  make demo LOGS=/your/flight/logs",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _run(
    folder: Path, command: Sequence[str], *, check: bool = True, width: int = 80
) -> "subprocess.CompletedProcess[str]":
    """One of our commands, as its own process; its complaints are shown."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": str(width)},
    )
    (folder / "commands.log").open("a").write(done.stderr)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done


def _count(number: int, name: str) -> str:
    return f"1 {name}" if number == 1 else f"{number} {name}s"


def _utc(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1e6, UTC)
