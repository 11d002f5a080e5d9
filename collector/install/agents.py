"""What a station needs to be let in: a user of the broker, and a folder to carry there."""

import os
from pathlib import Path
from typing import Final

from windsock.collector.install import passwords
from windsock.collector.install.certificates import hosts_of
from windsock.collector.install.placing import InstallError, Placing
from windsock.collector.install.server import COLLECTOR
from windsock.protocol.topics import valid_agent

_SETTINGS: Final = """\
# Written by `windsock-collector add-agent`. Every other setting: config/agent.toml of windsock.
agent = "{agent}"
station = "{kind}"           # "field": a laptop, whose silence is normal
state = "/var/lib/windsock"
allow = []                   # drones whose logs are read, beside those claimed here: "*", a uid

[broker]
host = "{host}"
port = 8883
tls = true
ca_file = "/etc/windsock/ca.pem"
password_file = "/etc/windsock/mqtt-password"

[[link]]
port = "usb"                 # any known autopilot on USB
"""


def add_agent(folder: Path, agent: str, *, field: bool = False) -> list[str]:
    """Let *agent* in at the broker of the server in *folder*; what was done, as lines.

    Safe to repeat. Raises InstallError, or OSError where *folder* is no server's.
    """
    if not valid_agent(agent) or agent == COLLECTOR:
        raise InstallError(
            f"{agent!r} can't be an agent id: [a-z0-9-], at most 48, not {COLLECTOR}"
        )
    users_file = folder / "mosquitto/passwords"
    placing, station = Placing(folder), f"stations/{agent}"
    known = agent in passwords.users(users_file.read_text("utf-8"))
    password_file = folder / station / "mqtt-password"
    if known and not password_file.exists():
        raise InstallError(
            f"{agent} has a password that is not here any more:"
            f" remove its line from {users_file} for a new one"
        )
    hosts = hosts_of((folder / "mosquitto/server.pem").read_bytes())
    kind = "field" if field else "fixed"
    placing.put(f"{station}/ca.pem", (folder / "authority/ca.pem").read_bytes())
    placing.put(f"{station}/mqtt-password", passwords.new_password() + "\n", secret=True)
    placing.put(f"{station}/agent.toml", _SETTINGS.format(agent=agent, kind=kind, host=hosts[0]))
    if not known:
        password = password_file.read_text("utf-8").strip()
        _append(users_file, passwords.password_line(agent, password))
        placing.lines.append(f"added {agent} to mosquitto/passwords")
        placing.hand_over()
    return placing.lines


def _append(path: Path, line: str) -> None:
    """A reader sees the file with the line or without it, never half of it."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    text = path.read_text("utf-8")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text + ("" if text.endswith("\n") or not text else "\n") + line + "\n")
    part.rename(path)
