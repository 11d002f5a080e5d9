"""Passwords are in files, and stay there: not in logs, help, process lists or errors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.connect_proxy import ConnectProxy
from tests.servers.process import free_port
from windsock.agent.__main__ import _COMMANDS
from windsock.agent.settings import Settings, proxy_of
from windsock.config.loader import SettingsError, load

SECRET = "hunter2-and-more"  # noqa: S105 - nobody else's


def test_a_password_in_the_url_of_a_proxy_is_refused_and_not_repeated(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text(f'agent = "a"\n[broker]\nproxy = "http://user:{SECRET}@proxy:3128"\n')

    with pytest.raises(SettingsError) as caught:
        load(path, Settings).check(path)

    assert "broker.proxy" in str(caught.value)
    assert "proxy_password_file" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", ["proxy:3128", "https://proxy:1", "http://proxy", "http://p:x"])
def test_what_is_no_proxy(url):
    with pytest.raises(ValueError, match=r"expected http|Port"):
        proxy_of(url)


@pytest.mark.e2e
def test_a_running_agent_shows_none_of_its_secrets(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    with ConnectProxy("user", "another") as proxy:
        settings = tmp_path / "agent.toml"
        settings.write_text(
            f'agent = "a"\nstate = "{tmp_path}/state"\n'
            f'[broker]\nport = {free_port()}\npassword_file = "{secret}"\n'
            f'proxy = "http://user@127.0.0.1:{proxy.port}"\nproxy_password_file = "{secret}"\n'
        )
        command = [sys.executable, "-m", "windsock.agent", "run", "-c", settings]
        agent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        said = ""
        while "trying again" not in said:
            said += agent.stderr.readline()
        seen = said + process_list_entry(agent.pid)
        agent.terminate()
        seen += agent.communicate()[1]
    state = b"".join(file.read_bytes() for file in (tmp_path / "state").iterdir())

    assert "407" in said, "the proxy has refused it, and that is where a password might show"
    assert SECRET not in seen
    assert SECRET.encode() not in state


def process_list_entry(pid):
    """What anybody can see of a process."""
    folder = Path(f"/proc/{pid}")
    return "".join(os.fsdecode((folder / name).read_bytes()) for name in ("cmdline", "environ"))


@pytest.mark.parametrize("command", ["", *_COMMANDS])
def test_no_command_takes_a_secret_as_an_argument(command, capsys):
    from windsock.agent.__main__ import main  # noqa: PLC0415 - beside the one thing it is for

    with pytest.raises(SystemExit):
        main([*([command] if command else []), "--help"])

    said = capsys.readouterr().out
    words = said.replace("--password-file", "").lower()
    assert "--password" not in words
    assert "secret" not in words
