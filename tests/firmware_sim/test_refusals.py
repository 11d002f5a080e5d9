"""What `windsock-sim` can't do is a line that says why."""

import os
import subprocess
import sys

import pytest

from windsock.firmware_sim.__main__ import main


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["fleet", "--drones", "0", "x"], "--drones: expected a number from 1 on, got '0'"),
    (["fleet", "--months", "-1", "x"], "--months: expected a number from 1 on, got '-1'"),
    (["world", "--drones", "59", "x"], "--drones: expected a number from 60 on, got '59'"),
    (["world", "--months", "2", "x"], "--months: expected a number from 3 on, got '2'"),
    (["drone", "--tcp", "here"], "--tcp: expected HOST:PORT, got 'here'"),
    (["drone", "--udp", "here:65536"], "--udp: expected HOST:PORT, got 'here:65536'"),
])  # fmt: skip
def test_numbers_that_make_no_world_are_refused(capsys, arguments, complaint):
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(("world", "made"), [("fleet", "in"), ("world", "in/imports")])
def test_a_folder_that_cant_be_is_named(tmp_path, capsys, world, made):
    file = tmp_path / "file"
    file.touch()
    assert main([world, "--drones", "60", "--months", "3", f"{file}/in"]) == 1
    assert capsys.readouterr().err == f"windsock-sim: {file}/{made}: Not a directory\n"


def test_a_reader_who_leaves_is_no_complaint(tmp_path):
    read, write = os.pipe()
    os.close(read)
    command = ["windsock.firmware_sim", "drone", "--autopilot", "px4", "--logs", tmp_path]
    process = subprocess.run(
        [sys.executable, "-m", *command], stdout=write, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    os.close(write)
    assert (process.returncode, process.stderr) == (1, b"")
