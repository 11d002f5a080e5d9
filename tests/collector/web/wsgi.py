"""Asking a site without a server."""

import io
from urllib.parse import urlencode


class Asked:
    """What came back."""

    def __init__(self, status, headers, body):
        self.status = int(status.split()[0])
        self.headers = dict(headers)
        self.text = body.decode()


def ask(site, path, method="GET", body=b"", kind="", **environ):
    """One request, as a WSGI server makes it."""
    came = []
    request = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    } | environ
    data = b"".join(site(request, lambda status, headers: came.extend((status, headers))))
    return Asked(*came, data)


def post(site, path, **fields):
    """The fields of a form."""
    body = urlencode(fields).encode()
    return ask(site, path, "POST", body, "application/x-www-form-urlencoded")
