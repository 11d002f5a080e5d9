"""``POST /hubspot``: HubSpot says that something changed there, signed with the app's secret."""

import logging
import sqlite3

from windsock.collector.followers import advance
from windsock.collector.hubspot.events import ForgedError, hubspot_event
from windsock.collector.hubspot.source import ASKED
from windsock.collector.web.document import plain
from windsock.collector.web.exchange import Request, Response

log = logging.getLogger("windsock.collector")


class HubSpotDoor:
    """Lets in what HubSpot signed lately; what changed is asked for by the thread that judges."""

    def __init__(self, base_url: str, client_secret: str) -> None:
        self._uri = f"{base_url.rstrip('/')}/hubspot"
        self._secret = client_secret

    def respond(
        self, ledger: sqlite3.Connection, request: Request, _: str, now_us: int
    ) -> Response:
        """204; what somebody else signed is refused and logged."""
        try:
            hubspot_event(
                request.headers, request.method, self._uri, request.body, self._secret, now_us
            )
        except ForgedError as error:
            log.warning("POST /hubspot: %s", error)
            return plain("401 Unauthorized", "Not from HubSpot", f"Refused: {error}.")
        advance(ledger, ASKED, now_us)
        return Response("204 No Content", b"")
