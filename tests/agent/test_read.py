"""`read` and `judge` on every real log: a record or one clear line, never a traceback."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def read(shared_logs):
    """All logs read by the command line: exit code, JSON by file, and complaints."""
    logs = [
        path
        for folder in ("recorded", "collected")
        for path in sorted((shared_logs / folder).iterdir())
        if path.name != "truth.json"
    ]
    command = [sys.executable, "-m", "windsock.agent", "read", "--json", *logs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return logs, done


def test_every_log_gives_a_record_or_one_clear_line(read):
    logs, done = read
    lines = [json.loads(line) for line in done.stdout.splitlines()]

    assert [line["log"] for line in lines] == [str(log) for log in logs]
    assert len(lines) == 96
    assert done.stderr == ""
    errors = {line["log"].rpartition("/")[2]: line["error"] for line in lines if "error" in line}
    assert done.returncode == (1 if errors else 0)
    for line in lines:
        if "error" in line:
            assert "\n" not in line["error"]
        else:
            assert line["drone_uid"]
            assert [flight["flight"] for flight in line["flights"]] == list(
                range(1, len(line["flights"]) + 1)
            )
    text_logs = {log.name for log in logs if log.suffix == ".log"}
    assert set(errors) == text_logs
    assert set(errors.values()) == {"DataFlash text log: only binary .bin logs are read"}


def test_every_record_is_judged(read):
    _, done = read
    command = [sys.executable, "-m", "windsock.collector", "judge", "--json"]

    verdicts = subprocess.run(
        command, input=done.stdout, capture_output=True, text=True, check=True
    )

    judged = [json.loads(line) for line in verdicts.stdout.splitlines()]
    read_flights = [
        (line["log"], flight)
        for line in map(json.loads, done.stdout.splitlines())
        for flight in range(1, 1 + len(line.get("flights", []))) or [None]
    ]
    assert [(line["log"], line["flight"]) for line in judged] == read_flights
    for line in judged:
        known = {"log", "flight", "verdict", "kind", "severity", "event_boot_s", "event_utc"}
        assert set(line) - {"error"} == known | {"evidence"}
        assert (line["verdict"] == "unknown") == (line["kind"] in ("unreadable", "facts-missing"))


def test_the_page_of_supported_firmware_is_as_the_logs_are(read):
    _, done = read
    page = runpy.run_path(str(ROOT / "tools/supported.py"))["page"]

    written = (ROOT / "docs/supported.md").read_text("utf-8")
    assert written == page(done.stdout.splitlines()), "run `make supported`"


def test_a_line_that_is_no_record_is_named():
    command = [sys.executable, "-m", "windsock.collector", "judge"]

    done = subprocess.run(
        command, input='{"log": "x"}\n', capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith("windsock-collector: line 1: ")
