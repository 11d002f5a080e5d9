"""A server's folder: settings, certificates, the broker's users, compose.yaml and what it names.

::

    FOLDER/  compose.yaml  .env
             authority/    ca.pem ca.key        signs the broker's certificate; best kept elsewhere
             mosquitto/    mosquitto.conf acl passwords server.pem server.key
             collector/    collector.toml roster.csv mqtt-password influx-token link-secret ...
             grafana/      provisioning and dashboards
             stations/     what each station gets (`agents.py`)
"""

import importlib.resources
import re
import socket
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

from windsock.collector.install import certificates, passwords
from windsock.collector.install.placing import InstallError, Placing

COLLECTOR: Final = "collector"
"""Its user at the broker; no station may be called so."""
_CONTAINER: Final = "mosquitto"
"""The broker's name where all is in containers: there only the published port is reached."""
_ALWAYS: Final = (_CONTAINER, "localhost", "127.0.0.1")
"""How the broker is reached on the server itself."""
_HOST: Final = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_SHEETS: Final = ("roster.csv", "releases.csv", "update-mails.csv")
_FACTS: Final = ("contacts", "cover", "owners", "pauses", "people", "surveys", "tickets")
"""What the sheets don't say."""
_SETTINGS: Final = """\
# Written by `windsock-collector init`. Every other setting with its default: every-setting.toml.
# Paths count from this folder, where the collector is started.
ledger = "windsock.ledger"
roster = "roster.csv"
releases = "releases.csv"
update_mails = "update-mails.csv"

[outside]
folder = "facts"             # tickets, surveys, owners, cover ...: docs/outside.md

[broker]
host = "{broker}"
port = 8883
tls = true
ca_file = "ca.pem"
user = "collector"
password_file = "mqtt-password"
{influx}
[web]                        # answers by links in notices: docs/notices.md, with nginx
base_url = "{base_url}"   # as people reach it: a reverse proxy with TLS in front of `listen`
secret_file = "link-secret"
listen = "{listen}"

[metrics]
port = 9750                  # on 127.0.0.1: /metrics for Prometheus, and the container's /healthz

# Who hears what no CSM is there for, and how mail goes out. Until then notices wait.
# [notify]
# support = "support@example.com"
# [notify.smtp]
# host = "smtp.example.com"
# sender = "windsock@example.com"
"""
_INFLUX: Final = """
[influx]
url = "{url}"
database = "windsock"
org = "windsock"
token_file = "influx-token"
retention_days = {days}
"""


class Wanted(NamedTuple):
    """What the server is to be."""

    hosts: tuple[str, ...]
    """How stations reach the broker: names or addresses, the first is written down for them."""
    broker: str = _CONTAINER
    """How the collector reaches it."""
    influx_url: str | None = "http://influxdb:8086"
    retention_days: int = 365


def set_up(folder: Path, wanted: Wanted, now_us: int) -> list[str]:
    """Write what is missing in *folder*; what was done, as lines. Safe to repeat.

    Raises InstallError, or OSError where nothing can be written.
    """
    for host in (*wanted.hosts, wanted.broker):
        if not _HOST.fullmatch(host):
            raise InstallError(f"{host!r} is no name or address of a host")
    placing = Placing(folder)
    _certificates(placing, wanted, now_us)
    token = _broker_and_collector(placing, wanted)
    placing.put(".env", _environment(placing.owner, wanted, token), secret=True)
    shipped = importlib.resources.files("windsock.config")
    placing.put("compose.yaml", (shipped / "compose.yaml").read_bytes())
    _copy(placing, shipped / "grafana", "grafana")
    placing.hand_over()
    return placing.lines


def own_hosts() -> tuple[str, ...]:
    """The name of this machine."""
    return (socket.getfqdn(),)


def _certificates(placing: Placing, wanted: Wanted, now_us: int) -> None:
    folder = placing.folder
    if placing.lacks("authority/ca.pem"):
        ours = certificates.authority(now_us)
        placing.put_anew("authority/ca.key", ours.key)
        placing.put("authority/ca.pem", ours.certificate)
    authority = (folder / "authority/ca.pem").read_bytes()
    hosts = list(dict.fromkeys([*wanted.hosts, wanted.broker, *_ALWAYS]))
    if placing.lacks("mosquitto/server.pem"):
        key = folder / "authority/ca.key"
        if not key.exists():
            raise InstallError(f"{key} is not here: put it back to sign mosquitto/server.pem")
        signer = certificates.Issued(authority, key.read_bytes())
        issued = certificates.for_server(hosts, signer, now_us)
        placing.put_anew("mosquitto/server.key", issued.key)
        placing.put("mosquitto/server.pem", issued.certificate)
    known = certificates.hosts_of((folder / "mosquitto/server.pem").read_bytes())
    missing = [host for host in hosts if host not in known]
    if missing:
        placing.lines.append(
            f"mosquitto/server.pem is not for {', '.join(missing)}: remove it and run this again"
        )
    placing.put("collector/ca.pem", authority)


