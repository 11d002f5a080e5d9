"""A simulated company's files."""

import csv
import json

import pytest

from windsock.firmware_sim.__main__ import main as simulator


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Twice the same, and another."""
    folder = tmp_path_factory.mktemp("worlds")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulator(["world", "--drones", "60", "--months", "3", "--seed", str(seed),
                   str(folder / name)])  # fmt: skip
    return folder


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}  # fmt: skip


def test_the_same_seed_is_the_same_company(worlds):
    assert content(worlds / "a") == content(worlds / "b")
    assert content(worlds / "a") != content(worlds / "c")


def test_the_truth_twice(worlds):
    rows = list(csv.DictReader((worlds / "a" / "truth.csv").read_text().splitlines()))
    whole = json.loads((worlds / "a" / "truth.json").read_text())

    assert [one["subject"] for one in whole["triggers"]] == [row["subject"] for row in rows]
    assert {row["rule"] for row in rows} == {
        "C1", "C2", "C3", "C4", "C5", "D1a", "D1b", "D2", "D3", "M1", "X1", "X2", "X3",
    }  # fmt: skip


def test_a_drone_that_is_said_to_have_stopped_did(worlds):
    whole = json.loads((worlds / "a" / "truth.json").read_text())

    assert whole["stopped"]
    assert all(max(whole["flown"][serial], default=-1) < day
               for serial, day in whole["stopped"].items())  # fmt: skip
