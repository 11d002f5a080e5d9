"""Each way to reach people; those over the network against real servers on loopback."""

import http.server
import threading

import msgspec
import pytest

from tests.collector.notify.examples import notice
from tests.servers.process import free_port
from windsock.collector.notify.channels import channel_names, open_channels
from windsock.collector.notify.file import FileChannel
from windsock.collector.notify.outbox import Later, Parcel, Refused, Unreachable
from windsock.collector.notify.smtp import SmtpChannel
from windsock.collector.notify.webhook import SIGNATURE, WebhookChannel, signature
from windsock.collector.notify.wording import load_wording
from windsock.collector.settings import File, Notify, Smtp, Webhook
from windsock.config.loader import SettingsError

WORDING = load_wording(None)


def parcel(key="k1", recipient="anna@maker.example"):
    return Parcel(key, recipient, notice())


def test_without_a_channel_notices_wait_for_mail(tmp_path):
    assert channel_names(Notify()) == ("smtp",)
    assert channel_names(Notify(file=File(path=tmp_path / "n"))) == ("file",)
    assert open_channels(Notify()) == {}


def test_a_secret_that_cannot_be_read_is_named(tmp_path):
    hook = Webhook(url="http://localhost", secret_file=tmp_path / "none")

    with pytest.raises(SettingsError, match=r"notify\.webhook\.secret_file"):
        open_channels(Notify(webhook=hook))


class TestFile:
    def keys(self, path):
        return [msgspec.json.decode(line)["key"] for line in path.read_bytes().splitlines()]

    def test_a_line_for_each_notice_once(self, tmp_path):
        path = tmp_path / "notices.jsonl"
        for channel in (FileChannel(path, WORDING), FileChannel(path, WORDING)):
            channel.send(parcel("k1"))
            channel.send(parcel("k2"))

        assert self.keys(path) == ["k1", "k2"]
        line = msgspec.json.decode(path.read_bytes().splitlines()[0])
        assert line["lines"]["playbook"] == "CS: Trouble Call End User"

    @pytest.mark.parametrize("cut", [1, 5, 100])
    def test_half_a_line_is_written_again(self, tmp_path, cut):
        path = tmp_path / "notices.jsonl"
        FileChannel(path, WORDING).send(parcel("k1"))
        whole = path.read_bytes()
        path.write_bytes(whole + whole[:-cut])
        FileChannel(path, WORDING).send(parcel("k2"))

        assert self.keys(path) == ["k1", "k2"]

    def test_what_is_not_ours_stays(self, tmp_path):
        path = tmp_path / "notices.jsonl"
        path.write_text("somebody's note")
        FileChannel(path, WORDING).send(parcel("k1"))

        assert path.read_text().startswith('somebody\'s note\n{"key":"k1"')

    def test_a_full_or_missing_disk_is_tried_again(self, tmp_path):
        with pytest.raises(Unreachable, match="No such file"):
            FileChannel(tmp_path / "none" / "n", WORDING).send(parcel())


