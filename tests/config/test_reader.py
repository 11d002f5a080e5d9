"""A command whose reader has enough ends without a complaint."""

import subprocess
import sys
from pathlib import Path

import pytest

LOG = Path(__file__).parents[1] / "logs/d2_hard_impact_upright.BIN"
READ = ["windsock.agent", "read", "--json", LOG]


@pytest.mark.parametrize("command", [
    [*READ, "--series"],  # more than a pipe holds
    ["windsock.agent", "read", LOG],
    ["windsock.collector", "judge", "--json"],
])  # fmt: skip
def test_head_is_no_error(command):
    process = subprocess.Popen(
        [sys.executable, "-m", *map(str, command)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()
    process.stdin.write(b'{"log": "a.bin", "error": "not a flight log"}\n')
    process.stdin.close()
    with process:
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_what_is_wrong_elsewhere_is_still_said():
    command = [sys.executable, "-m", "windsock.agent", "preview", "none.bin"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1, "windsock-agent: none.bin: No such file or directory\n",
    )  # fmt: skip
