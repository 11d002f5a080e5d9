"""`/metrics` and `/healthz` on loopback. Sole owner of http.server here.

One request at a time, each with a time limit: whoever asks can't take anything from the work.
Whoever wants it elsewhere puts a proxy in front, or lets Prometheus' agent scrape it here.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final, NamedTuple

from windsock.collector.clock import NowUs
from windsock.collector.monitor.exposition import CONTENT_TYPE, exposed
from windsock.collector.monitor.figures import figures
from windsock.collector.monitor.health import health
from windsock.collector.monitor.pulse import Pulse

HOST: Final = "127.0.0.1"
_LIMIT_S: Final = 5.0
_BUSY_S: Final = 2.0
_TEXT: Final = "text/plain; charset=utf-8"
_OK, _NOT_FOUND, _UNAVAILABLE = 200, 404, 503


class Watched(NamedTuple):
    """What is looked at."""

    ledger: Path
    pulse: Pulse
    now_us: NowUs
    interval_us: int


class Answer(NamedTuple):
    """One reply."""

    status: int
    content_type: str
    text: str


@contextmanager
def monitored(watched: Watched, port: int | None) -> Iterator[int | None]:
    """Answer on *port* while the block lasts (0: any, which is yielded); on None not at all.

    Raises OSError where the port is taken.
    """
    if port is None:
        yield None
        return
    try:
        server = HTTPServer((HOST, port), _handler(watched))
    except OSError as error:
        raise OSError(error.errno, f"metrics.port {port}: {error.strerror}") from error
    thread = threading.Thread(target=server.serve_forever, name="monitor", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(path: str, watched: Watched) -> Answer:
    """What is said to a GET of *path*."""
    match path.partition("?")[0]:
        case "/metrics":
            return _metrics(watched)
        case "/healthz":
            return _healthz(watched)
    return Answer(_NOT_FOUND, _TEXT, "/metrics or /healthz\n")


def _metrics(watched: Watched) -> Answer:
    uri = f"{watched.ledger.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as ledger:
            text = exposed(figures(ledger, watched.pulse, watched.now_us()))
    except sqlite3.Error as error:
        return Answer(_UNAVAILABLE, _TEXT, f"ledger: {error}\n")
    return Answer(_OK, CONTENT_TYPE, text)


def _healthz(watched: Watched) -> Answer:
    found = health(watched.pulse, watched.now_us(), watched.interval_us)
    status = _UNAVAILABLE if found.sick else _OK
    lines = ["sick" if found.sick else "ok", *found.sick, *found.told]
    return Answer(status, _TEXT, "".join(f"{line}\n" for line in lines))


def _handler(watched: Watched) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _LIMIT_S

        def do_GET(self) -> None:
            reply = answer(self.path, watched)
            body = reply.text.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Nobody needs a line a scrape."""

    return Handler
