"""A POST to somebody's web server, signed.

``X-Windsock-Signature: sha256=<hex>`` is HMAC-SHA256 of the body with the shared secret;
``Idempotency-Key`` is the notice's key, for receivers that want it once.
"""

import hashlib
import hmac
from typing import Final

from windsock.collector.http_request import NoAnswer, ask
from windsock.collector.notify.outbox import Later, Parcel, Refused, Unreachable
from windsock.collector.notify.payload import payload
from windsock.collector.notify.slack import slack_message
from windsock.collector.notify.teams import teams_message
from windsock.collector.notify.wording import Wording
from windsock.collector.settings import Webhook

SIGNATURE: Final = "X-Windsock-Signature"
_PASSING: Final = (408, 425, 429)
_ANSWER_LENGTH: Final = 200


class WebhookChannel:
    """Each notice is one POST, in the format of whoever takes it."""

    def __init__(self, settings: Webhook, secret: str | None, wording: Wording) -> None:
        self._url = settings.url
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
        except NoAnswer as error:
            raise Unreachable(str(error)) from error
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
        answer = ask("POST", self._url, headers, body, _ANSWER_LENGTH)
        text = answer.body.decode("utf-8", "replace")
        return answer.status, answer.headers.get("location") or " ".join(text.split())


def signature(body: bytes, secret: bytes) -> str:
    """What a receiver computes itself and compares, in constant time."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
