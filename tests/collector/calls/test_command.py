"""``tasks`` and ``run --once``, as an operator types them."""

import json
import re

import pytest

from tests.collector.calls.test_tasks import (
    accounts,  # noqa: F401 - a fixture
)
from windsock.collector.__main__ import main as collector

CADENCE = '[[cadence]]\nkind = "health-check"\nfor = "direct"\nevery_days = 7\nplaybook = "P"\n'
MONDAY_MORNING = "2026-05-04T09:00:00Z"


@pytest.fixture
def run(accounts, tmp_path):  # noqa: F811 - the fixture
    """A command of the collector at a moment."""
    path = tmp_path / "collector.toml"
    path.write_text(
        f'ledger = "{accounts.path}"\n{CADENCE}[notify.file]\npath = "{tmp_path}/notices.jsonl"\n'
    )
    return lambda *command: collector(
        ["--now", MONDAY_MORNING, *command, "-c", str(path)]
    )  # fmt: skip


def test_a_task_from_the_cadence_to_done(run, tmp_path, capsys):
    assert run("run", "--once") == 0
    told = (tmp_path / "notices.jsonl").read_text()
    assert "health-check" in [json.loads(line)["rule"] for line in told.splitlines()]
    named = re.search(r"`windsock-collector ([^`]*) -c collector.toml`", told)
    assert run("tasks") == 0
    assert "Health check" in capsys.readouterr().out

    assert named, "it is refused without its settings"
    assert run(*named[1].split(), "--by", "anna") == 0
    assert run("tasks", "--json", "--closed") == 0
    (row,) = (json.loads(line) for line in capsys.readouterr().out.splitlines()[-1:])
    assert (row["task"], row["closed_by"], row["account"]) == (1, "anna", "Solo")
    assert row["closed_utc"].startswith("2026-05-04T09:0")
    assert row["sheet"]["sold"] == 1


def test_no_tasks_are_said_to_be_none(run, capsys):
    assert run("tasks") == 0
    assert "no tasks" in capsys.readouterr().out


def test_what_can_not_be_done_is_said(run, capsys):
    run("run", "--once")
    assert run("tasks", "done", "1", "7") == 1
    assert "no task 7" in capsys.readouterr().err
    run("tasks", "--json")
    assert '"closed_utc":null' in capsys.readouterr().out.replace(" ", "")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('zone = "Mars/Olympus"', "day.zone: no time zone 'Mars/Olympus'"),
        ("hour = 24", "day.hour"),
        ("working_days = []", "day.working_days"),
        ('working_days = ["monday"]', "day.working_days"),
        ('holidays = ["xmas"]', "day.holidays"),
    ],
)
def test_a_day_that_can_not_be(line, error, tmp_path, capsys):
    path = tmp_path / "collector.toml"
    path.write_text(f'ledger = "{tmp_path}/ledger"\n[day]\n{line}\n')

    assert collector(["run", "--once", "-c", str(path)]) == 2
    assert f"{path}: {error}" in capsys.readouterr().err
    assert not (tmp_path / "ledger").exists()
