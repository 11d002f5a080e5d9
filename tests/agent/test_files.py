"""Whatever lies in a folder: one clear line each, and its neighbours flow."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.test_importer import NORMAL, Station
from windsock.agent import files, importer
from windsock.agent.files import LARGEST_LOG_BYTES
from windsock.agent.intake import Handling
from windsock.agent.settings import Watch


@pytest.fixture
def odd(tmp_path):
    """A folder with a log among what is none; the reasons by name."""
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "good.bin").write_bytes(NORMAL.read_bytes())
    with (folder / "sparse.bin").open("wb") as sparse:
        sparse.truncate(100 * 2**30)
    os.mkfifo(folder / "pipe.bin")
    (folder / "folder.bin").mkdir()
    (folder / "loop.bin").symlink_to(folder / "loop.bin")
    (folder / "gone.bin").symlink_to(folder / "nowhere")
    (folder / "device.bin").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s.bin"))
    (folder / os.fsdecode(b"\xff[bold].bin")).write_bytes(b"")
    return folder


REASONS = {
    "sparse.bin": "107,374,182,400 bytes, more than any autopilot writes into a log",
    "pipe.bin": "a pipe, not a log",
    "folder.bin": "no log in this folder",
    "loop.bin": "Too many levels of symbolic links",
    "gone.bin": "No such file or directory",
    "device.bin": "a device, not a log",
    "s.bin": "a socket, not a log",
    "?[bold].bin": "empty file",
}


def agent(*arguments):
    command = [sys.executable, "-m", "windsock.agent", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_read_says_one_line_of_each_and_reads_the_log(odd):
    done = agent("read", "--json", odd)

    lines = {Path(line["log"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert {name: line.get("error") for name, line in lines.items()} == REASONS | {
        "good.bin": None
    }
    assert (done.returncode, done.stderr) == (1, "")
    assert len(lines["good.bin"]["flights"]) == 1


def test_import_does_so_too(odd, tmp_path):
    settings = tmp_path / "agent.toml"
    settings.write_text(f'agent = "a"\nstate = "{tmp_path}/state"\n')

    done = agent("import", "-c", settings, odd)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout.count("queued") == 1
    assert len(re.findall(r"│ no log +│", done.stdout)) == 5


def test_a_watched_folder_tells_once_what_it_can_do_nothing_with(odd, tmp_path):
    station, watch = Station(tmp_path), Watch(folder=odd)

    told = {
        outcome.path.name: outcome.status
        for _ in range(5)
        for outcome in station.importer.scan(watch, Handling())
    }

    assert told.pop("good.bin") == "queued"
    assert sum(status == "no log" for status in told.values()) == 5
    assert len(station.queued()) > 1
    assert station.importer.scan(watch, Handling()) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "a.bin"), "Permission denied"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (MemoryError(), "needs more memory than this station has"),
    ],
    ids=["permission", "bad card", "memory"],
)
def test_a_file_that_becomes_readable_is_imported(tmp_path, monkeypatch, error, said):
    """As nobody: root may read all."""
    station, watch = Station(tmp_path), Watch(folder=tmp_path / "card")
    watch.folder.mkdir()
    (watch.folder / "a.bin").write_bytes(NORMAL.read_bytes())
    allowed = importer.take_in

    def forbid(_path, _handling):
        raise error

    monkeypatch.setattr(importer, "take_in", forbid)
    scans = [station.importer.scan(watch, Handling(), settled=True) for _ in range(3)]
    assert [[outcome.detail for outcome in scan] for scan in scans] == [
        [said], [], [],
    ]  # fmt: skip

    monkeypatch.setattr(importer, "take_in", allowed)
    (outcome,) = station.importer.scan(watch, Handling(), settled=True)
    assert outcome.status == "queued"


def test_a_file_that_goes_while_it_is_looked_for_is_no_error(tmp_path, monkeypatch):
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"")
    listed = files.logs_in(folder)
    (folder / "a.bin").unlink()
    monkeypatch.setattr(importer, "logs_in", lambda _folder: listed)

    assert Station(tmp_path).importer.scan(Watch(folder=folder), Handling()) == []


def test_the_largest_file_of_an_sd_card_may_be_a_log(tmp_path):
    log = tmp_path / "a.bin"
    with log.open("wb") as file:
        file.truncate(LARGEST_LOG_BYTES)
    files.check_log_file(log)

    with log.open("ab") as file:
        file.truncate(LARGEST_LOG_BYTES + 1)
    with pytest.raises(files.NotALog):
        files.check_log_file(log)


def test_a_folder_that_can_not_be_listed_is_named(tmp_path, monkeypatch):
    """As nobody: root may list all."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "a.bin").write_bytes(b"")
    scandir = os.scandir

    def forbid(path):
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbid)
    assert list(files.find_logs([tmp_path])) == [tmp_path / "a.bin", tmp_path / "secret"]


@pytest.mark.parametrize("json_wanted", [True, False])
def test_every_path_that_is_named_gets_its_line(tmp_path, json_wanted):
    empty = tmp_path / "empty"
    empty.mkdir()
    asked = [tmp_path / "missing.ulg", empty, tmp_path]

    done = agent("read", *(["--json"] if json_wanted else []), *asked)

    said = done.stdout if json_wanted else done.stderr
    assert done.returncode == 1
    expected = ["No such file or directory", "no log in this folder", "no log in this folder"]
    if json_wanted:
        assert [json.loads(line) for line in said.splitlines()] == [
            {"log": str(path), "error": error} for path, error in zip(asked, expected, strict=True)
        ]
    else:
        assert said.splitlines() == [
            f"windsock-agent: {path}: {error}" for path, error in zip(asked, expected, strict=True)
        ]


def test_the_reason_is_on_the_line_of_the_file_however_long_its_name(tmp_path):
    log = tmp_path / f"{'long' * 30}.ulg"
    log.write_bytes(b"ULogEnc" + bytes(100))

    done = agent("read", log)

    (said,) = done.stdout.splitlines()
    assert said.startswith(f"{log}: encrypted")


def test_what_looks_like_markup_in_a_name_is_shown_as_it_is():
    done = agent("read", "--drone", "[/bold]", NORMAL)

    assert (done.returncode, done.stderr) == (0, "")
    assert "as:[/bold]" in done.stdout
