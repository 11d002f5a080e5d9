"""The proxy does what it says: or what holds behind it holds nothing."""

import socket
import threading

import pytest

from tests.chaos.proxy import Proxy

pytestmark = pytest.mark.e2e
HOST = "127.0.0.1"


@pytest.fixture
def line():
    """A proxy before a server that repeats all it hears, and a connection through it."""
    server = socket.create_server((HOST, 0))

    def repeat():
        while True:
            try:
                there, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(there,), daemon=True).start()

    def echo(there):
        with there:
            try:
                while content := there.recv(4096):
                    there.sendall(content)
            except OSError:
                pass

    threading.Thread(target=repeat, daemon=True).start()
    with (
        Proxy(server.getsockname()[1]) as proxy,
        socket.create_connection((HOST, proxy.port), timeout=10) as client,
    ):
        client.sendall(b"hello")
        assert client.recv(5) == b"hello"
        yield proxy, client
    server.close()


def ended(client):
    try:
        return client.recv(5) == b""
    except ConnectionError:
        return True


def silent(client, seconds=0.3):
    client.settimeout(seconds)
    with pytest.raises(TimeoutError):
        client.recv(5)
    client.settimeout(10)
    return True


def test_it_cuts_at_once_or_within_what_is_sent(line):
    proxy, client = line
    proxy.cut()
    assert ended(client)

    with socket.create_connection((HOST, proxy.port), timeout=10) as again:
        proxy.cut_after = 3
        again.sendall(b"hello")
        assert ended(again) or again.recv(5) == b""
        assert proxy.passed == 10


def test_what_it_stalls_comes_later(line):
    proxy, client = line
    proxy.break_("stall")
    client.sendall(b"later")
    assert silent(client)

    proxy.heal()
    assert client.recv(5) == b"later"


def test_a_half_open_line_stays_dead_and_a_new_one_works(line):
    proxy, client = line
    proxy.break_("half-open")
    client.sendall(b"void")
    assert silent(client)

    proxy.heal()
    client.sendall(b"still")
    assert silent(client)
    with socket.create_connection((HOST, proxy.port), timeout=10) as again:
        again.sendall(b"new")
        assert again.recv(3) == b"new"


def test_it_refuses(line):
    proxy, _ = line
    proxy.break_("refuse")

    with socket.create_connection((HOST, proxy.port), timeout=10) as again:
        assert ended(again)
