from datetime import date

import pytest

from tests.collector.calls.test_day import ANNA, BOB, MONDAY
from tests.collector.world import DAY, HOUR
from windsock.collector.calls.people import answering
from windsock.collector.ledger import transaction
from windsock.collector.settings import Settings
from windsock.config.loader import load


@pytest.mark.parametrize(
    ("cover", "expected"),
    [
        ([], ANNA),
        ([(ANNA, 0, DAY, BOB)], BOB),
        ([(ANNA, 0, DAY, BOB), (BOB, 0, DAY, "cy@maker")], "cy@maker"),
        ([(ANNA, DAY, 2 * DAY, BOB)], ANNA),
        ([(ANNA, -DAY, HOUR, BOB)], ANNA),  # until is not of it
        ([(ANNA, 0, DAY, BOB), (BOB, 0, DAY, ANNA)], ANNA),  # both away: nobody stands in for them
    ],
)
def test_who_answers(world, cover, expected):
    at_us = MONDAY + HOUR
    with transaction(world.ledger) as ledger:
        ledger.executemany(
            "INSERT INTO cover (csm, from_us, until_us, substitute) VALUES (?, ?, ?, ?)",
            [(csm, MONDAY + begin, MONDAY + end, who) for csm, begin, end, who in cover],
        )

    assert answering(world.ledger, ANNA, at_us) == expected


def test_holidays_are_dates_of_toml(tmp_path):
    path = tmp_path / "collector.toml"
    path.write_text("[day]\nholidays = [2026-12-25]\n")

    assert load(path, Settings).day.holidays == (date(2026, 12, 25),)
