"""Tests reach no network: only `e2e` tests open sockets, and those stay on this machine."""

import socket

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

SOMEWHERE = ("192.0.2.1", 9)  # reserved for documentation: there is nobody


def test_a_test_opens_no_socket():
    with pytest.warns(UserWarning, match=r"socket\.socket"), pytest.raises(SocketBlockedError):
        socket.socket()


@pytest.mark.e2e
def test_an_e2e_test_stays_on_this_machine():
    with pytest.warns(UserWarning, match="allowed"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(SOMEWHERE)


@pytest.mark.e2e
def test_an_e2e_test_reaches_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
