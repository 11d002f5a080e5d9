"""A connection that is kept: one for many requests, and another where a server has closed it."""

import socket
import threading

import pytest

from windsock.collector.http_request import Connection, NoAnswer

pytestmark = pytest.mark.e2e

MOST = 1000


class Server(threading.Thread):
    """Does to each connection what it is told to: a list of answers, then it is closed."""

    def __init__(self, *connections):
        super().__init__()
        self.heard = []
        self._connections = connections
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://user:secret@127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._listening.close()
        self.join()

    def run(self):
        for answers in self._connections:
            connection, _ = self._listening.accept()
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
