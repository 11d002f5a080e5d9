"""Pictures of the dashboards: every panel is drawn from what InfluxDB answers, and they say so."""

import re
from html import escape

import pytest

from tests.dashboards.conftest import BOARDS, NOW_MS, view
from tools.dashboards.drawing.page import NOTICE, Shown, page
from tools.dashboards.drawing.values import Config, number, ticks
from tools.dashboards.frames import View

DAYS = {"windsock-fleet": 90, "windsock-drone": 90, "windsock-stations": 1}


@pytest.mark.e2e
@pytest.mark.parametrize("name", BOARDS)
def test_every_panel_is_on_its_page(filled, name):
    text, height = page(Shown(BOARDS[name], view(DAYS[name]), filled.ask, {"Customer": "All"}))

    assert NOTICE in text
    assert height > 500
    for panel in BOARDS[name]["panels"]:
        assert panel["title"].replace("$customer", "All") in text
    assert text.count("<section") == sum(one["type"] != "row" for one in BOARDS[name]["panels"])
    assert 'class="nothing"' not in text
    assert "nan" not in re.sub(r"<[^>]*>", "", text).lower().split()


@pytest.mark.e2e
def test_where_nothing_is_the_panel_says_what_that_means(filled):
    board = BOARDS["windsock-fleet"]
    never = View(1000, NOW_MS - 400 * 86_400_000, {"customer": ".*"})
    text, _ = page(Shown(board, never, filled.ask, {}))
    said = {
        one["fieldConfig"]["defaults"]["noValue"]
        for one in board["panels"]
        if "fieldConfig" in one
    }
    assert {one for one in said if escape(one.partition(":")[0]) in text} == said


def test_values_have_units_and_words():
    assert number(1845, "short") == "1.84 k"
    assert number(0.965, "percentunit") == "96%"
    assert number(20_000_000_000, "bytes") == "20 GB"
    assert number(26.42, "h", 1) == "26.4 h"
    assert number(1_795_469_400_000, "dateTimeAsIso") == "2026-11-23 21:30:00"
    stat = next(one for one in BOARDS["windsock-drone"]["panels"] if one["title"] == "State")
    config = Config.of(stat, "standing")
    assert (config.shown("slowing"), config.color("lost")) == ("flies rarely", "#f2495c")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 0.4), (0, 40), (10, 16.8), (0, 20e9)])
def test_ticks_are_round_and_within(low, high):
    found = ticks(low, high)
    assert 2 <= len(found) <= 7
    assert low <= found[0]
    assert found[-1] <= high * (1 + 1e-6)
