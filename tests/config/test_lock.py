"""A second service is kept off the same state, and told who is there."""

import os
import subprocess
import sys

import pytest

from tests.agent.test_importer import NORMAL
from windsock.config.lock import AlreadyRunningError, only_one


def test_a_lock_is_held_by_one_and_let_go(tmp_path):
    path = tmp_path / "run.lock"
    told = f"it already runs: process {os.getpid()} on"
    with only_one(path, "it"):
        for _ in range(2):  # whoever was turned away leaves the holder's name
            with pytest.raises(AlreadyRunningError, match=told), only_one(path, "it"):
                pass
    with only_one(path, "it"):
        pass


@pytest.fixture
def settings(tmp_path):
    """For both: no broker listens there."""
    path = tmp_path / "settings.toml"
    path.write_text("")
    return path


def run(*arguments):
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_second_agent_on_one_state_folder_is_told_who_runs(tmp_path, settings):
    settings.write_text(f'agent = "a"\nstate = "{tmp_path}"\n')
    with only_one(tmp_path / "run.lock", "agent"):
        done = run("windsock.agent", "run", "-c", settings)
        beside = run("windsock.agent", "import", "-c", settings, NORMAL)

    assert done.returncode == 1
    assert done.stderr.startswith(f"windsock-agent: agent 'a' already runs: process {os.getpid()}")
    assert beside.returncode == 0


def test_a_second_collector_on_one_ledger_is_told_who_runs(tmp_path, settings):
    settings.write_text(f'ledger = "{tmp_path}/x.ledger"\n')
    with only_one(tmp_path / "x.ledger.lock", "collector"):
        done = run("windsock.collector", "run", "-c", settings)

    assert done.returncode == 1
    assert f"already runs: process {os.getpid()} on" in done.stderr
    assert not (tmp_path / "x.ledger").exists()


@pytest.mark.e2e
def test_a_killed_service_leaves_no_lock_behind(tmp_path, settings, mosquitto):
    settings.write_text(f'ledger = "{tmp_path}/x"\n[broker]\nport = {mosquitto.port}\n')
    command = [sys.executable, "-m", "windsock.collector", "run", "-c", settings]
    for _ in range(2):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        said = next(line for line in process.stderr if "connected" in line or "already" in line)
        process.kill()
        process.communicate()
        assert "connected" in said


def test_on_a_full_disk_it_is_locked_all_the_same(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "lock"
    with monkeypatch.context() as patched:
        patched.setattr("os.write", full)
        with only_one(path, "it"), pytest.raises(AlreadyRunningError), only_one(path, "it"):
            pass
