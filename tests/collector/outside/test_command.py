"""``windsock-collector import``: the table, the exit code, the ledger."""

import io
import sqlite3
import sys

import pytest

from windsock.collector.__main__ import main


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """Runs the command on text; exit code and what it printed."""
    monkeypatch.setenv("COLUMNS", "100")
    config = tmp_path / "collector.toml"
    config.write_text(f'ledger = "{tmp_path / "ledger"}"\n')

    def run(kind, text, file="facts.csv"):
        if file == "-":
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        elif text is not None:
            (tmp_path / file).write_text(text)
        place = file if file == "-" else str(tmp_path / file)
        code = main(["import", kind, place, "-c", str(config)])
        return code, capsys.readouterr().out

    return run


def test_good_lines_are_taken_and_bad_ones_named(run, tmp_path):
    code, printed = run("tickets", "ticket,critical\n1,yes\n2,perhaps\n")

    assert code == 1
    assert "3  critical  expected yes or no, got 'perhaps'" in printed
    assert printed.splitlines()[-1].endswith("facts.csv: 1 line of tickets taken, 1 refused")
    ledger = sqlite3.connect(tmp_path / "ledger")
    assert ledger.execute("SELECT ticket FROM tickets").fetchall() == [("1",)]
    ledger.close()


@pytest.mark.parametrize("file", ["facts.csv", "-"])
def test_a_file_without_a_mistake_is_exit_0_also_the_second_time(run, file):
    assert run("tickets", "ticket,critical\n1,yes", file)[0] == 0
    code, printed = run("tickets", "ticket,critical\n1,yes", file)

    assert code == 0
    (line,) = printed.splitlines()
    assert line.endswith(": 1 line of tickets taken, 0 refused")
    assert ("standard input" in line) == (file == "-")


def test_a_warning_is_no_failure(run):
    code, printed = run("tickets", "ticket,critical,drone\n1,yes,D1")

    assert code == 0
    assert "warning     2  drone   'D1' is not known yet" in printed


def test_a_terminal_is_not_led_on(run):
    code, printed = run("tickets", "ticket,\x1b[2Jcritical\n1,yes")

    assert code == 1
    assert "\x1b[2J" not in printed
    assert "?[2Jcritical" in printed


def test_a_file_that_is_not_there(run):
    code, printed = run("tickets", None, "none.csv")

    assert code == 1
    assert "No such file or directory" in printed


def test_a_kind_that_there_is_not(run):
    with pytest.raises(SystemExit) as ended:
        run("sightings", "a")
    assert ended.value.code == 2
