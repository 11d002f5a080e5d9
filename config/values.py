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
SecretUrl = Annotated[
    str, Meta(pattern=r"^(https://[^\s]+|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s]*)?)$")
]
"""An address that secrets are sent to: with TLS, or on this host."""
HttpUrl = Annotated[str, Meta(pattern=r"^https?://[^\s]+$")]


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a settings file; a misspelt key is an error."""
