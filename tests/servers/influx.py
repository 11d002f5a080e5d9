"""The time-series database, in the two versions that run here without root and without asking."""

import csv
import http.client
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from tests.servers.process import HOST, ServerProcess, free_port

CONFIG = """\
reporting-disabled = true
bind-address = "{host}:{rpc_port}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[monitor]
store-enabled = false
[http]
bind-address = "{host}:{port}"
"""


class Influxd(ServerProcess):
    """InfluxDB 1.6: `/write` and InfluxQL. *http_lines* go into the `[http]` section."""

    program: ClassVar[str] = "influxd"

    def __init__(self, folder: Path, *, http_lines: Sequence[str] = ()):
        super().__init__(folder)
        self.http_lines = http_lines

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def configure(self) -> list[str]:
        text = CONFIG.format(host=HOST, folder=self.folder, port=self.port, rpc_port=free_port())
        config = self.folder / "influxd.toml"
        config.write_text("\n".join([text, *self.http_lines, ""]), "utf-8")
        return ["-config", str(config)]

    def answers(self) -> bool:
        try:
            self.request("GET", "/ping")
        except OSError:
            return False
        return True

    def create(self, db: str) -> None:
        """Make *db* an empty database, whatever an earlier test left in it."""
        self.query(f'DROP DATABASE "{db}"')
        self.query(f'CREATE DATABASE "{db}"')

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
        return self._send(method, f"{path}?{urlencode(parameters)}", body, {})

    def _send(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> bytes:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise RuntimeError(f"{response.status}: {answer.decode()}")
        return answer


class Influxd18(Influxd):
    """InfluxDB 1.8: also `/api/v2/write` (bucket `db/rp`) and Flux. It takes 5 s to start."""

    program: ClassVar[str] = "influxd-1.8"
    remedy: ClassVar[str] = "install Go and run `make servers`"

    def __init__(self, folder: Path, *, http_lines: Sequence[str] = ()):
        super().__init__(folder, http_lines=["flux-enabled = true", *http_lines])

    def flux(self, script: str) -> list[dict[str, str]]:
        """The records of a Flux script."""
        headers = {"Accept": "application/csv", "Content-Type": "application/vnd.flux"}
        answer = self._send("POST", "/api/v2/query", script.encode(), headers).decode()
        tables = re.sub(r"^#.*\n", "", answer, flags=re.MULTILINE).split("\r\n\r\n")
        return [row for table in tables for row in csv.DictReader(io.StringIO(table))]
