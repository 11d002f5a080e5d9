"""E-mail. Sole owner of smtplib and ssl.

At least once: a mail sent just before a crash is sent again, with the Message-ID of the first,
which is made from the case and its transition (CONTRACTS: cases).
"""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final
from urllib.parse import quote

from windsock.collector.notify.html_page import Picture, as_html
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.outbox import Later, Parcel, Refused, Unreachable
from windsock.collector.notify.wording import Wording
from windsock.collector.settings import Smtp

TIMEOUT_S: Final = 30.0
_REFUSED: Final = 500
_ATOM: Final = "!#$&'*+-/=?^_`{|}~"
Pictures = Callable[[Notice], Sequence[Picture]]
"""What can be shown of a notice."""


class SmtpChannel:
    """A connection for each mail: a few cases a day need none that stays open."""

    def __init__(
        self,
        settings: Smtp,
        password: str | None,
        wording: Wording,
        pictures: Pictures = lambda _: (),
    ) -> None:
        self._settings = settings
        self._password = password
        self._wording = wording
        self._pictures = pictures

    def send(self, parcel: Parcel) -> None:
        """Mail *parcel*; a 5xx to its recipient or content is final.

        What concerns the login or the sender is ours to mend and holds the channel up.
        """
        message = self._message(parcel)
        try:
            self._deliver(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _failure(code, answer) from error
        except smtplib.SMTPDataError as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            place = f"{self._settings.host}:{self._settings.port}"
            raise Unreachable(f"{place}: {_words(error)}") from error

    def _deliver(self, message: EmailMessage) -> None:
        server = self._connection()
        try:
            server.send_message(message)
        finally:
            with suppress(OSError, smtplib.SMTPException):  # it has the mail, or has said why not
                server.quit()
            server.close()

    def _connection(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host,
                settings.port,
                timeout=TIMEOUT_S,
                context=ssl.create_default_context(),
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_S)
        try:
            if settings.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, self._password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, parcel: Parcel) -> EmailMessage:
        notice = parcel.notice
        message = EmailMessage()
        message["Subject"] = notice.headline
        message["From"] = Address("windsock", addr_spec=self._settings.sender)
        if not parcel.recipient.isascii():  # few servers take it, and smtplib blames the server
            raise Refused(f"not an address in ASCII: {parcel.recipient}")
        try:
            message["To"] = Address(addr_spec=parcel.recipient)
        except (ValueError, MessageError, IndexError) as error:
            raise Refused(f"not an address: {parcel.recipient}") from error
        message["Date"] = datetime.fromtimestamp(notice.created_us // 1_000_000, UTC)
        message["Message-ID"] = message_id(notice, self._settings.sender)
        if notice.thread:
            message["In-Reply-To"] = message["References"] = _id(
                notice.thread, self._settings.sender
            )
        message["Auto-Submitted"] = "auto-generated"
        self._fill(message, notice)
        return message

    def _fill(self, message: EmailMessage, notice: Notice) -> None:
        """Text, and beside it the page with its pictures."""
        pictures = self._pictures(notice)
        message.set_content(notice.as_text(self._wording))
        page = EmailMessage()
        page.set_content(as_html(notice, self._wording, pictures), subtype="html")
        for picture in pictures:
            page.add_related(
                picture.png, "image", "png", cid=f"<{picture.cid}>", disposition="inline",
                filename=f"{picture.cid.partition('@')[0]}.png",
            )  # fmt: skip
        message.make_alternative()
        message.attach(page)


def message_id(notice: Notice, sender: str) -> str:
    """The same for the same step of the same case, whoever sends it and whenever."""
    return _id(notice.identity, sender)


def _id(identity: str, sender: str) -> str:
    """Quoted as in addresses of pages: all that RFC 5322 allows before an @ stays as it is."""
    return f"<windsock.{quote(identity, safe=_ATOM)}@{sender.rpartition('@')[2]}>"


def _failure(code: int, answer: bytes | str) -> Refused | Later:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return (Refused if code >= _REFUSED else Later)(f"{code} {text}")


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return str(_failure(error.smtp_code, error.smtp_error))
    return str(error) or type(error).__name__
