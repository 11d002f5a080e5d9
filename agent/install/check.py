"""What is wrong with this station, in words: one line each. Sends nothing to any drone."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from windsock.agent.clock import Clock, synchronised
from windsock.agent.drones.met import Drones, noted_at
from windsock.agent.publisher import BrokerError, Connection
from windsock.agent.settings import Broker, Settings

Grade = Literal["ok", "note", "FAIL"]
_MB: Final = 1_000_000
_EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No station has been set up before."""
_CONNECT_US: Final = 10_000_000
_STEP_S: Final = 0.1


class Finding(NamedTuple):
    """One line."""

    grade: Grade
    about: str
    words: str


def check(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """All findings, each as soon as it is known; the ports take some seconds."""
    yield state_folder(settings)
    yield station_clock(clock)
    yield broker(settings, clock)
    if settings.link:
        from windsock.agent.install.check_ports import ports  # noqa: PLC0415 - 13 MB of MAVLink

        for link in settings.link:
            yield from ports(link, settings, clock)
        yield from drones(settings)
    elif not settings.watch:
        yield Finding("FAIL", "sources", "no [[link]] and no [[watch]]: there is nothing to read")


def state_folder(settings: Settings) -> Finding:
    """Whether there is room, and we may write."""
    folder = settings.state
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return Finding("FAIL", "disk", f"{folder} can't be written: {error.strerror}")
    free_mb = shutil.disk_usage(folder).free / _MB
    words = f"{folder}: {free_mb:,.0f} MB free"
    if settings.link and free_mb < settings.downloads.free_mb:
        least = settings.downloads.free_mb
        return Finding("FAIL", "disk", f"{words}; below {least:,.0f} MB no log is fetched")
    return Finding("ok", "disk", words)


def station_clock(clock: Clock) -> Finding:
    """Whether the time can be right, and whether something keeps it so."""
    now = datetime.fromtimestamp(clock.wall_us() / 1e6, UTC)
    words = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < _EARLIEST:
        return Finding("FAIL", "clock", f"{words} can't be: set it, or install systemd-timesyncd")
    if synchronised() is False:
        return Finding(
            "note", "clock", f"{words}; nothing keeps it right (no time server reached)"
        )
    return Finding("ok", "clock", words)


def broker(settings: Settings, clock: Clock) -> Finding:
    """Whether the broker takes us, and takes our subscription."""
    target = settings.broker
    words = f"{target.host}:{target.port}{_way(target)}"
    connection = Connection(target, settings.agent, clock, suffix="-check")
    limit_us = clock.monotonic_us() + _CONNECT_US
    try:
        connection.open()
        while not connection.ready:
            if clock.monotonic_us() > limit_us:
                return Finding("FAIL", "broker", f"{words} does not answer")
            connection.step(_STEP_S)
        connection.close()
    except BrokerError as error:
        return Finding("FAIL", "broker", _advice(str(error)))
    return Finding("ok", "broker", words)


def _way(target: Broker) -> str:
    """How it is reached, in words."""
    ways = (
        " over TLS" if target.tls else "",
        " by WebSocket" if target.transport == "websockets" else "",
        f" through {target.proxy}" if target.proxy else "",
    )
    return "".join(ways)


def drones(settings: Settings) -> Iterator[Finding]:
    """Those that this station has met."""
    if not noted_at(settings.state):
        return
    book = Drones(settings.state, settings.allow)
    strangers = book.strangers()
    known = len(book.met()) - len(strangers)
    book.close()
    if known:
        yield Finding("ok", "drones", f"{known} met that are ours to read")
    for one in strangers:
        words = f"{one.drone_uid} ({one.vendor}) is neither allowed nor claimed: nothing of it"
        yield Finding(
            "note", "drones", f"{words} leaves; `windsock-agent claim SERIAL -c agent.toml`"
        )


def _advice(error: str) -> str:
    hints = {
        "its certificate is refused": "ask whoever runs the broker for its ca.pem",
        "WRONG_VERSION_NUMBER": "no TLS there: wrong broker.port?",
        "Not authorized": "user name is the agent id; see broker.password_file",
        "Connection refused": "nothing listens there",
        "Name or service not known": "no such host",
        "Temporary failure in name resolution": "no network, or no such host",
    }
    hint = next((hint for sign, hint in hints.items() if sign.lower() in error.lower()), None)
    return f"{error}: {hint}" if hint else error
