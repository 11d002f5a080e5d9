"""The InfluxDB that somebody names: ``INFLUX_URL=... INFLUX_TOKEN=... make test-influx``.

Its database, or bucket, `DATABASE` is dropped and made anew; nothing else of it is touched.
``INFLUX_ORG`` names the organisation of a 2.x; ``INFLUX_API=v2`` writes to a 1.8 as to a 2.x. A
1.x takes ``user:password`` as its token.
"""

import json
import os
from pathlib import Path
from typing import Any

from tests.servers.influx_api import InfluxApi
from windsock.collector.settings import Influx

DATABASE = "windsock_test"
NAMED = bool(os.environ.get("INFLUX_URL"))
"""Whether there is one."""


class AnyInflux(InfluxApi):
    """*folder* keeps the token for the collector's settings."""

    def __init__(self, folder: Path):
        self.token = os.environ.get("INFLUX_TOKEN", "")
        self.org = os.environ.get("INFLUX_ORG", "")
        self.credentials = {"Authorization": f"Token {self.token}"} if self.token else {}
        self._token_file = folder / "influx-token"
        self._token_file.write_text(self.token)

    @property
    def url(self) -> str:
        return os.environ["INFLUX_URL"].rstrip("/")

    @property
    def settings(self) -> Influx:
        """The collector's."""
        generation = self.generation()
        api = os.environ.get("INFLUX_API", "v1" if generation == "1" else "v2")
        suffix = "/autogen" if generation == "1" and api == "v2" else ""
        return Influx(
            url=self.url,
            api=api,
            database=DATABASE + suffix,
            org=self.org,
            token_file=self._token_file if self.token else None,
        )

    def generation(self) -> str:
        """1, 2 or 3, by what it answers: versions are spelt in many ways."""
        for generation, path in (("3", "/api/v3/configure/database"), ("2", "/api/v2/orgs")):
            try:
                self.request("GET", path, format="json")
            except RuntimeError as error:
                if str(error).startswith(("404", "405")):
                    continue
            return generation
        return "1"

    def create(self, db: str) -> None:  # noqa: ARG002 - it has one of its own
        """Make the database anew, whatever the test calls it."""
        match self.generation():
            case "1":
                super().create(DATABASE)
            case "2":
                self._make_bucket()
            case _:
                self._make_database()

    def expire(self, db: str, days: int) -> None:  # noqa: ARG002 - it has one of its own
        """For 1.x and 2.x; `create` makes one that keeps all again."""
        if self.generation() == "1":
            super().expire(DATABASE, days)
            return
        rule = {
            "type": "expire",
            "everySeconds": days * 86_400,
            "shardGroupDurationSeconds": 86_400,
        }
        change = json.dumps({"retentionRules": [rule]}).encode()
        self.request("PATCH", f"/api/v2/buckets/{self.bucket()['id']}", change)

    def bucket(self) -> dict[str, Any]:
        """Of a 2.x: as it describes it."""
        (bucket,) = self._buckets()
        return bucket

    def drop(self) -> None:
        """Of a 2.x: the bucket, where there is one."""
        for bucket in self._buckets():
            self.request("DELETE", f"/api/v2/buckets/{bucket['id']}")

    def write(self, lines: str, db: str, precision: str = "ms") -> None:  # noqa: ARG002 - as the other servers have it
        super().write(lines, DATABASE, precision)

    def query(self, influxql: str, db: str = "", epoch: str = "ms") -> list[dict[str, Any]]:
        return super().query(influxql, DATABASE if db else "", epoch)

    def _make_bucket(self) -> None:
        """2.x maps a database of the same name to it by itself."""
        self.drop()
        made = {"orgID": self._org_id(), "name": DATABASE, "retentionRules": []}
        self.request("POST", "/api/v2/buckets", json.dumps(made).encode())

    def _org_id(self) -> str:
        (org,) = json.loads(self.request("GET", "/api/v2/orgs", org=self.org))["orgs"]
        return str(org["id"])

    def _buckets(self) -> list[dict[str, Any]]:
        """Ours, if it is there."""
        answer = self.request("GET", "/api/v2/buckets", orgID=self._org_id(), limit="100")
        return [one for one in json.loads(answer)["buckets"] if one["name"] == DATABASE]

    def _make_database(self) -> None:
        """3 has no rows to forget where the database is new."""
        where = "/api/v3/configure/database"
        if DATABASE in self.request("GET", where, format="json").decode():
            self.request("DELETE", where, db=DATABASE)
        self.request("POST", where, json.dumps({"db": DATABASE}).encode())
