"""Rows that have to go, as each generation of InfluxDB is told; some never let any go."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from windsock.collector.influx.client import Refused, StoreDown, open_store
from windsock.collector.influx.measurements import FLIGHT, SERIES
from windsock.collector.influx.spans import Span, influxql
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.collector.settings import Influx

SPANS = [
    Span(FLIGHT, "as:SN'1\"", 1_795_465_500_123_999, 1_795_465_500_123_999),
    Span(SERIES, None, 1_795_465_500_000_000, 1_795_465_501_000_000),
]


class Server(HTTPServer):
    """Answers each path as it is told and keeps what it was asked."""

    def __init__(self, answers):
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers, self.asked = answers, []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((url.path, parse_qs(url.query), body))
        status, answer = self.server.answers[url.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(**answers):
        paths = {"delete": "/api/v2/delete", "query": "/query"}
        server = Server({paths[name]: answer for name, answer in answers.items()})
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def v2(server):
    return open_store(Influx(url=server.url, database="windsock", org="maker"))


def test_a_statement_names_the_rows_to_the_millisecond():
    assert [influxql(span) for span in SPANS] == [
        "DELETE FROM \"flight\" WHERE drone = 'as:SN\\'1\"'"
        " AND time >= 1795465500123000000 AND time <= 1795465500123999999",
        'DELETE FROM "series" WHERE time >= 1795465500000000000 AND time <= 1795465501000999999',
    ]


@pytest.mark.e2e
def test_2_x_is_told_by_predicate(serve):
    server = serve(delete=(204, ""))

    v2(server).erase(SPANS)

    ((path, query, body), (_, _, other)) = server.asked
    assert (path, query) == ("/api/v2/delete", {"bucket": ["windsock"], "org": ["maker"]})
    assert json.loads(body) == {
        "start": "2026-11-23T20:25:00.123000000Z",
        "stop": "2026-11-23T20:25:00.123999999Z",
        "predicate": '_measurement="flight" AND drone="as:SN\'1\\""',
    }
    assert json.loads(other)["predicate"] == '_measurement="series"'


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (
            {"delete": (404, '{"code":"not found","message":"bucket \\"x\\" not found"}')},
            StoreDown,
        ),
        ({"delete": (503, "")}, StoreDown),
        ({"delete": (401, "")}, StoreDown),
        ({"delete": (400, "bad predicate")}, Refused),
        ({"delete": (404, ""), "query": (405, "")}, Refused),
        ({"delete": (404, ""), "query": (200, '{"results":[{"error":"no DELETE"}]}')}, Refused),
        (
            {"delete": (404, ""), "query": (200, '{"results":[{"error":"database not found"}]}')},
            StoreDown,
        ),
    ],
)
def test_what_may_pass_is_told_from_what_will_not(serve, answers, error):
    with pytest.raises(error):
        v2(serve(**answers)).erase(SPANS)


@pytest.mark.e2e
def test_a_store_that_deletes_nothing_holds_nothing_up(serve, tmp_path):
    ledger = open_ledger(tmp_path / "ledger")
    server = serve(delete=(404, ""), query=(405, ""))

    Telemetry(ledger, v2(server)).erase(SPANS, 5)

    rows = ledger.execute("SELECT line FROM dead_letters").fetchall()
    assert [row["line"] for row in rows] == [influxql(span) for span in SPANS]
