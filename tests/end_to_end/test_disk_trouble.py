"""A state folder that takes nothing: the agent stays, says so in log and status, and resumes."""

import errno
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.end_to_end.line import CRASH, Line
from tests.power_cuts.shim import compiled, environment
from windsock.collector.ledger import open_ledger

pytestmark = pytest.mark.e2e


@pytest.fixture
def line(tmp_path, mosquitto, mail_server):
    return Line(tmp_path / "line", mosquitto.port, mail_server.port)


@contextmanager
def small_disk(folder, size, *options):
    """A disk of its own at *folder*, for root only."""
    if os.geteuid() != 0:
        pytest.skip("not root: no disk of our own to fill")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *options]), "tmpfs", folder],
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no mount: root may not here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def agent(line, state, **environment_):
    """A station whose watched folder holds one log."""
    logs = line.folder / "logs"
    logs.mkdir()
    shutil.copy(CRASH, logs)
    settings = line.folder / "agent.toml"
    settings.write_text(
        f'agent = "station-1"\nstate = "{state}"\nscan_s = 0.2\nstatus_s = 1\n'
        f"[broker]\nport = {line.broker_port}\nack_timeout_s = 2\n"
        f'[[watch]]\nfolder = "{logs}"\ndrone = "SN-1"\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "windsock.agent", "run", "-c", settings],
        stderr=subprocess.PIPE, text=True, env=environment_ or None,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0, "it was told to stop and did not end before"


def wait_for(process, *words):
    """Read what it says until a line has all these words."""
    said = []
    for text in process.stderr:
        said.append(text)
        if all(word in text for word in words):
            return text
    raise AssertionError("".join(said))


def told(line):
    """The troubles in the status that the collector has."""
    rows = open_ledger(line.folder / "ledger").execute("SELECT report FROM stations").fetchall()
    return [trouble for row in rows for trouble in json.loads(row[0]).get("troubles", [])]


def until(what):
    while not what():
        pass


def flights(line):
    ledger = open_ledger(line.folder / "ledger")
    return ledger.execute("SELECT count(*) FROM live_flights").fetchone()[0]


def test_a_full_disk_is_said_and_when_there_is_room_the_log_is_queued(line, tmp_path):
    with small_disk(tmp_path / "disk", "3m") as disk, line.collector():
        ballast = disk / "ballast"
        with agent(line, disk / "state") as process:
            # The disk fills up after the agent has made its files and before the log is read.
            ballast.write_bytes(bytes(1_000_000))
            fill(disk, ballast)
            wait_for(process, "the disk is full")
            until(lambda: any("full" in trouble for trouble in told(line)))
            ballast.unlink()
            until(lambda: flights(line) == 1)
            until(lambda: not told(line))


def fill(disk, ballast):
    """To the last byte."""
    with ballast.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 - this is how far it can be filled
    assert shutil.disk_usage(disk).free == 0


def test_it_starts_on_a_disk_that_can_only_be_read(line, tmp_path):
    with (
        small_disk(tmp_path / "disk", "9m", "ro") as disk,
        line.collector(),
        agent(line, disk / "state") as process,
    ):
        wait_for(process, "the disk can only be read")
        until(lambda: any("only be read" in trouble for trouble in told(line)))
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        until(lambda: flights(line) == 1)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk fails")],
)
def test_a_disk_that_goes_bad_while_it_runs_and_comes_back(line, tmp_path, number, words):
    fault, state = tmp_path / "fault", line.folder / "state"
    shim = environment(compiled(tmp_path), state, fault=fault)
    with line.collector(), agent(line, state, **shim) as process:
        until(lambda: flights(line) == 1)
        fault.write_text(str(number))
        another = line.folder / "logs" / "another.bin"
        another.write_bytes(CRASH.read_bytes() + b"more")
        wait_for(process, words)
        until(lambda: any(words in trouble for trouble in told(line)))
        fault.unlink()
        wait_for(process, "another.bin", "queued")
