"""HubSpot's CRM API over HTTPS, one request at a time.

The token goes into one header of each request and nowhere else: not into errors, not along with a
redirect. Nothing is tried again here; who calls knows what may wait.
"""

from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlencode

import msgspec

from windsock.collector.http_request import Answer, NoAnswer, ask

_LONGEST_BYTES: Final = 32 * 2**20
_PASSING: Final = (408, 423, 425, 429)
_CLOSED: Final = (401, 403)
_LONGEST_RETRY_S: Final = 3600.0

Json = dict[str, Any]
T = TypeVar("T")


class HubSpotDown(Exception):  # noqa: N818 - a state of the world, not a mistake
    """It does not answer now, or not us; later it may."""

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """What it asks for; 0: nothing."""


class HubSpotRefused(Exception):  # noqa: N818 - likewise
    """It will never do this; the message has its reason."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Problem(msgspec.Struct):
    message: str = ""


class Client:
    """Requests as one private app, whose token this is."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    def get(self, path: str, kind: type[T], **query: str) -> T:
        """What is at *path*, as *kind*. Raises HubSpotDown or HubSpotRefused, as all do."""
        found = f"{path}?{urlencode(query)}" if query else path
        return self._decoded(self._asked("GET", found, None), kind)

    def post(self, path: str, body: object, kind: type[T]) -> T:
        """What came of *body*."""
        return self._decoded(self._asked("POST", path, msgspec.json.encode(body)), kind)

    def put(self, path: str) -> None:
        """What *path* says, is so."""
        self._asked("PUT", path, b"")

    def _asked(
        self, method: Literal["GET", "POST", "PUT"], path: str, body: bytes | None
    ) -> bytes:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
        }
        try:
            answer = ask(method, self._url + path, headers, body, _LONGEST_BYTES + 1)
        except NoAnswer as error:
            raise HubSpotDown(f"HubSpot: {error}") from None
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's
            raise self._failure(answer)
        if len(answer.body) > _LONGEST_BYTES:
            raise HubSpotDown(f"HubSpot: {path.partition('?')[0]}: an endless answer")
        return answer.body

    def _failure(self, answer: Answer) -> HubSpotDown | HubSpotRefused:
        status = answer.status
        said = f"HubSpot: HTTP {status} {self._reason(answer)}".strip()
        if status in _PASSING or status in _CLOSED or status >= 500:  # noqa: PLR2004 - HTTP's
            return HubSpotDown(said, _seconds(answer.headers.get("retry-after")))
        return HubSpotRefused(status, said)

    def _reason(self, answer: Answer) -> str:
        """Its words, without our token should they have it."""
        try:
            said = msgspec.json.decode(answer.body, type=_Problem).message
        except msgspec.MsgspecError:
            said = answer.headers.get("location", "")
        return " ".join(said.replace(self._token, "***").split())[:300]

    def _decoded(self, data: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.MsgspecError as error:
            raise HubSpotDown(f"HubSpot: an answer that can't be read: {error}") from None


def _seconds(header: str | None) -> float:
    """Of ``Retry-After``; a date, or nonsense, is nothing."""
    try:
        return min(max(float(header or 0), 0.0), _LONGEST_RETRY_S)
    except ValueError:
        return 0.0
