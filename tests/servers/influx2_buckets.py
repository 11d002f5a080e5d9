"""A stand-in for the part of InfluxDB 2.x's HTTP API that buckets are made with.

Written from its published specification (influxdata/openapi, contracts/oss.yml): organisations by
name, buckets by name, POST makes one, PATCH changes its rules, an unknown one is 404.
As 2.7.12 does it refuses to keep rows for less time than a shard is long.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "secret"  # noqa: S105 - it guards nothing
ORG_ID = "0123456789abcdef"
WEEK_S = 604_800
"""How long a new bucket's shards are."""


class Influx2:
    """Its buckets by name, and where it listens."""

    def __init__(self, url: str):
        self.url = url
        self.retention_s: dict[str, int] = {}


@contextmanager
def influx2() -> Iterator[Influx2]:
    """One for the time of the block, with an organisation `windsock`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    server.state = Influx2(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]  # ours, on its server
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.state  # type: ignore[attr-defined]  # likewise
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Api(BaseHTTPRequestHandler):
    def do_GET(self):
        path, query = self._asked()
        if path == "/api/v2/orgs":
            if query["org"] == "windsock":
                self._answer(200, {"orgs": [{"id": ORG_ID, "name": "windsock"}]})
            else:
                message = f'organization name "{query["org"]}" not found'
                self._answer(404, {"code": "not found", "message": message})
        elif path == "/api/v2/buckets" and query.get("orgID") == ORG_ID:
            name = query["name"]
            held = self.server.state.retention_s
            self._answer(200, {"buckets": [self._bucket(name)] if name in held else []})
        else:
            self._not_found()

    def do_POST(self):
        path, _ = self._asked()
        wanted = self._body()
        held = self.server.state.retention_s
        if path != "/api/v2/buckets" or wanted["orgID"] != ORG_ID:
            self._not_found()
        elif wanted["name"] in held:
            message = f"bucket with name {wanted['name']} already exists"
            self._answer(422, {"code": "unprocessable entity", "message": message})
        else:
            held[wanted["name"]] = wanted["retentionRules"][0]["everySeconds"]
            self._answer(201, self._bucket(wanted["name"]))

    def do_PATCH(self):
        path, _ = self._asked()
        name = path.removeprefix("/api/v2/buckets/id-of-")
        if name not in self.server.state.retention_s:
            self._not_found()
            return
        (rule,) = self._body()["retentionRules"]
        if 0 < rule["everySeconds"] < rule.get("shardGroupDurationSeconds", WEEK_S):
            message = "shard-group duration must also be updated"
            self._answer(422, {"code": "unprocessable entity", "message": message})
            return
        self.server.state.retention_s[name] = rule["everySeconds"]
        self._answer(200, self._bucket(name))

    def _bucket(self, name):
        seconds = self.server.state.retention_s[name]
        rules = [{"type": "expire", "everySeconds": seconds}] if seconds else []
        return {"id": f"id-of-{name}", "name": name, "orgID": ORG_ID, "retentionRules": rules}

    def _asked(self):
        where = urlsplit(self.path)
        if self.headers["Authorization"] != f"Token {TOKEN}":
            return "", {}
        return where.path, {key: value[0] for key, value in parse_qs(where.query).items()}

    def _body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _not_found(self):
        if self.headers["Authorization"] != f"Token {TOKEN}":
            self._answer(401, {"code": "unauthorized", "message": "unauthorized access"})
        else:
            self._answer(404, {"code": "not found", "message": "not found"})

    def _answer(self, status, body):
        octets = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_):
        """Say nothing."""
