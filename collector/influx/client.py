"""Writing to InfluxDB. Sole owner of influxdb-client, which is used as a synchronous HTTP client.

Two ways, one setting: ``v2`` writes to ``/api/v2/write`` (InfluxDB 1.8, 2.x and 3), ``v1`` to
``/write`` (1.x). Both answer 204, or an error that `Refused` and `StoreDown` tell apart. Rows go
through ``/api/v2/delete`` (2.x) or InfluxQL's DELETE (1.x): docs/decisions/0004.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol, cast
from urllib.parse import urlencode

import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException

from windsock.collector.influx.measurements import Precision
from windsock.collector.influx.spans import Span, bounds, influxql, predicate
from windsock.collector.settings import Influx
from windsock.config.loader import secret

LINES_A_REQUEST: Final = 5000
_TIMEOUT_S: Final = 15.0
_REFUSALS: Final = (400, 413, 422)
"""What is wrong is in the lines. All else (no such database, no rights, overload) may pass."""
_NOT_FOUND: Final = 404
_CANNOT: Final = (404, 405, 501)
"""Of a statement: there is nobody who could ever carry it out."""

if TYPE_CHECKING:
    from influxdb_client.domain.write_precision import WritePrecision


class StoreDown(Exception):  # noqa: N818 - a state of the world, not a mistake
    """InfluxDB did not take the lines and may later: nothing of them is acknowledged."""


class Refused(Exception):  # noqa: N818 - likewise
    """InfluxDB will never take these lines as they are."""


class TelemetryStore(Protocol):
    """Where lines go."""

    def write(self, lines: Sequence[str], precision: Precision) -> None:
        """Write *lines*, or raise StoreDown or Refused."""

    def erase(self, spans: Sequence[Span]) -> None:
        """Delete the rows of *spans*, or raise StoreDown or Refused."""


class InfluxV2:
    """``/api/v2/write`` by influxdb-client."""

    def __init__(self, settings: Influx) -> None:
        self._settings = settings
        self._client = InfluxDBClient(
            url=settings.url,
            token=_token(settings) or "",
            org=settings.org,
            timeout=int(_TIMEOUT_S * 1000),
        )
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, lines: Sequence[str], precision: Precision) -> None:
        """Write *lines*, or raise StoreDown or Refused."""
        body = "\n".join(lines).encode()
        try:
            self._api.write(
                self._settings.database,
                record=body,
                write_precision=cast("WritePrecision", precision),
            )
        except ApiException as error:
            _raise(error.status or 0, str(error.body or error.reason))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreDown(f"{self._settings.url}: {error}") from error

    def erase(self, spans: Sequence[Span]) -> None:
        """Delete the rows of *spans*, or raise StoreDown or Refused."""
        bucket = self._settings.database
        try:
            for span in spans:
                self._client.delete_api().delete(*bounds(span), predicate(span), bucket=bucket)
        except ApiException as error:
            reason = str(error.body or error.reason)
            if error.status != _NOT_FOUND or "bucket" in reason:
                _raise(error.status or 0, reason)
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
        self._url = settings.url.rstrip("/") + "/write?"
        self._pool = _pool()

    def write(self, lines: Sequence[str], precision: Precision) -> None:
        """Write *lines*, or raise StoreDown or Refused."""
        url = self._url + urlencode(self._query | {"precision": precision})
        try:
            reply = self._pool.request("POST", url, body="\n".join(lines).encode())
        except (urllib3.exceptions.HTTPError, OSError) as error:
            # The URL may hold a password and is not repeated.
            raise StoreDown(f"InfluxDB: {type(error).__name__}") from error
        if reply.status >= 300:  # noqa: PLR2004 - success ends there in HTTP
            _raise(reply.status, reply.data.decode("utf-8", "replace").strip())

    def erase(self, spans: Sequence[Span]) -> None:
        """Delete the rows of *spans*, or raise StoreDown or Refused."""
        _statement(self._pool, self._server, spans, self._query, {})


def open_store(settings: Influx) -> TelemetryStore:
    """The store that the settings name; connects when first written to."""
    return InfluxV2(settings) if settings.api == "v2" else InfluxV1(settings)


def write_lines(
    store: TelemetryStore,
    lines: Sequence[str],
    precision: Precision,
    dead_letter: Callable[[str, str], None],
) -> None:
    """Write *lines*; those that the store refuses go to *dead_letter* (line, error), one by one.

    A refused request is halved until the lines at fault are alone; the rest is written. To write a
    line again is harmless: same series, same time, same value. Raises StoreDown.
    """
    for start in range(0, len(lines), LINES_A_REQUEST):
        for line, error in _refused(store, lines[start : start + LINES_A_REQUEST], precision):
            dead_letter(line, error)


def _refused(
    store: TelemetryStore, lines: Sequence[str], precision: Precision
) -> Iterator[tuple[str, str]]:
    try:
        store.write(lines, precision)
    except Refused as error:
        if len(lines) == 1:
            yield lines[0], str(error)
            return
        half = len(lines) // 2
        yield from _refused(store, lines[:half], precision)
        yield from _refused(store, lines[half:], precision)


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
    if reply.status >= 300:  # noqa: PLR2004 - success ends there in HTTP
        _raise(reply.status, answer)
    if "error" in answer:  # of one statement; a database that is missing may come
        _raise(0 if "not found" in answer else 400, answer)


def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=_TIMEOUT_S, retries=False)


def _raise(status: int, reason: str) -> None:
    kind = Refused if status in _REFUSALS else StoreDown
    raise kind(f"InfluxDB answers {status}: {reason[:300]}")


def _token(settings: Influx) -> str | None:
    return secret(settings.token_file, "influx.token_file") if settings.token_file else None
