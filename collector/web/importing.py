"""``POST /import/KIND``: facts from outside, brought by a program that has the token."""

import hmac
import sqlite3
from typing import Final

import msgspec

from windsock.collector.outside.take import KINDS, Taken, take
from windsock.collector.web.exchange import Request, Response

_JSON: Final = "application/json"


class ImportDoor:
    """Lets in who has the token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def respond(
        self, ledger: sqlite3.Connection, request: Request, kind: str, now_us: int
    ) -> Response:
        """What became of the rows: 200 where any was good, 422 where none was."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        matches = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._token)
        if scheme.lower() != "bearer" or not matches:
            said = {"error": "expected Authorization: Bearer TOKEN, with our token"}
            return _json("401 Unauthorized", said, ("WWW-Authenticate", "Bearer"))
        if kind not in KINDS:
            return _json("404 Not Found", {"error": f"no such kind; there are {', '.join(KINDS)}"})
        taken = take(ledger, kind, request.body, f"POST {kind}", now_us)
        nothing = taken.errors and not taken.taken
        return _json("422 Unprocessable Content" if nothing else "200 OK", _said(taken))


def _said(taken: Taken) -> dict[str, object]:
    return {
        "kind": taken.kind,
        "taken": taken.taken,
        "refused": taken.refused,
        "errors": [str(error) for error in taken.errors],
        "warnings": [str(warning) for warning in taken.warnings],
    }


def _json(status: str, said: object, *headers: tuple[str, str]) -> Response:
    return Response(status, msgspec.json.encode(said) + b"\n", _JSON, headers)
