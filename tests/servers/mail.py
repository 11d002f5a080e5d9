"""A mail server that keeps what it is given."""

import email
import email.policy
import threading
from email.message import EmailMessage
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import HOST, free_port


class MailServer:
    """SMTP on loopback in a thread of its own."""

    def __init__(self) -> None:
        self.host = HOST
        self.port = 0
        self.answer = "250 OK"  # a 4xx or 5xx here refuses every message
        self.messages: list[EmailMessage] = []
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Called by aiosmtpd, in its thread, for every message."""
        if self.answer.startswith("250"):
            content = (envelope.original_content or b"").replace(b"\r\n", b"\n")
            message = email.message_from_bytes(content, policy=email.policy.default)
            with self._arrived:
                self.messages.append(message)
                self._arrived.notify_all()
        return self.answer

    def wait_for(self, n: int, timeout: float = 30) -> list[EmailMessage]:
        """All messages, as soon as there are *n*."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.messages) >= n, timeout):
                raise TimeoutError(f"{len(self.messages)} of {n} messages in {timeout} s")
            return list(self.messages)

    def start(self) -> Self:
        """Listen, on the port of last time if there was one."""
        self.port = self.port or free_port()
        self._controller = Controller(self, hostname=self.host, port=self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Close the port; the messages stay."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
