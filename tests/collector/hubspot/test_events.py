"""Webhooks that HubSpot signed, and those that it did not."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.hubspot.events import ForgedError, hubspot_event

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"  # noqa: S105 - of nobody
URI = "https://windsock.maker.example/hubspot/events"
BODY = b'[{"objectId": 41, "subscriptionType": "object.propertyChange", "objectTypeId": "0-27"}]'
MS = 1_780_000_000_000


def signed(body=BODY, uri=URI, method="POST", ms=MS, secret=SECRET):
    """As HubSpot's page on validating requests says it."""
    source = f"{method}{uri}".encode() + body + str(ms).encode()
    digest = hmac.new(secret.encode(), source, hashlib.sha256).digest()
    return {
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Request-Timestamp": str(ms),
    }


def events(headers, method="POST", uri=URI, body=BODY, now_ms=MS):
    return hubspot_event(headers, method, uri, body, SECRET, now_ms * 1000)


def test_what_hubspot_signed_is_taken():
    (event,) = events(signed())

    assert (event.object_id, event.object_type_id) == (41, "0-27")


def test_the_address_is_signed_with_its_codes_resolved():
    assert events(signed(uri="https://x.example/a?b=c:d@e"),
                  uri="https://x.example/a?b=c%3Ad%40e")  # fmt: skip


@pytest.mark.parametrize("late_ms", [-300_000, 300_000])
def test_five_minutes_are_fresh_and_a_millisecond_more_is_not(late_ms):
    assert events(signed(), now_ms=MS + late_ms)
    with pytest.raises(ForgedError, match="sent again, or one clock is wrong"):
        events(signed(), now_ms=MS + late_ms + (1 if late_ms > 0 else -1))


@pytest.mark.parametrize(
    ("headers", "given", "said"),
    [
        ({}, {}, "no signature"),
        ({"X-HubSpot-Signature-v3": ""}, {}, "no signature"),
        ({"X-HubSpot-Request-Timestamp": "soon"}, {}, "no signature"),
        ({"X-HubSpot-Request-Timestamp": "\u0661"}, {}, "no signature"),
        ({"X-HubSpot-Request-Timestamp": str(MS + 1)}, {}, "signed by somebody else"),
        ({"X-HubSpot-Signature-v3": "\u00fc"}, {}, "signed by somebody else"),
        (signed(secret=SECRET[1:]), {}, "signed by somebody else"),
        (signed(method="GET"), {}, "signed by somebody else"),
        (signed(), {"body": BODY + b" "}, "signed by somebody else"),
        (signed(), {"uri": URI + "?x"}, "signed by somebody else"),
        (signed(b"{}"), {"body": b"{}"}, "signed, but not a list of events"),
        (signed(b"\xff"), {"body": b"\xff"}, "signed, but not a list of events"),
    ],
)
def test_what_is_forged_is_refused_and_says_how_that_was_seen(headers, given, said):
    whole = headers if "X-HubSpot-Signature-v3" in headers and len(headers) > 1 else (
        {} if not headers else signed() | headers
    )  # fmt: skip
    with pytest.raises(ForgedError, match=said):
        events(whole, **given)


@given(st.text(), st.text(), st.binary(), st.text())
def test_garbage_is_forged(given_signature, stamp, body, uri):
    headers = {"x-hubspot-signature-v3": given_signature, "x-hubspot-request-timestamp": stamp}
    with pytest.raises(ForgedError):
        events(headers, uri=uri, body=body)