@pytest.mark.e2e
class TestMail:
    @pytest.fixture
    def channel(self, mail_server):
        smtp = Smtp(
            host=mail_server.host,
            port=mail_server.port,
            sender="windsock@maker.example",
            security="plain",
        )
        return SmtpChannel(smtp, None, WORDING)

    def test_text_and_html_with_a_message_id_of_the_case(self, channel, mail_server):
        channel.send(parcel())
        channel.send(parcel())
        first, again = mail_server.wait_for(2)

        assert first["Message-ID"] == "<windsock.case-17.1-open@maker.example>"
        assert first["Message-ID"] == again["Message-ID"]
        assert first["To"] == "anna@maker.example"
        assert first["Subject"] == "Possible crash: drone WX-0002, Fjord Inspection"
        assert first.get_body(["plain"]).get_content().startswith("WHO        Fjord Inspection")
        assert "<th" in first.get_body(["html"]).get_content()

    def test_what_goes_on_from_another_notice_answers_it(self, channel, mail_server):
        made = msgspec.structs.replace(notice(), thread="case-16.1-open")
        channel.send(Parcel("k", "anna@maker.example", made))
        (message,) = mail_server.wait_for(1)

        assert message["In-Reply-To"] == "<windsock.case-16.1-open@maker.example>"
        assert message["References"] == message["In-Reply-To"]

    def test_a_message_id_of_a_digest_has_one_at_sign(self, channel, mail_server):
        made = msgspec.structs.replace(
            notice(), kind="digest", case=None, transition="anna@x.org.2026-11-26"
        )
        channel.send(Parcel("k", "anna@maker.example", made))
        (message,) = mail_server.wait_for(1)

        assert message["Message-ID"] == "<windsock.digest.anna%40x.org.2026-11-26@maker.example>"

    def test_names_in_any_script(self, channel, mail_server):
        made = notice(who={"serial": "WX-1", "customer": "Ærø Søopmåling 測量"})
        channel.send(Parcel("k", "anna@maker.example", made))
        (message,) = mail_server.wait_for(1)

        assert message["Subject"] == "Possible crash: drone WX-1, Ærø Søopmåling 測量"

    @pytest.mark.parametrize(("answer", "error"), [("452 full", Later), ("554 spam", Refused)])
    def test_what_the_server_says(self, channel, mail_server, answer, error):
        mail_server.answer = answer

        with pytest.raises(error, match=answer):
            channel.send(parcel())

    def test_a_server_that_is_down(self, channel, mail_server):
        mail_server.stop()

        with pytest.raises(Unreachable, match="refused"):
            channel.send(parcel())

    def test_no_encryption_where_it_was_asked_for_is_no_mail(self, mail_server):
        smtp = Smtp(host=mail_server.host, port=mail_server.port, sender="windsock@maker.example")

        with pytest.raises(Unreachable, match="STARTTLS"):
            SmtpChannel(smtp, None, WORDING).send(parcel())
        assert not mail_server.messages

    @pytest.mark.parametrize("recipient", ["anna", "anna@bücher.de", "änna@maker.example"])
    def test_a_recipient_that_is_no_address(self, channel, recipient):
        with pytest.raises(Refused, match="not an address"):
            channel.send(parcel(recipient=recipient))


@pytest.mark.e2e
class TestWebhook:
    @pytest.fixture
    def server(self):
        """Keeps what is posted and answers with `status`."""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.server.posts.append((self.path, self.headers, body))
                self.send_response(self.server.status)
                self.end_headers()
                self.wfile.write(b"because")

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            server.posts, server.status = [], 204
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield server
            server.shutdown()
            thread.join()

    def channel(self, server, **settings):
        url = f"http://127.0.0.1:{server.server_port}/hooks/x?y=1"
        return WebhookChannel(Webhook(url=url, **settings), "secret", WORDING)

    def test_a_signed_post(self, server):
        self.channel(server).send(parcel())
        ((path, headers, body),) = server.posts

        assert path == "/hooks/x?y=1"
        assert headers["Idempotency-Key"] == "k1"
        assert headers[SIGNATURE] == signature(body, b"secret")
        assert signature(b"body", b"key") == (  # as `openssl dgst -sha256 -hmac key` has it
            "sha256=515aae133b435d4000956731f68ae5cf5eb85d4f0dc6a546d2bfcd3595ec1ae1"
        )
        assert msgspec.json.decode(body)["headline"].startswith("Possible crash")

    @pytest.mark.parametrize(("format", "key"), [("slack", "blocks"), ("teams", "attachments")])
    def test_in_the_format_of_who_takes_it(self, server, format, key):  # noqa: A002 - as the setting
        self.channel(server, format=format).send(parcel())
        ((_, _, body),) = server.posts

        assert key in msgspec.json.decode(body)

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (302, Refused),
            (400, Refused),
            (404, Refused),
            (408, Later),
            (429, Later),
            (500, Later),
            (503, Later),
        ],
    )
    def test_what_the_server_says(self, server, status, error):
        server.status = status

        with pytest.raises(error, match=f"HTTP {status} because"):
            self.channel(server).send(parcel())

    def test_nobody_there(self):
        url = f"http://127.0.0.1:{free_port()}/"

        with pytest.raises(Unreachable, match="refused"):
            WebhookChannel(Webhook(url=url), "secret", WORDING).send(parcel())
