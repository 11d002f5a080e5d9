"""Links that let one person answer one case for some time, and prove it. Pure.

A token is ``CLAIM.PROOF``, both base64url: the claim is JSON, ``[case, csm, expires_s]``, the
proof HMAC-SHA256 of the claim. Whoever has the link has the right, so it is short-lived and names
what it is for; nothing is kept of it on the server.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, NamedTuple

import msgspec

LINK_DAYS: Final = 30.0
LEAST_SECRET: Final = 32
"""Characters of a secret: 128 bits, written in hex."""
_DAY_S: Final = 86_400
_LONGEST: Final = 1024
_PURPOSE: Final = b"windsock case link 1\n"
"""The same secret may sign other things: none of them is a link."""


class LinkError(Exception):
    """A link that gives no right; the message says why, to whoever followed it."""


class Expired(LinkError):  # noqa: N818 - a state of the world, not a mistake
    """It was a link of ours once."""


class Claim(NamedTuple):
    """What a link says: who may answer which case, and until when."""

    case: int
    csm: str
    expires_s: int
    """Seconds since 1970, UTC."""


class Links(NamedTuple):
    """What links are made with."""

    secret: str
    base_url: str
    """Where the collector's web server is reached from outside."""
    days: float = LINK_DAYS

    def to_case(self, case: int, csm: str, now_us: int) -> str:
        """The address at which *csm* answers *case*."""
        expires_s = now_us // 1_000_000 + round(self.days * _DAY_S)
        token = signed(Claim(case, csm, expires_s), self.secret)
        return f"{self.base_url.rstrip('/')}/case/{token}"


def answer_link(secret: str, base_url: str, case: int, csm: str, now_us: int) -> str:
    """The address at which *csm* answers *case*, good for `LINK_DAYS`."""
    return Links(secret, base_url).to_case(case, csm, now_us)


def signed(claim: Claim, secret: str) -> str:
    """The token of *claim*."""
    said = _written(msgspec.json.encode(claim))
    return f"{said}.{_proof(said, secret)}"


def claim_of(token: str, secret: str, now_us: int) -> Claim:
    """What *token* says, after its proof has been compared in constant time.

    Raises Expired after its time, LinkError for one that isn't ours.
    """
    said, _, proof = token[:_LONGEST].partition(".")
    ours = _proof(said, secret)
    if not hmac.compare_digest(proof.encode("utf-8", "replace"), ours.encode()):
        raise LinkError("This link is not one of ours, or not all of it was copied.")
    try:
        claim = msgspec.json.decode(urlsafe_b64decode(said + "=" * (-len(said) % 4)), type=Claim)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:  # signed, so by other code
        raise LinkError("This link was made by another version of windsock.") from error
    if now_us >= claim.expires_s * 1_000_000:
        raise Expired("This link has expired. A newer notice or digest has one that works.")
    return claim


def _proof(said: str, secret: str) -> str:
    message = _PURPOSE + said.encode("utf-8", "replace")
    return _written(hmac.new(secret.encode(), message, hashlib.sha256).digest())


def _written(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
