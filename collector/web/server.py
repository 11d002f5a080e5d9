"""The web server in a thread of its own. Sole owner of waitress.

It speaks plain HTTP, for a reverse proxy with TLS in front of it, and buffers each request before
anybody works on it, so slow clients hold nothing up. Bodies over the limit are refused unread.
"""

import logging
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from waitress import wasyncore
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from windsock.collector.settings import Web

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

log = logging.getLogger("windsock.collector")

_THREADS: Final = 4
_MB: Final = 1_000_000
_HEADERS: Final = 16_384
_STEP_S: Final = 0.25


class WebServer:
    """Serves *site* from `open` to `close`; *failed* is called where its thread ends by itself."""

    def __init__(
        self, settings: Web, site: "WSGIApplication", failed: Callable[[BaseException], None]
    ) -> None:
        self._settings = settings
        self._site = site
        self._failed = failed
        self._stop = threading.Event()
        self._sockets: dict[int, socket.socket] = {}
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Listen. Raises OSError naming the address where somebody else does."""
        settings = self._settings
        server = create_server(
            self._site,
            map=self._sockets,
            sockets=[_listening(settings.listen)],
            threads=_THREADS,
            max_request_body_size=round(settings.most_mb * _MB),
            max_request_header_size=_HEADERS,
            ident="windsock",
        )
        self._thread = threading.Thread(target=self._run, args=(server.task_dispatcher,))
        self._thread.start()
        log.info("listening on %s for %s", settings.listen, settings.base_url)

    def close(self) -> None:
        """Stop listening; who is being answered gets the answer."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _run(self, dispatcher: ThreadedTaskDispatcher) -> None:
        try:
            while not self._stop.is_set():
                wasyncore.loop(timeout=_STEP_S, use_poll=True, map=self._sockets, count=1)
        except BaseException as error:  # noqa: BLE001 - raised by whoever runs the service
            self._failed(error)
        finally:
            dispatcher.shutdown()
            wasyncore.close_all(self._sockets, ignore_all=True)


def _listening(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=family)
    except OSError as error:
        raise OSError(f"web.listen {listen}: {error.strerror or error}") from error
