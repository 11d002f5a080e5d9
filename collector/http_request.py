"""HTTP requests and their answers. Sole owner of http.client.

Redirects are not followed: who follows one takes secrets along.
"""

import http.client
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

TIMEOUT_S: Final = 15.0


class NoAnswer(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Nobody answered, or not in HTTP; the message says where and why."""


class Answer(NamedTuple):
    """What came back; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """To the server at *url* (http or https), opened when first needed, kept for what follows."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        """Send a request for *target* and read up to *most* bytes of its answer. Raises NoAnswer.

        It is sent again where a server has closed a connection that was kept: servers do, and the
        request may have reached it or not. So it has to be one that can be sent twice.
        """
        kept = self._open is not None
        try:
            try:
                return self._ask(method, target, headers, body, most)
            except OSError as error:  # over TLS it is no ConnectionError
                if not kept or isinstance(error, TimeoutError):
                    raise
                self.close()
                return self._ask(method, target, headers, body, most)
        except (OSError, http.client.HTTPException, ValueError) as error:  # of a name: ValueError
            self.close()
            where = self._url.partition("//")[2].partition("/")[0].rpartition("@")[2]
            raise NoAnswer(f"{where}: {error or type(error).__name__}") from error

    def close(self) -> None:
        """The next request opens it again."""
        if self._open:
            self._open.close()
            self._open = None

    def __del__(self) -> None:
        """Stores live as long as their threads and are not closed: a socket goes with them."""
        self.close()

    def _ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        connection = self._open = self._open or self._connection()
        try:
            connection.request(method, target, body, dict(headers))
        except (BrokenPipeError, ConnectionResetError):
            if connection.sock is None:
                raise
            # It did not want to hear the end of it: maybe it said why.
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        said = Answer(answer.status, found, answer.read(most))
        if not answer.isclosed():  # there is more of it, which would stand before the next one
            self.close()
        return said

    def _connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self._url)
        secure = place.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        port = place.port or connect.default_port  # left away it is looked for in an IPv6 address
        return connect(place.hostname or "", port, timeout=TIMEOUT_S)


def ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, most_bytes: int
) -> Answer:
    """Send a request to *url* (http or https) and read up to *most_bytes* of its answer.

    Raises NoAnswer.
    """
    place = urlsplit(url)
    target = (place.path or "/") + (f"?{place.query}" if place.query else "")
    connection = Connection(url)
    try:
        return connection.ask(method, target, headers, body, most_bytes)
    finally:
        connection.close()
