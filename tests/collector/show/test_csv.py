"""Cases for a spreadsheet: every field, and no formula of anybody's."""

import csv
import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.crashed import crash, settings_in
from windsock.collector.__main__ import main
from windsock.collector.show.csv_lines import csv_lines

WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")


class Row(msgspec.Struct):
    """As rows of the ledger are."""

    name: str | None
    opened_us: int | None = 0
    severity: int = -5
    facts: dict = {}


def read(rows):
    return list(csv.reader(io.StringIO("\n".join(csv_lines(rows)))))


def test_fields_and_moments():
    assert read([Row("Acme, Inc."), Row(None, None)]) == [
        ["name", "opened_utc", "severity"],
        ["Acme, Inc.", "1970-01-01T00:00:00+00:00", "-5"],
        ["", "", "-5"],
    ]
    assert read([]) == []


@given(st.text(), st.sampled_from(["=", "+", "-", "@", "\t=", " =", WIDE[0], "\r@", ""]))
def test_no_cell_begins_a_formula_and_none_loses_its_words(name, start):
    text = start + name
    line = list(csv_lines([Row(text)]))[1]
    ((cell, *_),) = csv.reader(io.StringIO(line, newline=""))

    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", *WIDE))
    assert cell in (text, f"'{text}")


@pytest.mark.usefixtures("case")
def test_the_command(world, tmp_path, capsys):
    config = tmp_path / "collector.toml"
    config.write_text(f'ledger = "{world.path}"\n')

    assert main(["cases", "--csv", "-c", str(config)]) == 0
    head, row = csv.reader(io.StringIO(capsys.readouterr().out))
    cells = dict(zip(head, row, strict=True))
    assert cells["customer"] == '\'=HYPERLINK("http://evil.example";"x")'
    assert cells["rule"] == "X1"


@pytest.fixture
def case(world, tmp_path):
    crash(world, settings_in(tmp_path), customer='=HYPERLINK("http://evil.example";"x")')
