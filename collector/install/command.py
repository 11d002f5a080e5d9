"""``windsock-collector init``, ``add-agent`` and ``init-influx``: setting up a server."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from windsock.collector.influx.client import StoreDown
from windsock.collector.install.placing import STAYS, InstallError
from windsock.collector.install.retention import RetentionError, init_influx
from windsock.collector.settings import Settings
from windsock.config.loader import SettingsError, load

EXIT_FAILED = 1
_FEW: Final = 3
_NO_SOURCE: Final = "WINDSOCK_SOURCE=.\n"
"""Where we were installed from a wheel, of which no image can be built."""
_IN_CONTAINERS: Final = "mosquitto"
"""The broker of compose.yaml."""


def add_init_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``init`` takes."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of the server; may be new")
    parser.add_argument(
        "--host", action="append", metavar="NAME",
        help="how stations reach the broker, a name or an address (default: this machine's"
        " name); repeat as needed, the first is written into their settings",
    )  # fmt: skip
    parser.add_argument(
        "--broker", default=_IN_CONTAINERS, metavar="NAME",
        help="how the collector reaches it (default: mosquitto, as in compose.yaml)",
    )  # fmt: skip
    parser.add_argument(
        "--influx-url", default="http://influxdb:8086", metavar="URL",
        help="default: http://influxdb:8086, as in compose.yaml; '' for none",
    )  # fmt: skip
    parser.add_argument(
        "--retention-days", type=int, default=365, metavar="DAYS", help="in InfluxDB; default 365"
    )


def init(options: argparse.Namespace) -> int:
    """Write what a server needs: settings, certificates, passwords, compose.yaml."""
    # With cryptography, which nothing else needs.
    from windsock.collector.install.server import Wanted, own_hosts, set_up  # noqa: PLC0415 - cryptography takes long to load

    wanted = Wanted(
        tuple(options.host or own_hosts()),
        options.broker,
        options.influx_url or None,
        options.retention_days,
    )
    folder = options.folder
    try:
        lines = set_up(folder, wanted, options.now())
    except InstallError as error:
        return _complain(error)
    _say_placed(lines)
    _say(
        f"\nNext: edit collector.toml and roster.csv in {folder}/collector;"
        f" `windsock-collector add-agent {folder} STATION` for each station;"
        f" {_to_start(wanted.broker, folder)}."
    )
    return 0


def _to_start(broker: str, folder: Path) -> str:
    """In containers, whose broker has that name, or by hand as docs/operations.md has it."""
    if broker == _IN_CONTAINERS:
        lacking = _NO_SOURCE in (folder / ".env").read_text("utf-8")
        source = f"name a checkout as WINDSOCK_SOURCE in {folder}/.env; " if lacking else ""
        return f"{source}`docker compose up -d --build` in {folder}"
    return (
        f"`mosquitto -c mosquitto.conf` in {folder}/mosquitto and"
        f" `windsock-collector run -c collector.toml` in {folder}/collector"
    )


def add_agent_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``add-agent`` takes."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="what `init` wrote")
    parser.add_argument("agent", metavar="STATION", help="its agent id, [a-z0-9-]")
    parser.add_argument("--field", action="store_true", help="a laptop, whose silence is normal")


def add_agent(options: argparse.Namespace) -> int:
    """Let a station in at the broker, and write what has to be carried there."""
    from windsock.collector.install.agents import add_agent  # noqa: PLC0415 - cryptography takes long to load

    folder, agent = options.folder, options.agent
    try:
        lines = add_agent(folder, agent, field=options.field)
    except InstallError as error:
        return _complain(error)
    _say_placed(lines)
    _say(
        "\nNext: `docker compose kill -s HUP mosquitto` (or any way to send it SIGHUP) lets it in."
        f" On the station: copy {folder}/stations/{agent}/ to /etc/windsock, then"
        " `sudo windsock-agent setup`."
    )
    return 0


def run_init_influx(options: argparse.Namespace) -> int:
    """Make InfluxDB's database or bucket, and set how long it keeps rows."""
    settings = load(options.config, Settings)
    settings.check(options.config)
    if settings.influx is None:
        raise SettingsError(f"{options.config}: influx: no such table, so there is no InfluxDB")
    try:
        _say(init_influx(settings.influx, shorten=options.shorten))
    except (RetentionError, StoreDown) as error:
        return _complain(error)
    return 0


def _say_placed(lines: Sequence[str]) -> None:
    """What was done; of many files that stay only how many, as the second time all of them do."""
    staying = [line for line in lines if line.endswith(STAYS)]
    many = len(staying) > _FEW
    for line in lines:
        if not (many and line in staying):
            _say(line)
    if many:
        _say(f"{len(staying)} files are there already and stay")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _complain(error: Exception) -> int:
    sys.stderr.write(f"windsock-collector: {error}\n")
    return EXIT_FAILED
