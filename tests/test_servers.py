"""The servers of the tests answer, die, come back, and give back what they were given."""

import smtplib
from email.message import EmailMessage

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt import publish, subscribe

from tests.servers import Influxd, MailServer, Mosquitto

pytestmark = pytest.mark.e2e
CLIENT = {"hostname": "127.0.0.1", "protocol": mqtt.MQTTv5}


def retained(broker):
    """What the broker holds at the topic, sent to whoever subscribes."""
    return subscribe.simple("here", port=broker.port, **CLIENT).payload


@pytest.mark.parametrize("server", [Mosquitto, Influxd])
def test_a_killed_server_is_gone_and_comes_back_on_its_port(server, tmp_path):
    with server(tmp_path / "server") as running:
        port = running.port
        running.kill()
        assert not running.running
        assert not running.answers()

        running.restart()
        assert running.answers()
        assert running.port == port
    assert not running.answers()


def test_a_server_that_does_not_start_shows_its_log(tmp_path):
    with (
        pytest.raises(RuntimeError, match="Unknown configuration variable"),
        Mosquitto(tmp_path, config_lines=["no_such_setting 1"]),
    ):
        pass


def test_mosquitto_keeps_a_retained_message(mosquitto):
    publish.single("here", b"hello", qos=1, retain=True, port=mosquitto.port, **CLIENT)

    assert retained(mosquitto) == b"hello"


def test_mosquitto_with_persistence_remembers_over_a_restart(tmp_path):
    with Mosquitto(tmp_path, persistence=True) as broker:
        publish.single("here", b"hello", qos=1, retain=True, port=broker.port, **CLIENT)
        broker.restart()

        assert retained(broker) == b"hello"


def test_influxd_reads_back_what_was_written(influxd):
    influxd.create("fleet")
    influxd.write("flight,drone=a height_m=1.5 1000\nflight,drone=b n=2i 2000", "fleet")

    rows = influxd.query("SELECT * FROM flight", "fleet")
    assert rows == [
        {"time": 1000, "drone": "a", "height_m": 1.5, "n": None},
        {"time": 2000, "drone": "b", "height_m": None, "n": 2},
    ]
    grouped = influxd.query("SELECT n FROM flight GROUP BY drone", "fleet")
    assert grouped == [{"time": 2000, "drone": "b", "n": 2}]


def test_influxd_says_what_it_refuses(influxd):
    influxd.create("fleet")
    with pytest.raises(RuntimeError, match=r"400: .*invalid boolean"):
        influxd.write("flight n=x 1000", "fleet")
    with pytest.raises(RuntimeError, match="database not found: none"):
        influxd.query("SELECT n FROM flight", "none")


def test_created_anew_a_database_is_empty(influxd):
    influxd.create("fleet")
    influxd.write("flight n=1i 1000", "fleet")
    influxd.create("fleet")

    assert influxd.query("SELECT n FROM flight", "fleet") == []


def test_influxd_18_takes_v2_writes_and_answers_flux(influxd18):
    influxd18.create("servers")
    body = b"flight,drone=a n=1i 1000\nflight,drone=b n=2i 2000"
    bucket = {"org": "any", "bucket": "servers/autogen", "precision": "ms"}
    influxd18.request("POST", "/api/v2/write", body, **bucket)

    assert [row["n"] for row in influxd18.query("SELECT n FROM flight", "servers")] == [1, 2]
    rows = influxd18.flux('from(bucket: "servers/autogen") |> range(start: 0)')
    assert {(row["drone"], row["_value"]) for row in rows} == {("a", "1"), ("b", "2")}


def letter(subject):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", subject
    message.set_content("Grüße")
    return message


def test_the_mail_server_keeps_what_it_takes(mail_server):
    with smtplib.SMTP(mail_server.host, mail_server.port) as client:
        client.send_message(letter("one"))
        mail_server.answer = "451 later"
        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(letter("two"))

    (message,) = mail_server.wait_for(1)
    assert message["Subject"] == "one"
    assert message.get_content() == "Grüße\n"


def test_a_stopped_mail_server_refuses_and_comes_back(mail_server):
    mail_server.stop()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(mail_server.host, mail_server.port)

    port = mail_server.port
    assert mail_server.start().port == port
    smtplib.SMTP(mail_server.host, mail_server.port).close()


def test_waiting_for_mail_ends():
    with pytest.raises(TimeoutError, match="0 of 1"):
        MailServer().wait_for(1, timeout=0)
