"""A connection that is kept: one for many requests, and another where a server has closed it."""

import re
import socket
import ssl
import threading

import pytest

from tests.servers.shipped_mosquitto import NOW_US
from windsock.collector.http_request import Connection, NoAnswer
from windsock.collector.install.certificates import authority, for_server

pytestmark = pytest.mark.e2e

MOST = 1000


class Server(threading.Thread):
    """Does to each connection what it is told to: a list of answers, then it is closed."""

    def __init__(self, *connections, tls=None):
        super().__init__()
        self.heard = []
        self._connections = connections
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        port = self._listening.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://user:secret@127.0.0.1:{port}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._listening.close()
        self.join()

    def run(self):
        for answers in self._connections:
            connection, _ = self._listening.accept()
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                for answer in answers:
                    self._hear(stream)
                    connection.sendall(answer)

    def _hear(self, stream):
        lines = list(iter(stream.readline, b"\r\n"))
        length = next(int(line[15:]) for line in lines if line.startswith(b"Content-Length:"))
        self.heard.append((lines[0].decode().strip(), stream.read(length)))


def said(status, body=b""):
    return b"HTTP/1.1 %d Words\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def posted(connection, body=b"lines"):
    return connection.ask("POST", "/write?x=1", {"X-Own": "1"}, body, MOST)


def test_many_requests_take_one_connection():
    with Server([said(200, b"yes"), said(400, b"no"), b"HTTP/1.1 204 No\r\n\r\n"]) as server:
        connection = Connection(server.url)
        answers = [posted(connection, body) for body in (b"a", b"b", b"c")]
        connection.close()

    assert [(one.status, one.body) for one in answers] == [(200, b"yes"), (400, b"no"), (204, b"")]
    assert server.heard == [("POST /write?x=1 HTTP/1.1", body) for body in (b"a", b"b", b"c")]


def test_what_a_server_closed_meanwhile_is_opened_again():
    with Server([said(204)], [said(204)], [said(200, b"third")]) as server:
        connection = Connection(server.url)
        answers = [posted(connection) for _ in range(3)]
        connection.close()

    assert [one.status for one in answers] == [204, 204, 200]


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A server's side of it, which this process trusts."""
    ours = authority(NOW_US)
    issued = for_server(["127.0.0.1"], ours, NOW_US)
    for name, content in (
        ("ca", ours.certificate),
        ("pem", issued.certificate),
        ("key", issued.key),
    ):
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem", tmp_path / "key")
    return context


@pytest.mark.parametrize("size", [5, 5_000_000])
def test_so_it_is_over_tls(tls, size):
    with Server([said(204)], [said(204)], [said(200, b"third")], tls=tls) as server:
        connection = Connection(server.url)
        answers = [posted(connection, b"x" * size) for _ in range(3)]
        connection.close()

    assert [one.status for one in answers] == [204, 204, 200]


def test_an_ipv6_address_needs_no_port():
    opened = Connection("https://[::1]")._connection()
    assert (opened.host, opened.port) == ("::1", 443)


@pytest.mark.parametrize("url", [
    "http://influx:80866", "http://influx:port", "http://influx..lan", f"http://{'x' * 64}.lan", "http://[::1",
])  # fmt: skip
def test_an_address_that_can_be_nobodys_is_nobody_there(url):
    with pytest.raises(NoAnswer, match=re.escape(url[7:])):
        posted(Connection(url))


def test_a_path_that_can_t_be_sent_is_no_answer():
    with pytest.raises(NoAnswer):
        Connection("http://127.0.0.1:9").ask("POST", "/größe", {}, b"", MOST)


def test_an_answer_that_is_too_long_is_cut_and_harms_none_behind_it():
    with Server([said(400, b"x" * 5000)], [said(200, b"fine")]) as server:
        connection = Connection(server.url)
        long, next_one = posted(connection), posted(connection)
        connection.close()

    assert (long.status, len(long.body)) == (400, MOST)
    assert next_one.body == b"fine"


def test_a_server_that_hangs_up_without_a_word_is_not_asked_for_ever():
    with Server([said(204)], []) as server:
        connection = Connection(server.url)
        posted(connection)
        with pytest.raises(NoAnswer, match=r"127\.0\.0\.1") as error:
            posted(connection)
        assert "secret" not in str(error.value)


def test_it_comes_back_when_the_server_does():
    with Server([], [said(204)]) as server:
        connection = Connection(server.url)
        with pytest.raises(NoAnswer):
            posted(connection)
        assert posted(connection).status == 204
        connection.close()
