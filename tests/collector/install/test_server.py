"""A server's folder is written once, and what it holds works together."""

import os
import re
import shutil
import stat
from pathlib import Path

import pytest

import windsock.config
from tests.collector.install.deployed import ShippedServer, agent_settings, collector_settings
from windsock.agent.clock import system_clock
from windsock.agent.publisher import Connection
from windsock.collector.__main__ import main
from windsock.collector.ledger import open_ledger
from windsock.collector.outside.take import take
from windsock.collector.receive.inbox import Inbox
from windsock.collector.roster.file import load_roster
from windsock.collector.roster.releases import parse_mails, parse_releases
from windsock.collector.roster.sheet import load_sheet
from windsock.collector.web.links import claim_of
from windsock.collector.web.secret import open_links
from windsock.protocol import topics

SHIPPED = Path(windsock.config.__file__).parent


@pytest.fixture
def folder(tmp_path, capsys):
    """A server that stations reach as localhost, with one station."""
    server = tmp_path / "server"
    assert main(["init", str(server), "--host", "localhost", "--host", "10.0.0.5"]) == 0
    assert main(["add-agent", str(server), "station-7"]) == 0
    capsys.readouterr()
    return server


def state(folder):
    """Every file: what it holds and when it was written."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_twice_changes_nothing(folder, capsys):
    before = state(folder)

    assert main(["init", str(folder), "--host", "localhost"]) == 0
    assert main(["add-agent", str(folder), "station-7"]) == 0

    assert state(folder) == before
    said = capsys.readouterr().out
    assert "wrote" not in said
    assert re.search(r"^\d\d files are there already and stay$", said, re.MULTILINE)
    assert "stations/station-7/agent.toml is there already and stays\n" in said


def test_who_installed_a_wheel_is_told_that_the_image_needs_the_source(folder, capsys):
    settings = folder / ".env"
    text = settings.read_text()
    assert f"WINDSOCK_SOURCE={SHIPPED.parent}\n" in text
    settings.write_text(text.replace(f"WINDSOCK_SOURCE={SHIPPED.parent}\n", "WINDSOCK_SOURCE=.\n"))
    assert main(["init", str(folder), "--host", "localhost"]) == 0
    assert "name a checkout as WINDSOCK_SOURCE" in capsys.readouterr().out


@pytest.mark.parametrize(("broker", "command"), [
    ("mosquitto", "docker compose up -d --build"),
    ("localhost", "mosquitto -c mosquitto.conf"),
])  # fmt: skip
def test_it_says_what_starts_the_server(tmp_path, capsys, broker, command):
    main(["init", str(tmp_path / "server"), "--host", "localhost", "--broker", broker])
    assert command in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    "name",
    ["collector/collector.toml", "mosquitto/acl", "compose.yaml", ".env", "mosquitto/passwords"],
)
def test_an_edited_file_stays_and_a_lost_one_comes_back(folder, name):
    (folder / name).write_text("edited")
    (folder / "mosquitto/mosquitto.conf").unlink()

    assert main(["init", str(folder), "--host", "localhost"]) == 0

    assert (folder / name).read_text() == "edited"
    shipped = (SHIPPED / "mosquitto/mosquitto.conf").read_bytes()
    assert (folder / "mosquitto/mosquitto.conf").read_bytes() == shipped


def test_secrets_are_for_their_owner_alone(folder):
    secrets = {
        ".env",
        "ca.key",
        "server.key",
        "passwords",
        "mqtt-password",
        "influx-token",
        "link-secret",
    }
    for path in (path for path in folder.rglob("*") if path.is_file()):
        others = stat.S_IMODE(path.stat().st_mode) & 0o077
        assert bool(others) == (path.name not in secrets), path


def test_root_leaves_a_users_server_to_that_user(folder, monkeypatch):
    if os.getuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 1000, 1001)
    owner = folder.stat().st_uid, folder.stat().st_gid
    given = {}
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, *to, **_: given.update({path: to}))
    (folder / ".env").unlink()

    assert main(["add-agent", str(folder), "station-8"]) == 0
    assert main(["init", str(folder), "--host", "localhost"]) == 0

    assert folder / "mosquitto/passwords" in given
    assert set(given.values()) == {owner}
    assert "WINDSOCK_USER={}:{}\n".format(*owner) in (folder / ".env").read_text()


def test_no_two_servers_share_a_secret(folder, tmp_path):
    assert main(["init", str(tmp_path / "other"), "--host", "localhost"]) == 0
    for name in ("authority/ca.key", "mosquitto/server.key", "mosquitto/passwords", ".env",
                 "collector/mqtt-password", "collector/influx-token",
                 "collector/link-secret"):  # fmt: skip
        assert (folder / name).read_bytes() != (tmp_path / "other" / name).read_bytes(), name


def test_the_settings_can_be_used_and_name_nobody(folder, monkeypatch):
    settings = collector_settings(folder, monkeypatch)

    assert settings.influx
    assert settings.influx.retention_days == 365
    assert load_roster(settings.roster).errors == []
    for path in (folder / "collector/facts").iterdir():
        taken = take(open_ledger(folder / "ledger"), path.stem, path.read_bytes(), path.name, 0)
        assert (taken.taken, taken.errors) == (0, []), path
    assert load_sheet(settings.releases, parse_releases).rows == []
    assert load_sheet(settings.update_mails, parse_mails).rows == []


def test_notices_have_links_that_the_server_knows(folder, monkeypatch):
    settings = collector_settings(folder, monkeypatch)
    links = open_links(settings.web)

    base, _, token = links.to_case(17, "anna@maker.example", 0).partition("/case/")

    assert base == "https://localhost"
    assert claim_of(token, links.secret, 0).case == 17


@pytest.mark.parametrize(
    ("given", "base_url", "listen"),
    [
        (["--host", "2001:db8::1"], "https://[2001:db8::1]", "0.0.0.0:8080"),
        (["--host", "a.example", "--broker", "localhost"], "https://a.example", "127.0.0.1:8080"),
    ],
)
def test_outside_a_container_answers_are_taken_from_this_machine_only(
    tmp_path, monkeypatch, given, base_url, listen
):
    assert main(["init", str(tmp_path), *given]) == 0
    web = collector_settings(tmp_path, monkeypatch).web
    assert (web.base_url, web.listen) == (base_url, listen)


@pytest.mark.e2e
def test_what_init_wrote_lets_collector_and_station_talk(folder, monkeypatch):
    agent, broker = (
        agent_settings(folder, "station-7"),
        collector_settings(folder, monkeypatch).broker,
    )
    with ShippedServer(folder / "mosquitto") as server:
        inbox = Inbox(server.reached(broker))
        connection = Connection(server.reached(agent.broker), agent.agent, system_clock())
        for one in (inbox, connection):
            one.open()
            while not one.ready:
                one.step(0.1)
        connection.send_batch(1, b"batch")
        arrived = []
        while not arrived:
            connection.step(0.1)
            arrived = inbox.step(0.1)
        connection.close()
        inbox.close()

    assert [message.topic for message in arrived] == [topics.up("station-7")]


@pytest.mark.parametrize("agent", ["collector", "Station 7", "a/b", "+", "x" * 49])
def test_some_names_no_station_can_have(folder, agent, capsys):
    before = state(folder)

    assert main(["add-agent", str(folder), agent]) == 1

    assert "can't be an agent id" in capsys.readouterr().err
    assert state(folder) == before


def test_a_password_that_was_carried_off_is_not_made_anew_in_silence(folder, capsys):
    shutil.rmtree(folder / "stations/station-7")

    assert main(["add-agent", str(folder), "station-7"]) == 1
    assert f"remove its line from {folder}/mosquitto/passwords" in capsys.readouterr().err

    passwords = folder / "mosquitto/passwords"
    lines = passwords.read_text().splitlines(keepends=True)
    passwords.write_text("".join(line for line in lines if not line.startswith("station-7:")))
    assert main(["add-agent", str(folder), "station-7"]) == 0
    assert passwords.read_text().count("station-7:") == 1


def test_a_certificate_for_other_names_is_said_and_made_anew_when_removed(folder, capsys):
    again = ["init", str(folder), "--host", "mqtt.example.com"]
    main(again)
    assert "server.pem is not for mqtt.example.com: remove it" in capsys.readouterr().out

    (folder / "mosquitto/server.pem").unlink()
    main(again)
    assert "is not for" not in capsys.readouterr().out
    main(["add-agent", str(folder), "station-8"])
    assert 'host = "mqtt.example.com"' in (folder / "stations/station-8/agent.toml").read_text()


def test_without_the_authoritys_key_nothing_is_signed_by_another(folder, capsys):
    (folder / "authority/ca.key").rename(folder.parent / "safe")
    assert main(["init", str(folder), "--host", "localhost"]) == 0

    (folder / "mosquitto/server.pem").unlink()
    assert main(["init", str(folder), "--host", "localhost"]) == 1
    assert "ca.key is not here: put it back" in capsys.readouterr().err


def test_a_host_that_is_none_is_refused_before_anything_is_written(tmp_path, capsys):
    assert main(["init", str(tmp_path / "x"), "--host", "a b"]) == 1
    assert "'a b' is no name or address" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
