"""Whatever is judged that `read --json` did not print: the line is named, never a traceback."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.collector.arrivals import flight, record
from windsock.collector.__main__ import main
from windsock.collector.show.verdict_lines import LineError, judged
from windsock.collector.show.verdict_table import verdict_table

CRASHED = Path(__file__).parents[2] / "logs/d2_hard_impact_upright.BIN"
GOOD = b'{"log": "x.ulg", "error": "empty file"}\n'


def line(**changes):
    """A line of a log with one flight, as `read --json` prints it."""
    return json.dumps({"log": "x"} | msgspec.to_builtins(record(flight())) | changes).encode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\xff\xfe{\x00", "not UTF-8 text"),
        (b'{"log": "\xe9"}', "not UTF-8 text"),
        (b"ULog", "JSON is malformed"),
        (b"[]", "Expected `object`"),
        (b'{"log": 5, "error": "x"}', "Expected `str"),
        (b'{"log": "x", "error": {"a": 1}}', "Expected `str"),
        (b'{"x": ' + b"[" * 100_000, "recursion"),
        (line(flights=[{"flight": 1}]), "missing required field"),
        (line().replace(b'"airborne_s": 59.2', b'"airborne_s": 1e300'), "fact airborne_s is"),
        (line().replace(b'"airborne_s"', b'"contact_boot_s": 1e30, "a"'), "fact contact_boot_s"),
    ],
)
def test_the_line_and_what_is_wrong_are_named(text, why):
    with pytest.raises(LineError, match=f"^line 2: .*{why}"):
        list(judged([GOOD, text]))


@given(st.binary(), st.dictionaries(st.text(), st.one_of(st.integers(), st.floats(), st.text())))
def test_garbage_is_a_line_error_and_nothing_else(garbage, changes):
    for text in (garbage, json.dumps(changes).encode(), line(**changes)):
        with contextlib.suppress(LineError):
            Console(quiet=True).print(verdict_table(judged([text]), 200))


def test_what_looks_like_markup_is_shown_as_it_is():
    text = b'{"log": "[red]x[bold].ulg", "error": "[/]"}'
    console = Console(width=200)
    with console.capture() as shown:
        console.print(verdict_table(judged([text]), 200))
    assert "[red]x[bold].ulg" in shown.get()


def test_what_speaks_for_it_has_room_on_80_columns(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "a.bin").symlink_to(CRASHED)
    command = [sys.executable, "-m", "windsock.agent", "read", "--json", tmp_path / "a.bin"]
    read = subprocess.run([*command, __file__], capture_output=True, check=False)
    (tmp_path / "read").write_bytes(read.stdout)

    assert main(["judge", str(tmp_path / "read")]) == 0
    shown = capsys.readouterr().out
    assert "it hit the ground out of control: struck with 36 g" in " ".join(shown.split())
    assert len(shown.splitlines()) <= 12
    assert "not a flight log\n" in "\n".join(map(str.rstrip, shown.splitlines())) + "\n"


@pytest.mark.parametrize("where", ["file", "standard input"])
def test_the_command_says_so(tmp_path, where):
    file = tmp_path / "utf16.jsonl"
    file.write_bytes(GOOD.decode().encode("utf-16"))
    command = [sys.executable, "-m", "windsock.collector", "judge"]
    command += [str(file)] if where == "file" else []

    done = subprocess.run(command, input=file.read_bytes(), capture_output=True, check=False)

    assert done.returncode == 1
    assert done.stderr == b"windsock-collector: line 1: not UTF-8 text\n"
