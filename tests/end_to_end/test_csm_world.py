"""Three months of a small maker, through the real collector, against the world's truth."""

import json

import pytest

from tests.business.replay import first_us, replay
from tests.business.truth import judged
from windsock.firmware_sim.__main__ import main as simulator

DRONES, MONTHS = 60, 3
RARELY_WRONG = 0.4 * DRONES * MONTHS / 12
"""False alarms of D1b: at most what it raises a drone and year (docs/detection-inactivity.md)."""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    size = ["--drones", str(DRONES), "--months", str(MONTHS)]
    simulator(["world", *size, "--seed", "1", str(folder)])
    ledger = replay(folder)
    yield judged(ledger, folder, first_us(json.loads((folder / "truth.json").read_text())))
    ledger.close()


def test_every_planted_trigger_is_exactly_one_case_with_its_csm_and_playbook(outcome):
    planted = {found.rule for found in outcome.rules if found.planted}

    assert not outcome.wrong
    assert planted == {
        "C1", "C2", "C3", "C4", "C5", "D1a", "D1b", "D2", "D3", "M1", "X1", "X2", "X3",
    }  # fmt: skip


def test_what_opens_beside_them_is_so_too_or_over_within_days(outcome):
    wrong = [found for found in outcome.rules if found.right + found.brief < found.cases]
    assert {found.rule for found in wrong} <= {"D1b"}  # habits change by chance, too
    assert sum(found.cases - found.right for found in wrong) <= RARELY_WRONG


def test_nobodys_day_is_flooded(outcome):
    assert outcome.sent.calls == outcome.sent.digests == 1
    assert 0 < outcome.sent.rationed <= 3
    assert {"case", "digest", "quiet", "task"} == set(outcome.sent.notices)
