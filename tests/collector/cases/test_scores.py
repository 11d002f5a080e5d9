"""C4: two low effort scores within a month, at their edges."""

import pytest

from tests.collector.answers.test_answer import answer
from tests.collector.cases.told import ROSTER, survey, tell
from tests.collector.judged import events, facts, fleet, headlines, open_cases
from tests.collector.world import DAY, T0, S


@pytest.fixture
def acme(world):
    world.roster("D1,px4:01,Acme,Dealer,Anna,anna@maker,,customer", header=ROSTER)
    return world


@pytest.mark.parametrize(("second", "opens"), [(1, True), (5, True), (6, False), (7, False)])
@pytest.mark.parametrize("first", [1, 5])
def test_the_second_score_of_five_and_of_six(acme, first, second, opens):
    survey(acme, "S1", first, T0)
    survey(acme, "S2", second, T0 + 7 * DAY)
    fleet(acme, T0 + 8 * DAY)

    assert bool(open_cases(acme, "C4")) is opens


@pytest.mark.parametrize(
    ("apart_us", "opens"), [(30 * DAY, True), (30 * DAY + S, False), (31 * DAY, False)]
)
def test_within_thirty_days(acme, apart_us, opens):
    survey(acme, "S1", 5, T0)
    survey(acme, "S2", 5, T0 + apart_us)
    fleet(acme, T0 + 31 * DAY)

    assert bool(open_cases(acme, "C4")) is opens


def test_a_good_score_between_them_changes_nothing(acme):
    for name, score in (("S1", 2), ("S2", 7), ("S3", 3)):
        survey(acme, name, score, T0 + int(name[1]) * DAY)
    fleet(acme, T0 + 8 * DAY)

    assert [one["score"] for one in facts(acme, "C4")["scores"]] == [2, 3]
    assert facts(acme, "C4")["ever_good"] is True
    assert headlines(acme) == [("anna@maker", "2 low scores in a month")]


def test_it_is_the_customers_own(acme):
    acme.roster("D2,px4:02,Beta,,Bob,bob@maker,,customer", header=ROSTER)
    survey(acme, "S1", 2, T0)
    survey(acme, "S2", 2, T0, account="Beta")
    fleet(acme, T0 + DAY)
    assert not open_cases(acme, "C4")

    survey(acme, "S3", 5, T0 + DAY, account="Beta")
    fleet(acme, T0 + 2 * DAY)
    (case,) = open_cases(acme, "C4")
    assert (case["subject"], case["csm"]) == ("Beta", "bob@maker")
    assert case["playbook"] == "CS: Trouble Call End User"


def test_where_no_score_was_ever_good_the_scale_is_doubted(acme):
    for name in ("S1", "S2"):
        survey(acme, name, 2, T0)
    fleet(acme, T0 + DAY)

    assert facts(acme, "C4")["ever_good"] is False
    (notice,) = acme.rows("SELECT notice FROM outbox")
    assert "No score above 5 was ever imported" in notice["notice"]


def test_recommendation_is_no_effort(acme):
    header = "survey,account,kind,score,scale,answered"
    tell(acme, "surveys", header, *(f"S{n},Acme,NPS,2,0-10,2026-01-01" for n in range(3)))
    fleet(acme, T0 + DAY)

    assert not open_cases(acme, "C4")


def test_a_third_is_told_and_after_an_answer_a_fourth_is_another_case(acme):
    for name in ("S1", "S2"):
        survey(acme, name, 5, T0)
    fleet(acme, T0 + DAY)
    survey(acme, "S3", 5, T0 + 2 * DAY)
    fleet(acme, T0 + 3 * DAY)
    assert events(acme, "C4") == ["open: notify", "update: notify"]

    answer(acme, 1, "done", now_us=T0 + 3 * DAY)
    fleet(acme, T0 + 4 * DAY)
    assert not open_cases(acme, "C4")
    survey(acme, "S4", 5, T0 + 5 * DAY)
    fleet(acme, T0 + 6 * DAY)
    assert [case["id"] for case in open_cases(acme, "C4")] == [2]


@pytest.mark.parametrize(("stage", "opens"), [("customer", True), ("trial", False)])
def test_only_at_stage_customer(world, stage, opens):
    world.roster(f"D1,px4:01,Acme,,,anna@maker,,{stage}", header=ROSTER)
    for name in ("S1", "S2"):
        survey(world, name, 5, T0)
    fleet(world, T0 + DAY)

    assert bool(open_cases(world, "C4")) is opens


def test_an_unknown_account_is_nobodys_case(world):
    for name in ("S1", "S2"):
        survey(world, name, 5, T0, account="Acem")
    fleet(world, T0 + DAY)

    assert not open_cases(world, "C4")


def test_old_scores_are_recorded_and_not_told(acme):
    for name in ("S1", "S2"):
        survey(acme, name, 5, T0)
    fleet(acme, T0 + 30 * DAY + S)

    assert events(acme, "C4") == ["open: too-old"]
