"""What is at which address, as a WSGI application (PEP 3333).

There is no list of cases and no way to ask for one: what can be seen is what a link is for. A bug
in a request is logged and answered with 500; the service goes on.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from windsock.collector.clock import NowUs
from windsock.collector.ledger import open_ledger
from windsock.collector.settings import Settings
from windsock.collector.web.answering import CasePages
from windsock.collector.web.document import plain
from windsock.collector.web.exchange import BadRequest, Request, Response, request_of
from windsock.collector.web.hubspot import HubSpotDoor
from windsock.collector.web.importing import ImportDoor
from windsock.collector.web.secret import import_token, open_links
from windsock.config.loader import SettingsError, secret

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger("windsock.collector")

Respond = Callable[[sqlite3.Connection, Request, str, int], Response]
_READING: Final = ("GET", "HEAD")
_HUBSPOT: Final = "hubspot"
"""The one address with no name behind it."""


class Site:
    """All pages. Each request has a connection to the ledger of its own."""

    def __init__(self, settings: Settings, now_us: NowUs) -> None:
        """Raises SettingsError for a secret that can't be read."""
        links = open_links(settings.web)
        if settings.web is None or links is None:
            raise SettingsError("web: no such table")
        self._settings = settings
        self._now_us = now_us
        self._rooms: dict[str, tuple[tuple[str, ...], Respond]] = {
            "case": ((*_READING, "POST"), CasePages(settings, links).respond)
        }
        token = import_token(settings.web)
        if token:
            self._rooms["import"] = (("POST",), ImportDoor(token).respond)
        if settings.hubspot and settings.hubspot.client_secret_file:
            key = secret(settings.hubspot.client_secret_file, "hubspot.client_secret_file")
            self._rooms[_HUBSPOT] = (("POST",), HubSpotDoor(settings.web.base_url, key).respond)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        response = self._answered(environ)
        start_response(response.status, response.all_headers())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]

    def _answered(self, environ: dict[str, Any]) -> Response:
        try:
            return self._respond(request_of(environ))
        except BadRequest as error:
            return plain("400 Bad Request", "That can't be read", str(error))
        except Exception:  # whatever it is, the next request is another one
            log.exception("a request failed")
            return plain(
                "500 Internal Server Error", "Something went wrong", "It has been noted down."
            )

    def _respond(self, request: Request) -> Response:
        room, _, name = request.path.removeprefix("/").partition("/")
        if room not in self._rooms or "/" in name or bool(name) == (room == _HUBSPOT):
            return plain("404 Not Found", "Nothing here", "Look for a link in a notice.")
        methods, respond = self._rooms[room]
        if request.method not in methods:
            allowed = ", ".join(methods)
            said = f"Expected {allowed}."
            return plain("405 Method Not Allowed", "Not that way", said, ("Allow", allowed))
        with closing(open_ledger(self._settings.ledger)) as ledger:
            return respond(ledger, request, name, self._now_us())
