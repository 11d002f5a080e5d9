"""Files of releases and of e-mails sent."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.roster.releases import (
    apply_mails,
    apply_releases,
    parse_mails,
    parse_releases,
)
from windsock.collector.roster.sheet import load_sheet

CONFIG = Path(__file__).parents[3] / "config"


def errors(*lines):
    return list(map(str, parse_releases("\n".join(lines), "r.csv").errors))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([""], "r.csv: empty: expected a header with version, released_at"),
        (["version"], "r.csv:1:released_at: this column is missing"),
        (["version,released_at,colour"], "r.csv:1:colour: no such column; there are product, "),
        (["version,released_at", "7.1"], "r.csv:2: 1 cells, the header has 2"),
        (["version,released_at", "7.1,"], "r.csv:2:released_at: missing"),
        (["version,released_at", "new,2026-01-01"], "r.csv:2:version: expected a version such as"),
        (["version,released_at", "7.1,soon"], "r.csv:2:released_at: expected a date such as"),
        (
            ["version,released_at,waves", "7,2026-01-01,2026-01-02"],
            "r.csv:2:waves: expected waves such as",
        ),
        (
            ["version,released_at,waves", "7,2026-01-01,101% 2026-01-02"],
            "r.csv:2:waves: expected a percentage above 0 and up to 100, got '101%'",
        ),
        (["version,released_at,kind", "7,2026-01-01,x"], "r.csv:2:kind: expected mandatory or"),
        (
            ["version,released_at,must_pass_through", "7,2026-01-01,x"],
            "r.csv:2:must_pass_through: expected yes or no, got 'x'",
        ),
        (
            ["version,released_at,grace_days", "7,2026-01-01,nan"],
            "r.csv:2:grace_days: expected days from 0 to 3650, got 'nan'",
        ),
        (
            ["version,released_at,withdrawn_at", "7,2026-01-02,2026-01-02"],
            "r.csv:2:withdrawn_at: not after released_at",
        ),
        (
            ["version,released_at", "7,2026-01-02", "# words", "7,2026-01-03"],
            "r.csv:4:version: line 2 is the same release",
        ),
        (["version,released_at,channel", "7,2026-01-02,pinned"], "r.csv:2:channel: pinned is for"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(lines, said):
    assert errors(*lines)[0].startswith(said)


@given(st.text())
def test_garbage_is_errors_and_nothing_else(text):
    parse_releases(text, "r.csv")
    parse_releases("version,released_at,waves\n" + text, "r.csv")
    parse_mails(text, "m.csv")


def test_the_examples_can_be_taken_in(world):
    assert apply_releases(world.ledger, load_sheet(CONFIG / "releases.csv", parse_releases)) == []
    assert apply_mails(world.ledger, load_sheet(CONFIG / "update-mails.csv", parse_mails)) == []

    (pilot,) = world.rows("SELECT * FROM releases WHERE version = '7.1.0'")
    assert (pilot["hardware"], pilot["grace_days"]) == ("FMU_V5;FMU_V6X", 21.0)
    waves = msgspec.json.decode(pilot["waves"])
    assert [(percent, group) for _, percent, group in waves] == [
        (None, "pilots"), (10.0, None), (100.0, None),
    ]  # fmt: skip


def test_the_file_is_the_whole_truth_and_one_with_an_error_changes_nothing(world):
    def take(*lines):
        return apply_releases(world.ledger, parse_releases("\n".join(lines), "r.csv"))

    def known():
        return [row["version"] for row in world.rows("SELECT version FROM releases")]

    take("version,released_at", "7.0,2026-01-01", "7.1,2026-02-01")
    take("version,released_at", "7.1,2026-02-01")
    assert known() == ["7.1"]
    assert take("version,released_at", "7.2,2026-03-01", "x,2026-03-01")
    assert known() == ["7.1"]


def test_a_file_that_is_not_there(tmp_path):
    (error,) = load_sheet(tmp_path / "no.csv", parse_releases).errors
    assert str(error).endswith("no.csv: No such file or directory")
