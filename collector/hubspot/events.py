"""HubSpot's webhooks: whether it was HubSpot who called. Pure.

Source: developers.hubspot.com, "Validating requests": X-HubSpot-Signature-v3 is HMAC-SHA256, in
base64, of method, address, body and X-HubSpot-Request-Timestamp, with the app's client secret.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

import msgspec

SIGNATURE: Final = "x-hubspot-signature-v3"
TIMESTAMP: Final = "x-hubspot-request-timestamp"
FRESH_US: Final = 300 * 1_000_000
_DECODED: Final = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""What the signed address has in the clear."""


class ForgedError(Exception):
    """Not from HubSpot, or not from now; the message says how that was seen."""


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """Something changed there; what it is now has to be asked for."""

    object_id: int
    subscription_type: str = ""
    object_type_id: str = ""
    property_name: str = ""
    occurred_at: int = 0


def hubspot_event(  # noqa: PLR0913, PLR0917 - the parts of a request
    headers: Mapping[str, str], method: str, uri: str, body: bytes, secret: str, now_us: int
) -> list[Event]:
    """The events in a request to *uri*, the whole address as HubSpot has it.

    *headers* by names in any case. Raises ForgedError, also for what is signed and no event.
    """
    found = {name.lower(): value for name, value in headers.items()}
    given, stamp = found.get(SIGNATURE, ""), found.get(TIMESTAMP, "")
    if not given or not stamp.isascii() or not stamp.isdecimal():
        raise ForgedError("no signature of version 3 with its time")
    wanted = signature(method, uri, body, stamp, secret)
    if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise ForgedError("signed by somebody else, or changed on its way")
    age_us = now_us - int(stamp[:18]) * 1000
    if abs(age_us) > FRESH_US:
        raise ForgedError(f"signed {age_us / 1e6:.0f} s ago: sent again, or one clock is wrong")
    try:
        return msgspec.json.decode(body, type=list[Event])
    except msgspec.MsgspecError as error:
        raise ForgedError(f"signed, but not a list of events: {error}") from None


def signature(method: str, uri: str, body: bytes, stamp: str, secret: str) -> str:
    """What HubSpot puts into the header."""
    for code, letter in _DECODED.items():
        uri = uri.replace(code, letter).replace(code.lower(), letter)
    said = method.upper().encode() + uri.encode() + body + stamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()
