"""A mail server on loopback that keeps what it gets. Sole owner of aiosmtpd."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

if TYPE_CHECKING:
    from email.message import EmailMessage


class Mailbox:
    """Mails in the order they came; each is a file, too."""

    def __init__(self, folder: Path) -> None:
        self.mails: list[EmailMessage] = []
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail."""
        content = envelope.original_content or b""
        self.mails.append(message_from_bytes(content, policy=policy.default))
        (self._folder / f"{len(self.mails)}.eml").write_bytes(content)
        return "250 kept"


@contextmanager
def running(folder: Path, port: int) -> Iterator[Mailbox]:
    """A mail server on *port* for the time of the block."""
    folder.mkdir(parents=True)
    mailbox = Mailbox(folder)
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()
