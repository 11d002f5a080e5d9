"""One HTTP request and its answer. Sole owner of http.client.

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


def ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, most_bytes: int
) -> Answer:
    """Send a request to *url* (http or https) and read up to *most_bytes* of its answer.

    Raises NoAnswer.
    """
    place = urlsplit(url)
    secure = place.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    target = (place.path or "/") + (f"?{place.query}" if place.query else "")
    try:
        connection = connect(place.netloc, timeout=TIMEOUT_S)
        try:
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read(most_bytes))
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{place.netloc}: {error or type(error).__name__}") from error
