"""An HTTP proxy that lets one through with CONNECT, if the name and password are right."""

import base64
import socket
import threading
from contextlib import closing

from tests.servers.process import HOST


class ConnectProxy:
    """On `port`, in threads of its own. `asked` holds what it was asked to connect to."""

    def __init__(self, user=None, password=None):
        self.asked = []
        self._login = base64.b64encode(f"{user}:{password}".encode()) if user else None

    def __enter__(self):
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with closing(client):
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += client.recv(1)
            _, target, _ = request.split(b" ", 2)
            self.asked.append(target.decode())
            if self._login and b" " + self._login not in request:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            host, _, port = target.decode().rpartition(":")
            with closing(socket.create_connection((host, int(port)))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_copy, args=(server, client), daemon=True)
                back.start()
                _copy(client, server)
                back.join()


def _copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
