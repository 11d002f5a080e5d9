"""A request as WSGI brings it, a response as WSGI takes it, and what both hold to. Pure."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

_MOST_FIELDS: Final = 20
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_ALWAYS: Final = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex, nofollow"),
)
"""A link is a key: it is not passed on, not kept, not shown inside other pages, not indexed."""


class BadRequest(Exception):  # noqa: N818 - a state of the world, not a mistake
    """What came can't be understood; the message says what of it."""


class Request(NamedTuple):
    """What somebody asks."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def form(self) -> dict[str, str]:
        """The fields of an HTML form, each once. Raises BadRequest."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise BadRequest("Expected the fields of a form.")
        try:
            pairs = parse_qsl(
                self.body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS,
                encoding="utf-8", errors="strict",
            )  # fmt: skip
        except (UnicodeDecodeError, ValueError) as error:
            raise BadRequest("This form can't be read: it is not UTF-8, or too long.") from error
        if len(dict(pairs)) != len(pairs):
            raise BadRequest("A field of this form comes twice.")
        return dict(pairs)


class Response(NamedTuple):
    """What is answered."""

    status: str
    """With its reason: ``404 Not Found``."""
    body: bytes
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()

    def all_headers(self) -> list[tuple[str, str]]:
        """Its own, and those that every response has."""
        own = (("Content-Type", self.kind), ("Content-Length", str(len(self.body))))
        return [*own, *self.headers, *_ALWAYS]


def request_of(environ: Mapping[str, Any]) -> Request:
    """The request in a WSGI environment, whose server has bounded its body."""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    path = str(environ.get("PATH_INFO") or "/").encode("latin-1").decode("utf-8", "replace")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    return Request(str(environ["REQUEST_METHOD"]), path, headers, body)
