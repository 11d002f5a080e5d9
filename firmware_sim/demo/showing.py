"""What the demo shows: the fleet, the mails, and what to try next."""

import re
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.panel import Panel

from windsock.firmware_sim.demo.processes import run
from windsock.firmware_sim.demo.settings import InfluxDB, Ports

_TABLE_WIDTH: Final = 130
_NO_TIME_SERVER: Final = "clock-bad"
"""What the table says of a station on such a machine, as many containers are."""


def show(
    folder: Path, clock: Sequence[str], mails: Sequence[EmailMessage], console: Console
) -> None:
    """The fleet as the collector has it, and every mail."""
    settings = ["-c", str(folder / "collector.toml")]
    command = ["windsock.collector", *clock, "fleet", *settings]
    table = run(folder, command, width=max(console.width, _TABLE_WIDTH)).stdout
    console.print(table, markup=False, highlight=False, soft_wrap=True)
    if _NO_TIME_SERVER in table:
        _say(console, f"{_NO_TIME_SERVER}: no time server keeps this machine's clock right.\n")
    for mail in mails:
        body = mail.get_body(("plain",))
        text = body.get_content().strip() if body else ""
        title = f"Mail to {mail['To']}: {mail['Subject']}"
        console.print(Panel(text, title=title, title_align="left"), highlight=False)
    console.print(
        f"{count(len(mails), 'mail')}. All files are in {folder}: mail/*.eml, notices.jsonl,"
        " roster.csv, windsock.ledger, agent.log, collector.log\n",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def show_next(folder: Path, log: Path, console: Console) -> None:
    """Commands to try after the demo."""
    here = f"-c {folder / 'collector.toml'}"
    _say(
        console,
        "Try next:",
        f"  .venv/bin/windsock-collector cases {here}",
        f"  .venv/bin/windsock-collector explain {log} -o page.html",
        f"  .venv/bin/windsock-agent read --json {log} | .venv/bin/windsock-collector judge",
        f"  .venv/bin/windsock-agent preview {log}",
        "  make demo KEEP=1",
        "  make demo LOGS=/your/flight/logs",
        "  make demo KEEP=1 INFLUX_URL=http://localhost:8086",
    )


def show_kept(
    folder: Path,
    ports: Ports,
    influx: InfluxDB | None,
    mails: Sequence[EmailMessage],
    console: Console,
) -> None:
    """What runs now, and what to type and open while it does."""
    here = f"-c {folder / 'collector.toml'}"
    grafana = f"  InfluxDB    {influx.url}, {influx.bucket!r}: for Grafana see" if influx else ""
    _say(
        console,
        "It keeps running until Ctrl-C: broker, collector, a station, two drones.",
        f"  MQTT        127.0.0.1:{ports.broker}, topics windsock/1/#",
        f"  mails       {folder}/mail, from 127.0.0.1:{ports.mail}",
        f"  answers     {_link(mails)}",
        *([f'{grafana} docs/dashboards.md, "The demo\'s data"'] if influx else []),
        "In another terminal:",
        f"  .venv/bin/windsock-collector fleet {here}",
        f"  .venv/bin/windsock-collector cases {here}",
        f"  cp /your/flight.bin {folder}/logs/SN-0001/    # as from the card of SN-0001",
        f"  tail -f {folder}/agent.log {folder}/collector.log",
    )


def _link(mails: Sequence[EmailMessage]) -> str:
    """Where the first mail is answered: whole, as a box around the mail breaks it."""
    texts = (mail.get_body(("plain",)) for mail in mails)
    links = (re.search(r"http://\S+/case/\S+", text.get_content()) for text in texts if text)
    return next((found[0] for found in links if found), "no mail has a link")


def count(number: int, name: str) -> str:
    """``2 mails``."""
    return f"1 {name}" if number == 1 else f"{number} {name}s"


def _say(console: Console, *lines: str) -> None:
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
