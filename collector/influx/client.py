"""Writing to InfluxDB. Sole owner of influxdb-client, which deletes, and of urllib3.

Lines are posted without it: it takes as long for a request as a thousand lines take to be drawn
(docs/decisions/0013). Two ways, one setting: ``v2`` writes to ``/api/v2/write`` (InfluxDB 1.8, 2.x
and 3), ``v1`` to ``/write`` (1.x). Both answer 204, or an error that `Refused` and `StoreDown`
tell apart. Rows go through ``/api/v2/delete`` (2.x) or InfluxQL's DELETE (1.x):
docs/decisions/0004.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException

from windsock.collector.http_request import Connection, NoAnswer
from windsock.collector.influx.measurements import Precision
from windsock.collector.influx.replies import Down, Refusal, read_reply
from windsock.collector.influx.spans import Span, bounds, influxql, predicate
from windsock.collector.settings import Influx
from windsock.config.loader import secret

_TIMEOUT_S: Final = 15.0
_NOT_FOUND: Final = 404
_CANNOT: Final = (404, 405, 501)
"""Of a statement: there is nobody who could ever carry it out."""
_ANSWER_BYTES: Final = 1_000_000
"""Of a refusal: 3 lists the lines at fault. What is cut is no JSON, and bisected."""


class StoreDown(Exception):  # noqa: N818 - a state of the world, not a mistake
    """InfluxDB did not take the lines and may later: nothing of them is acknowledged."""

    def __init__(self, reason: str, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        """How long it asks to be left alone; 0 where it doesn't say."""


class Refused(Exception):  # noqa: N818 - likewise
    """InfluxDB will never take these lines as they are; some are named by number or text."""

    def __init__(
        self, reason: str, numbers: tuple[int, ...] = (), texts: tuple[str, ...] = ()
    ) -> None:
        super().__init__(reason)
        self.numbers = numbers
        self.texts = texts


class TelemetryStore(Protocol):
    """Where lines go."""

    def write(self, body: bytes, precision: Precision) -> None:
        """Write the lines in *body*, or raise StoreDown or Refused."""

    def erase(self, spans: Sequence[Span]) -> None:
        """Delete the rows of *spans*, or raise StoreDown or Refused."""


