"""The settings files that the demo's processes are started with."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from windsock.firmware_sim.demo.cast import LIVES, PLUGGED, owners, roster
from windsock.firmware_sim.demo.logs import Found
from windsock.firmware_sim.demo.processes import port_of


class Ports(NamedTuple):
    """On loopback."""

    broker: int
    mail: int
    web: int | None
    """Of the page where mails are answered; None where nobody stays to answer them."""


class InfluxDB(NamedTuple):
    """One that the demo is to fill. With an organisation it is a 2.x, without a 1.x."""

    url: str
    bucket: str
    token: str = ""
    org: str = ""


class Scene(NamedTuple):
    """What the settings depend on."""

    ports: Ports
    found: Sequence[Found]
    plugged: bool
    """Whether drones are plugged in."""
    influx: InfluxDB | None
    digest_hour: int


def write_settings(folder: Path, scene: Scene) -> None:
    """agent.toml, collector.toml, roster.csv and facts/owners.csv."""
    ports, found, plugged = scene.ports, scene.found, scene.plugged
    links = [port_of(folder, drone.serial) for drone in PLUGGED] if plugged else []
    (folder / "agent.toml").write_text(
        f'agent = "demo-station"\nstate = "{folder}/station"\nallow = ["*"]\n'
        "scan_s = 0.5\nstatus_s = 5\n"
        f'[broker]\nport = {ports.broker}\nprotocol = "3.1.1"\n'
        + "".join(_watched(folder, log) for log in found)
        + "".join(f'[[link]]\nport = "{link}"\n' for link in links)
    )
    (folder / "collector.toml").write_text(
        f'ledger = "{folder}/windsock.ledger"\nroster = "{folder}/roster.csv"\n'
        f'[broker]\nport = {ports.broker}\nprotocol = "3.1.1"\n'
        f'[outside]\nfolder = "{folder}/facts"\n'
        # Simulated flights open no cases, except here.
        "[judge]\nsimulated = true\ninterval_s = 10\n"
        'required = ["csm", "e-mail"]\n'  # who sold them, and when, is not told
        f"[day]\nhour = {scene.digest_hour}\n"
        'working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
        '[notify]\nsupport = "support@example.com"\n'
        f'[notify.smtp]\nhost = "127.0.0.1"\nport = {ports.mail}\nsecurity = "plain"\n'
        'sender = "windsock@example.com"\n'
        f'[notify.file]\npath = "{folder}/notices.jsonl"\n'
        + _web(folder, ports.web)
        + _influx(folder, scene.influx)
    )
    uids = {log.serial: log.uid for log in found} | {life.serial: life.uid for life in LIVES}
    if plugged:
        uids |= {drone.serial: drone.uid for drone in PLUGGED}
    (folder / "roster.csv").write_text(roster(uids))
    (folder / "facts").mkdir()
    (folder / "facts/owners.csv").write_text(owners())


def _web(folder: Path, port: int | None) -> str:
    if port is None:
        return ""
    secret = folder / "link-secret"
    secret.write_text(secrets.token_urlsafe(32))
    secret.chmod(0o600)
    here = f"127.0.0.1:{port}"
    return f'[web]\nbase_url = "http://{here}"\nlisten = "{here}"\nsecret_file = "{secret}"\n'


def _influx(folder: Path, influx: InfluxDB | None) -> str:
    if influx is None:
        return ""
    token = folder / "influx-token"
    token.write_text(influx.token + "\n")
    token.chmod(0o600)
    said = f'token_file = "{token}"\n' if influx.token else ""
    api = f'api = "v2"\norg = "{influx.org}"\n' if influx.org else 'api = "v1"\n'
    return f'[influx]\nurl = "{influx.url}"\ndatabase = "{influx.bucket}"\n{api}{said}'


def _watched(folder: Path, log: Found) -> str:
    """A folder with one log in it, as settings: whose logs these are."""
    watched = folder / "logs" / log.serial
    watched.mkdir(parents=True, exist_ok=True)
    place = watched / str(len(list(watched.iterdir())))
    place.mkdir()
    (place / log.path.name).symlink_to(log.path.absolute())
    drone = f'drone = "{log.serial}"\n' if log.uid == f"as:{log.serial}" else ""
    return f'[[watch]]\nfolder = "{watched}"\n{drone}'
