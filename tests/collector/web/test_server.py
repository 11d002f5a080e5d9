"""The web server: over sockets, with bodies that are too large, and within the service."""

import http.client
import json
import logging
import socket
import threading

import msgspec
import pytest

from tests.collector.crashed import ANNA, NOW, SECRET, crash, settings_in
from tests.servers.process import free_port
from windsock.collector.app import Service
from windsock.collector.settings import Broker
from windsock.collector.web.links import Links
from windsock.collector.web.server import WebServer
from windsock.collector.web.site import Site

pytestmark = pytest.mark.e2e
TOKEN = "t" * 32
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ROSTER = b"serial,customer\nD1,Acme\n"


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    port = free_port()
    return settings_in(
        tmp_path, listen=f"127.0.0.1:{port}", import_token_file=tmp_path / "token", most_mb=1.0
    )


@pytest.fixture
def server(settings):
    failures = []
    server = WebServer(settings.web, Site(settings, lambda: NOW), failures.append)
    server.open()
    yield server
    server.close()
    assert not failures


def connect(settings):
    host, _, port = settings.web.listen.rpartition(":")
    return http.client.HTTPConnection(host, int(port), timeout=30)


def ask(settings, method, path, body=None, headers=BEARER):
    connection = connect(settings)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.usefixtures("server")
def test_a_case_is_looked_at_and_answered(world, settings):
    case = crash(world, settings)
    path = Links(SECRET, "").to_case(case, ANNA, NOW)
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert ask(settings, "GET", path)[0] == 200
    assert ask(settings, "POST", path, b"answer=done", form)[0] == 200
    assert world.rows("SELECT state FROM cases WHERE id = ?", case) == [{"state": "resolved"}]


@pytest.mark.usefixtures("server")
def test_facts_are_brought_by_who_has_the_token(world, settings):
    status, answer = ask(settings, "POST", "/import/roster", ROSTER)

    assert (status, json.loads(answer)["taken"]) == (200, 1)
    assert world.rows("SELECT serial FROM drones") == [{"serial": "D1"}]
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        assert ask(settings, "POST", "/import/roster", ROSTER, headers)[0] == 401


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/import/tickets", b"serial\n", 422),
        ("/import/tickets", b"\xff\xfe\x00\x01", 422),
        ("/import/tickets", b"{" * 1000, 422),
        ("/import/recipes", ROSTER, 404),
        ("/hubspot", b"[]", 404),
    ],
)
def test_what_cannot_be_taken_says_why(world, settings, path, body, status):
    answered, answer = ask(settings, "POST", path, body)

    assert answered == status
    assert b"Traceback" not in answer
    assert not world.rows("SELECT * FROM tickets")


@pytest.mark.usefixtures("server")
def test_a_hundred_megabytes_are_refused_unread(settings):
    with socket.create_connection(settings.web.listen.split(":"), timeout=30) as client:
        head = "POST /import/roster HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
        client.sendall(head.encode())
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.usefixtures("server")
def test_a_body_without_an_end_is_cut_off(settings):
    with socket.create_connection(settings.web.listen.split(":"), timeout=30) as client:
        head = "POST /import/roster HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.sendall(head.encode())
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            for _ in range(100):
                client.sendall(chunk)
        except OSError:
            pass  # it had enough
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert ask(settings, "GET", "/")[0] == 404


def test_an_address_that_is_taken_is_named(settings, server):
    other = WebServer(settings.web, Site(settings, lambda: NOW), print)

    with pytest.raises(OSError, match=rf"web\.listen {settings.web.listen}: .*in use"):
        other.open()
    server.close()


def test_the_service_serves_and_stops(settings, caplog):
    caplog.set_level(logging.INFO)
    ours = msgspec.structs.replace(settings, broker=Broker(port=free_port()))
    service = Service(ours, lambda: NOW)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        while "listening on" not in caplog.text:
            assert thread.is_alive()
            service.stop.wait(0.01)
        assert ask(settings, "GET", "/case/x")[0] == 403
    finally:
        service.stop.set()
        thread.join()
    with pytest.raises(ConnectionRefusedError):
        ask(settings, "GET", "/")
