"""Kinds of values that settings are made of."""

from typing import Annotated

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=1, le=65535)]
Text = Annotated[str, Meta(min_length=1)]
Positive = Annotated[float, Meta(gt=0, le=1_000_000)]
"""Seconds, hours or days: a number of them that can still be reckoned with in microseconds."""
_WORD = r"[!#-'*+./0-9=?A-Z^-~-]+"
Email = Annotated[str, Meta(pattern=rf"^{_WORD}@{_WORD}\Z")]
"""One address that every mail server takes: ASCII, without quotes."""
Listen = Annotated[str, Meta(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$")]
"""An address and a port: ``127.0.0.1:8080``, ``[::1]:8080``."""
_PORT = r"(:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?"
_HOST = r"(\[[0-9a-fA-F:.]+\]|[^\s/?#:@.\[\]]{1,63}(\.[^\s/?#:@.\[\]]{1,63})*\.?)"
_PATH = r"([/?][!-~]*)?"
SecretUrl = Annotated[
    str,
    Meta(
        pattern=rf"^(https://{_HOST}{_PORT}{_PATH}|http://(localhost|127\.0\.0\.1){_PORT}{_PATH})\Z"
    ),
]
"""An address that secrets are sent to: with TLS, or on this host."""
HttpUrl = Annotated[str, Meta(pattern=rf"^https?://([^\s/@]+@)?{_HOST}{_PORT}{_PATH}\Z")]
"""What can be asked for: a host's name or address, a port that there is, a path in ASCII."""


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a settings file; a misspelt key is an error."""
