"""A POST to somebody's web server, signed. Sole owner of http.client.

``X-Windsock-Signature: sha256=<hex>`` is HMAC-SHA256 of the body with the shared secret;
``Idempotency-Key`` is the notice's key, for receivers that want it once.
"""

import hashlib
import hmac
import http.client
from typing import Final
from urllib.parse import urlsplit

from windsock.collector.notify.outbox import Later, Parcel, Refused, Unreachable
from windsock.collector.notify.payload import payload
from windsock.collector.notify.slack import slack_message
from windsock.collector.notify.teams import teams_message
from windsock.collector.notify.wording import Wording
from windsock.collector.settings import Webhook

TIMEOUT_S: Final = 15.0
SIGNATURE: Final = "X-Windsock-Signature"
_PASSING: Final = (408, 425, 429)
_ANSWER_LENGTH: Final = 200


class WebhookChannel:
    """Each notice is one POST, in the format of whoever takes it."""

    def __init__(self, settings: Webhook, secret: str | None, wording: Wording) -> None:
        self._url = urlsplit(settings.url)
        self._format = settings.format
        self._secret = secret
        self._wording = wording

    def send(self, parcel: Parcel) -> None:
        """Post *parcel*. Refused: a 3xx or 4xx that more patience won't change."""
        body = self._body(parcel)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.key.encode("ascii", "replace").decode(),
        }
        if self._secret:
            headers[SIGNATURE] = signature(body, self._secret.encode())
        try:
            status, answer = self._post(body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{self._url.netloc}: {error or type(error).__name__}") from error
        if 200 <= status < 300:  # noqa: PLR2004 - HTTP's
            return
        passing = status in _PASSING or status >= 500  # noqa: PLR2004 - HTTP's
        raise (Later if passing else Refused)(f"HTTP {status} {answer}".strip())

    def _body(self, parcel: Parcel) -> bytes:
        if self._format == "slack":
            return slack_message(parcel.notice)
        if self._format == "teams":
            return teams_message(parcel.notice)
        return payload(parcel, self._wording)

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        secure = self._url.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self._url.netloc, timeout=TIMEOUT_S)
        try:
            connection.request("POST", self._target, body, headers)
            answer = connection.getresponse()
            text = answer.read(_ANSWER_LENGTH).decode("utf-8", "replace")
            return answer.status, answer.getheader("Location") or " ".join(text.split())
        finally:
            connection.close()

    @property
    def _target(self) -> str:
        path = self._url.path or "/"
        return f"{path}?{self._url.query}" if self._url.query else path


def signature(body: bytes, secret: bytes) -> str:
    """What a receiver computes itself and compares, in constant time."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
