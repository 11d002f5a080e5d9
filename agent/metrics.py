"""Figures over HTTP on this machine: ``/metrics`` as Prometheus reads them, and ``/healthz``.

Sole owner of http.server. It answers on 127.0.0.1 and nowhere else, from numbers that the sending
thread has counted: who asks often slows nothing down.
"""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Literal

from windsock.agent.figures import Figures
from windsock.agent.trouble import Troubles

_HOST: Final = "127.0.0.1"
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
Kind = Literal["gauge", "counter"]
_OK, _NOT_FOUND, _UNHEALTHY = 200, 404, 503


def rows(figures: Figures, troubles: Troubles) -> Iterator[tuple[str, Kind, str, float]]:
    """Name, kind, meaning and value of each figure."""
    yield "connected", "gauge", "1 while the broker has us", figures.connected
    yield "connections_total", "counter", "times the broker took us", figures.connections
    yield "spool_batches", "gauge", "batches that wait", figures.batches
    yield "spool_bytes", "gauge", "bytes of them", figures.bytes
    yield "sent_total", "counter", "batches handed to the broker, again ones too", figures.sent
    yield "acknowledged_total", "counter", "batches the collector has", figures.acknowledged
    yield "dropped_total", "counter", "batches that went for want of room", figures.dropped
    yield "troubles", "gauge", "things that are wrong (/healthz names them)", len(troubles.told())


def text(figures: Figures, troubles: Troubles) -> str:
    """All of them in Prometheus' text format."""
    lines = []
    for name, kind, meaning, value in rows(figures, troubles):
        full = f"windsock_agent_{name}"
        lines += [f"# HELP {full} {meaning}", f"# TYPE {full} {kind}", f"{full} {float(value):g}"]
    return "\n".join([*lines, ""])


def serve(port: int, figures: Figures, troubles: Troubles) -> Callable[[], None]:
    """Answer on *port* from a thread of its own; what is returned ends that.

    Raises OSError where the port is somebody else's.
    """

    class Answer(BaseHTTPRequestHandler):
        """One request."""

        timeout = 5

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._say(_OK, text(figures, troubles))
            elif self.path == "/healthz":
                told = troubles.told()
                self._say(_UNHEALTHY if told else _OK, "\n".join([*(told or ["ok"]), ""]))
            else:
                self._say(_NOT_FOUND, "/metrics and /healthz\n")

        def log_message(self, *_: object) -> None:
            """A journal has better things to keep."""

        def _say(self, code: int, body: str) -> None:
            encoded = body.encode()
            self.send_response(code)
            self.send_header("Content-Type", _TEXT)
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

    server = ThreadingHTTPServer((_HOST, port), Answer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    def end() -> None:
        server.shutdown()
        server.server_close()

    return end
