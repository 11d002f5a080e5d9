"""In front of a real InfluxDB: answers that it gives on bad days, and what it passes on."""

import contextlib
import socket
import struct
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import urlsplit

from tests.servers.process import HOST

Mood = Literal["well", "down", "hanging", "429", "500", "accept then reset", "400 for one"]


_REPLIES = {"429": (429, b'{"error":"slow down"}'), "500": (500, b'{"error":"engine: timeout"}')}


class FaultyInflux:
    """Passes `/write` on to the InfluxDB at *url* or does not, by its `mood`."""

    def __init__(self, url: str, mood: Mood = "well") -> None:
        self.mood: Mood = mood
        self.every = 0
        """In the mood ``400 for one``: each so-manieth line that comes is refused, for good."""
        self.requests = 0
        self.refused: set[bytes] = set()
        self.lines = 0
        self.content_type = ""
        self.release = threading.Event()
        self._where = urlsplit(url)
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def forward(self, target: str, body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection(self._where.hostname or "", self._where.port, timeout=60)
        try:
            connection.request("POST", target, body, {"Content-Type": self.content_type})
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def judge(self, target: str, body: bytes) -> tuple[int, bytes]:
        """As 1.x refuses a line: all that is good is written, and the line is named."""
        lines = body.splitlines(keepends=True)
        for line in lines:
            self.lines += 1
            if self.lines % self.every == 0:
                self.refused.add(line)
        bad = [line for line in lines if line in self.refused]
        good = b"".join(line for line in lines if line not in self.refused)
        if good:
            self.forward(target, good)
        if not bad:
            return 204, b""
        text = bad[0].decode().rstrip("\n").replace("\\", "\\\\").replace('"', '\\"')
        return 400, f'{{"error":"unable to parse \'{text}\': bad timestamp"}}'.encode()

    def answer(self, target: str, body: bytes) -> tuple[int, bytes] | None:
        """Status and body of the reply; None for none, the connection is reset."""
        self.requests += 1
        if self.mood == "400 for one":
            return self.judge(target, body)
        if self.mood == "hanging":
            self.release.wait()
        if self.mood == "well":
            return self.forward(target, body)
        if self.mood == "accept then reset":
            self.forward(target, body)
        return _REPLIES.get(self.mood)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        faulty = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                faulty.content_type = self.headers.get("Content-Type", "")
                reply = faulty.answer(self.path, body)
                if reply is None:
                    self._reset()
                    return
                status, said = reply
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Length", str(len(said)))
                with contextlib.suppress(OSError):  # who asked may be dead
                    self.end_headers()
                    self.wfile.write(said)

            def _reset(self) -> None:
                """RST, not FIN: what was read of the request is nobody's business any more."""
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