class _LinePosts:
    """POSTs of lines to one address, by one connection that is kept."""

    def __init__(
        self, url: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> None:
        self._connection = Connection(url)
        self._target = urlsplit(url).path.rstrip("/") + path + "?"
        self._query = query
        self._headers = {"Content-Type": "text/plain; charset=utf-8", **headers}

    def write(self, body: bytes, precision: Precision) -> None:
        """Write the lines in *body*, or raise StoreDown or Refused. Lines can be sent twice."""
        target = self._target + urlencode({**self._query, "precision": precision})
        try:
            reply = self._connection.ask("POST", target, self._headers, body, _ANSWER_BYTES)
        except NoAnswer as error:  # the target may hold a password and is not repeated
            raise StoreDown(f"InfluxDB at {error}") from error
        _check(reply.status, reply.body, reply.headers)


class InfluxV2:
    """``/api/v2/write``."""

    def __init__(self, settings: Influx) -> None:
        self._settings = settings
        token = _token(settings) or ""
        self._client = InfluxDBClient(
            url=settings.url, token=token, org=settings.org, timeout=int(_TIMEOUT_S * 1000)
        )
        query = {"org": settings.org, "bucket": settings.database}
        headers = {"Authorization": f"Token {token}"} if token else {}
        self._posts = _LinePosts(settings.url, "/api/v2/write", query, headers)

    def write(self, body: bytes, precision: Precision) -> None:
        """Write the lines in *body*, or raise StoreDown or Refused."""
        self._posts.write(body, precision)

    def erase(self, spans: Sequence[Span]) -> None:
        """Delete the rows of *spans*, or raise StoreDown or Refused."""
        bucket = self._settings.database
        try:
            for span in spans:
                self._client.delete_api().delete(*bounds(span), predicate(span), bucket=bucket)
        except ApiException as error:
            reason = str(error.body or error.reason)
            if error.status != _NOT_FOUND or "bucket" in reason:
                _check(error.status or 0, _octets(error.body), error.headers or {})
            self._erase_as_v1(spans)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreDown(f"{self._settings.url}: {error}") from error

    def _erase_as_v1(self, spans: Sequence[Span]) -> None:
        """1.8 writes as 2.x does, and deletes as 1.x does."""
        token = _token(self._settings)
        headers = {"Authorization": f"Token {token}"} if token else {}
        database = self._settings.database.partition("/")[0]
        _statement(_pool(), self._settings.url, spans, {"db": database}, headers)


class InfluxV1:
    """``/write`` of 1.x."""

    def __init__(self, settings: Influx) -> None:
        query = {"db": settings.database}
        user, _, password = (_token(settings) or "").partition(":")
        if user:
            query |= {"u": user, "p": password}
        self._query = query
        self._server = settings.url
        self._pool = _pool()
        self._posts = _LinePosts(settings.url, "/write", query, {})

    def write(self, body: bytes, precision: Precision) -> None:
        """Write the lines in *body*, or raise StoreDown or Refused."""
        self._posts.write(body, precision)

    def erase(self, spans: Sequence[Span]) -> None:
        """Delete the rows of *spans*, or raise StoreDown or Refused."""
        _statement(self._pool, self._server, spans, self._query, {})


def open_store(settings: Influx) -> TelemetryStore:
    """The store that the settings name; connects when first written to."""
    return InfluxV2(settings) if settings.api == "v2" else InfluxV1(settings)


class Answer(NamedTuple):
    """What InfluxDB said to a request that is no write."""

    status: int
    body: bytes


def ask(
    settings: Influx, method: str, path: str, query: Mapping[str, str], body: bytes | None = None
) -> Answer:
    """Any request of InfluxDB's API, as JSON where it has a body. Raises StoreDown."""
    token = _token(settings) or ""
    headers = {"Content-Type": "application/json"}
    if settings.api == "v1" and ":" in token:
        user, _, password = token.partition(":")
        headers |= urllib3.make_headers(basic_auth=f"{user}:{password}")
    elif token:
        headers["Authorization"] = f"Token {token}"
    url = settings.url.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
    try:
        reply = _pool().request(method, url, body=body, headers=headers)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreDown(f"{settings.url}: {type(error).__name__}") from error
    return Answer(reply.status, reply.data)


def _check(status: int, body: bytes, headers: Mapping[str, str]) -> None:
    """Raises StoreDown or Refused where the reply says so."""
    match read_reply(status, body, headers):
        case Down(reason, retry_after_s):
            raise StoreDown(reason, retry_after_s)
        case Refusal(reason, numbers, texts):
            raise Refused(reason, numbers, texts)


def _octets(body: object) -> bytes:
    """influxdb-client hands over what it read as it found it."""
    return body if isinstance(body, bytes) else str(body or "").encode()


def _statement(
    pool: urllib3.PoolManager,
    server: str,
    spans: Sequence[Span],
    query: Mapping[str, str],
    headers: Mapping[str, str],
) -> None:
    """InfluxQL's DELETE for *spans*. Raises StoreDown, or Refused where none can be deleted."""
    statements = ";".join(map(influxql, spans))
    try:
        reply = pool.request(
            "POST",
            server.rstrip("/") + "/query",
            fields={**query, "q": statements},
            encode_multipart=False,
            headers=headers,
        )
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreDown(f"InfluxDB: {type(error).__name__}") from error
    answer = reply.data.decode("utf-8", "replace").strip()
    if reply.status in _CANNOT:
        raise Refused(f"InfluxDB answers {reply.status}: it deletes no rows")
    _check(reply.status, reply.data, reply.headers)
    if "error" in answer:  # of one statement; a database that is missing may come
        raise (StoreDown if "not found" in answer else Refused)(f"InfluxDB answers {answer[:300]}")


def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=_TIMEOUT_S, retries=False)


def _token(settings: Influx) -> str | None:
    return secret(settings.token_file, "influx.token_file") if settings.token_file else None
