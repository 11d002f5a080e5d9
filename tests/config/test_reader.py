"""A command whose reader has enough ends without a complaint; nothing else is hidden by it."""

import subprocess
import sys
from pathlib import Path

import pytest

LOG = Path(__file__).parents[1] / "logs/d2_hard_impact_upright.BIN"
READ = ["windsock.agent", "read", "--json", LOG]
JUDGE = ["windsock.collector", "judge", "--json"]
LINE = b'{"log": "a.bin", "error": "not a flight log"}\n'
NO_LOG = "windsock-agent: none.bin: No such file or directory\n"


def started(command, *shell):
    """*command*, by way of *shell*'s redirections where there are any."""
    words = [sys.executable, "-m", *map(str, command)]
    pipe = subprocess.PIPE
    return subprocess.Popen([*shell, *words], stdin=pipe, stdout=pipe, stderr=pipe)


def unread(command, said=b""):
    """Exit code and complaint where the reader has gone before the first word."""
    process = started(command)
    process.stdout.close()
    with process:
        process.stdin.write(said)
        process.stdin.close()
        complaint = process.stderr.read().decode()
    return process.returncode, complaint


def redirected(command, where):
    """Exit code and complaint with standard output as the shell's *where* has it."""
    process = started(command, "bash", "-c", f'exec "$@" {where}', "-")
    _, complaint = process.communicate()
    return process.returncode, complaint.decode()


@pytest.fixture
def cases(tmp_path):
    """A command of a collector that never ran, and what is wrong with that."""
    config, ledger = tmp_path / "collector.toml", tmp_path / "none.ledger"
    config.write_text(f'ledger = "{ledger}"\n')
    complaint = f"windsock-collector: no ledger {str(ledger)!r}: has the collector run?\n"
    return ["windsock.collector", "cases", "-c", config], complaint


@pytest.mark.parametrize("command", [
    [*READ, "--series"],  # more than a pipe holds
    ["windsock.agent", "read", LOG],
    JUDGE,
])  # fmt: skip
def test_head_is_no_error(command):
    assert unread(command, LINE) == (1, "")


def test_a_reader_who_leaves_with_all_that_was_said_is_no_failure():
    process = started(JUDGE)
    with process:
        process.stdin.write(LINE)
        process.stdin.flush()
        assert b"a.bin" in process.stdout.readline()
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_what_is_wrong_elsewhere_is_still_said(cases):
    command, complaint = cases
    assert unread(command) == (1, complaint)
    assert unread(["windsock.agent", "preview", "none.bin"]) == (1, NO_LOG)


def test_without_standard_output_what_is_wrong_is_said(cases):
    command, complaint = cases
    assert redirected(command, ">&-") == (1, complaint)
    assert redirected(["windsock.agent", "preview", "none.bin"], ">&-") == (1, NO_LOG)


def test_without_standard_output_the_work_is_done(tmp_path):
    command, page = explaining(tmp_path)
    assert redirected(command, ">&-") == (0, "")
    assert page.exists()


def test_a_full_disk_is_said_once(tmp_path):
    """Where it shows at the end only; Python tries to write once more."""
    command, _ = explaining(tmp_path)
    assert redirected(command, ">/dev/full") == (
        1, "windsock-collector: [Errno 28] No space left on device\n",
    )  # fmt: skip


def explaining(folder):
    page = folder / "page.html"
    return ["windsock.collector", "explain", LOG, "-o", page], page
