"""What tests ask an InfluxDB over HTTP, whoever started it."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit


class InfluxApi:
    """``/write`` and ``/query``, which all generations answer, at `url`."""

    credentials: dict[str, str] = {}  # noqa: RUF012 - replaced, never changed

    @property
    def url(self) -> str:
        raise NotImplementedError

    def create(self, db: str) -> None:
        """Make *db* an empty database, whatever an earlier test left in it."""
        self.query(f'DROP DATABASE "{db}"')
        self.query(f'CREATE DATABASE "{db}"')

    def expire(self, db: str, days: int) -> None:
        """From now on it keeps rows of the last *days*."""
        policy = f'RETENTION POLICY autogen ON "{db}" DURATION {days}d SHARD DURATION 1d'
        self.query(f"ALTER {policy}")

    def write(self, lines: str, db: str, precision: str = "ms") -> None:
        """Write line protocol as 1.x takes it: what a test needs to be there beforehand."""
        self.request("POST", "/write", lines.encode(), db=db, precision=precision)

    def query(self, influxql: str, db: str = "", epoch: str = "ms") -> list[dict[str, Any]]:
        """The rows of all series, tags of a GROUP BY among their columns, `time` in *epoch*."""
        body = self.request("POST", "/query", q=influxql, db=db, epoch=epoch)
        rows = []
        for result in json.loads(body)["results"]:
            if "error" in result:
                raise RuntimeError(result["error"])
            for series in result.get("series", []):
                tags = series.get("tags", {})
                rows += [
                    tags | dict(zip(series["columns"], row, strict=True))
                    for row in series.get("values", [])
                ]
        return rows

    def request(self, method: str, path: str, body: bytes = b"", **parameters: str) -> bytes:
        """One HTTP request past all proxies; an answer of 400 and above is a RuntimeError."""
        return self.send(method, f"{path}?{urlencode(parameters)}", body, {})

    def send(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> bytes:
        """As `request`, with a path that has its parameters."""
        where = urlsplit(self.url)
        secure = where.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=60)
        try:
            connection.request(method, target, body, self.credentials | headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise RuntimeError(f"{response.status}: {answer.decode()}")
        return answer