def _broker_and_collector(placing: Placing, wanted: Wanted) -> str:
    """The broker's files and the collector's; InfluxDB's token."""
    folder, shipped = placing.folder, importlib.resources.files("windsock.config")
    for name in ("mosquitto.conf", "acl"):
        placing.put(f"mosquitto/{name}", (shipped / "mosquitto" / name).read_bytes())
    placing.put("collector/mqtt-password", passwords.new_password() + "\n", secret=True)
    password = (folder / "collector/mqtt-password").read_text("utf-8").strip()
    line = passwords.password_line(COLLECTOR, password)
    placing.put("mosquitto/passwords", f"{line}\n", secret=True)
    influx, token = "", ""
    if wanted.influx_url:
        influx = _INFLUX.format(url=wanted.influx_url, days=wanted.retention_days)
        placing.put("collector/influx-token", passwords.new_password() + "\n", secret=True)
        token = (folder / "collector/influx-token").read_text("utf-8").strip()
    placing.put("collector/link-secret", passwords.new_password() + "\n", secret=True)
    placing.put("collector/collector.toml", _settings(wanted, influx))
    placing.put("collector/every-setting.toml", (shipped / "collector.toml").read_bytes())
    for name in _SHEETS:
        placing.put(f"collector/{name}", _without_rows((shipped / name).read_text("utf-8")))
    for name in _FACTS:
        text = (shipped / "outside" / f"{name}.csv").read_text("utf-8")
        placing.put(f"collector/facts/{name}.csv", _without_rows(text))
    return token


def _settings(wanted: Wanted, influx: str) -> str:
    host = wanted.hosts[0]
    return _SETTINGS.format(
        broker=wanted.broker,
        influx=influx,
        base_url=f"https://[{host}]" if ":" in host else f"https://{host}",
        listen="0.0.0.0:8080" if wanted.broker == _CONTAINER else "127.0.0.1:8080",
    )


def _without_rows(text: str) -> str:
    """The comments at the top of a shipped table and its head: its rows are examples."""
    lines = text.splitlines(keepends=True)
    head = next(place for place, line in enumerate(lines) if not line.startswith("#"))
    return "".join(lines[: head + 1])


def _environment(owner: tuple[int, int], wanted: Wanted, token: str) -> str:
    """.env.example filled in."""
    shipped = importlib.resources.files("windsock.config")
    text = (shipped / ".env.example").read_text("utf-8")
    values = {
        "WINDSOCK_USER": "{}:{}".format(*owner),
        "WINDSOCK_VERSION": version("windsock"),
        "WINDSOCK_SOURCE": _source(shipped),
        "INFLUX_RETENTION": f"{wanted.retention_days}d",
        "INFLUX_TOKEN": token,
        "INFLUX_PASSWORD": passwords.new_password(),
        "GRAFANA_PASSWORD": passwords.new_password(),
    }
    lines = ["# Written by `windsock-collector init` for compose.yaml.", *text.splitlines()[3:]]
    named = (line.partition("=")[0] for line in lines)
    return "".join(
        f"{name}={values[name]}\n" if name in values else f"{line}\n"
        for name, line in zip(named, lines, strict=True)
    )


def _source(shipped: Traversable) -> str:
    """The checkout that this runs from, if it does."""
    root = Path(str(shipped)).parent
    return str(root) if (root / "Dockerfile").is_file() else "."


def _copy(placing: Placing, source: Traversable, name: str) -> None:
    """A folder of package data, as deep as it goes."""
    if not source.is_dir():
        return
    for part in sorted(source.iterdir(), key=lambda part: part.name):
        if part.is_dir():
            _copy(placing, part, f"{name}/{part.name}")
        elif not part.name.endswith((".py", ".pyc")):
            placing.put(f"{name}/{part.name}", part.read_bytes())
