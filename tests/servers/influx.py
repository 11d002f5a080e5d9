"""The time-series database, in the two versions that run here without root and without asking."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.servers.influx_api import InfluxApi
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


class Influxd(InfluxApi, ServerProcess):
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


class Influxd18(Influxd):
    """InfluxDB 1.8: also `/api/v2/write` (bucket `db/rp`) and Flux. It takes 5 s to start."""

    program: ClassVar[str] = "influxd-1.8"
    remedy: ClassVar[str] = "install Go and run `make servers`"

    def __init__(self, folder: Path, *, http_lines: Sequence[str] = ()):
        super().__init__(folder, http_lines=["flux-enabled = true", *http_lines])

    def flux(self, script: str) -> list[dict[str, str]]:
        """The records of a Flux script."""
        headers = {"Accept": "application/csv", "Content-Type": "application/vnd.flux"}
        answer = self.send("POST", "/api/v2/query", script.encode(), headers).decode()
        tables = re.sub(r"^#.*\n", "", answer, flags=re.MULTILINE).split("\r\n\r\n")
        return [row for table in tables for row in csv.DictReader(io.StringIO(table))]
