"""The agent's settings: every key, its default and its meaning (`config/agent.toml`)."""

from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from msgspec import Meta

from windsock.agent.link.ports import parse
from windsock.config.loader import SettingsError
from windsock.config.values import Group, Port, Positive, Text
from windsock.protocol.topics import AGENT_ID

AgentId = Annotated[str, Meta(pattern=f"^{AGENT_ID.pattern}$")]
Serial = Annotated[str, Meta(pattern="^[!-~]{1,96}$")]
Allowed = Annotated[
    str, Meta(pattern=r"^(\*|(px4|ap):[0-9a-f]{2,64}|vendor:[0-9a-f]{4}(:[0-9a-f]{4})?)$")
]
Positions = Literal["coarse", "full", "none"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")


_FILES = ("ca_file", "certificate_file", "key_file", "password_file", "proxy_password_file")


class Proxy(NamedTuple):
    """Where an HTTP proxy is, and who asks it."""

    host: str
    port: int
    user: str | None


def proxy_of(url: str) -> Proxy:
    """The proxy at *url*. Raises ValueError, which never repeats a password."""
    parts = urlsplit(url)
    if parts.password is not None:
        raise ValueError("a password belongs into broker.proxy_password_file")
    if parts.scheme != "http" or not parts.hostname or parts.port is None or parts.path.strip("/"):
        raise ValueError("expected http://[user@]host:port")
    return Proxy(parts.hostname, parts.port, parts.username)


class Broker(Group, frozen=True, kw_only=True):
    """``[broker]``: where batches go. The user name is the agent id."""

    host: Text = "localhost"
    port: Port = 1883
    tls: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    password_file: Path | None = None
    protocol: Literal["5", "3.1.1"] = "5"
    transport: Literal["tcp", "websockets"] = "tcp"
    path: Annotated[str, Meta(pattern=r"^/[!-~]*$")] = "/mqtt"
    """Of the WebSocket, as the broker or the web server before it has it."""
    proxy: Text | None = None
    """``http://[user@]host:port``: a proxy that lets us through (CONNECT)."""
    proxy_password_file: Path | None = None
    allow_plain: bool = False
    """Unencrypted MQTT to another host: the flights of your customers, readable on the way."""
    keepalive_s: Annotated[int, Meta(ge=5, le=3600)] = 20
    """After twice this without a byte the connection is given up."""
    window: Annotated[int, Meta(ge=1, le=64)] = 32
    ack_timeout_s: Positive = 30.0

    def check(self, path: Path) -> None:
        """Files that TLS needs are there, and flights don't cross a network as plain text."""
        for key in _FILES:
            file = getattr(self, key)
            if file is not None and not file.is_file():
                raise SettingsError(f"{path}: broker.{key}: no file {str(file)!r}")
        if self.proxy is not None:
            try:
                proxy_of(self.proxy)
            except ValueError as error:
                raise SettingsError(f"{path}: broker.proxy: {error}") from error
        if not (self.tls or self.allow_plain or self.host in LOOPBACK):
            raise SettingsError(
                f"{path}: broker.tls: {self.host!r} is another host, expected `true`"
                " (or broker.allow_plain = true)"
            )


class Watch(Group, frozen=True, kw_only=True):
    """``[[watch]]``: a folder or SD card mount whose logs are imported as they appear."""

    folder: Path
    drone: Serial | None = None
    """Serial of the drone whose logs land here, where the logs don't say."""


class Link(Group, frozen=True, kw_only=True):
    """``[[link]]``: a port that drones are plugged into, or that a ground station forwards to."""

    port: Text
    baud: Annotated[int, Meta(ge=1200, le=12_000_000)] | Literal["detect"] = "detect"
    service_mode: bool = False
    """LOG_DATA from ArduPilot, too, which refuses to arm meanwhile: in a workshop only."""
    share: Annotated[float, Meta(ge=0.05, le=1)] = 1.0
    """Of the link's time that downloads may take."""
    system_id: Annotated[int, Meta(ge=1, le=254)] = 243
    """Who we are in MAVLink; never 255, the pilot's ground station."""


class Kept(Group, frozen=True, kw_only=True):
    """``[downloads]``: logs fetched from drones. On the drone nothing is ever deleted."""

    keep_mb: Positive = 2000.0
    free_mb: Annotated[float, Meta(ge=0)] = 500.0


class Room(Group, frozen=True, kw_only=True):
    """``[spool]``: what waits for the collector."""

    max_mb: Annotated[float, Meta(ge=1, le=1_000_000)] = 50.0
    """More, and what is worth least goes (docs/delivery.md)."""


class Metrics(Group, frozen=True, kw_only=True):
    """``[metrics]``: figures for Prometheus, on this machine only."""

    port: Port | None = None


class Settings(Group, frozen=True, kw_only=True):
    """The whole of ``agent.toml``."""

    agent: AgentId
    station: Literal["fixed", "field"] = "fixed"
    state: Path = Path("windsock-state")
    """Folder of the spool and the catalogue."""
    positions: Positions = "coarse"
    broker: Broker = Broker()
    watch: tuple[Watch, ...] = ()
    link: tuple[Link, ...] = ()
    allow: tuple[Allowed, ...] = ()
    """Drones whose logs are read: ``*``, a uid, or ``vendor:2dae``. Claimed ones are, too."""
    downloads: Kept = Kept()
    spool: Room = Room()
    metrics: Metrics = Metrics()
    scan_s: Positive = 5.0
    status_s: Positive = 300.0

    def check(self, path: Path) -> None:
        """What types can't say of the settings in *path*; raises SettingsError.

        The state can be kept, files that TLS needs are there, and flights don't cross a network
        unencrypted by accident.
        """
        if self.state.exists() and not self.state.is_dir():
            raise SettingsError(f"{path}: state: {str(self.state)!r} is no folder")
        for place, link in enumerate(self.link):
            try:
                parse(link.port)
            except ValueError as error:
                raise SettingsError(f"{path}: link[{place}].port: {error}") from error
        self.broker.check(path)
