"""An MQTT broker on loopback: mosquitto where there is one, else amqtt inside this process."""

import asyncio
import contextlib
import logging
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from amqtt.broker import Broker

_TRIES: Final = 100
_PAUSE_S: Final = 0.1


class BrokerFailed(Exception):  # noqa: N818 - the broker did, not we
    """The broker does not answer."""


@contextlib.contextmanager
def running(folder: Path, port: int) -> Iterator[str]:
    """A broker on *port* for the time of the block; yields its name."""
    mosquitto = _find_mosquitto()
    with _mosquitto(mosquitto, folder, port) if mosquitto else _embedded(port):
        _wait_for(port)
        yield "mosquitto" if mosquitto else "amqtt"


def free_port() -> int:
    """A TCP port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _find_mosquitto() -> list[str] | None:
    """The installed one, or the one that `make test` unpacked into this checkout."""
    unpacked = Path(".servers/bin/mosquitto")
    if unpacked.exists():
        return [str(unpacked.absolute())]
    installed = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    return [installed] if installed else None


@contextlib.contextmanager
def _mosquitto(command: list[str], folder: Path, port: int) -> Iterator[None]:
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with (folder / "mosquitto.log").open("wb") as log:
        process = subprocess.Popen([*command, "-c", settings], stdout=log, stderr=log)  # noqa: S603 - our own broker
        try:
            yield
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def _embedded(port: int) -> Iterator[None]:
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # it tells of every port that is tried
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    settings = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    broker = asyncio.run_coroutine_threadsafe(_start(settings), loop).result()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(broker.shutdown(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _start(settings: dict[str, object]) -> Broker:
    broker = Broker(settings)
    await broker.start()
    return broker


def _wait_for(port: int) -> None:
    for _ in range(_TRIES):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(_PAUSE_S)
    raise BrokerFailed(f"no broker on port {port}")
