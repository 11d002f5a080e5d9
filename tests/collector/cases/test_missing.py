"""M1: what is missing is one task an account, which ends when it is filled in."""

import msgspec
import pytest

from tests.collector.answers.test_answer import answer
from tests.collector.cases.told import tell
from tests.collector.judged import SETTINGS, events, facts, fleet, headlines, open_cases
from tests.collector.world import DAY, T0
from windsock.collector.settings import Judge

ALL = msgspec.structs.replace(SETTINGS, judge=Judge())
HEADER = "serial,uid,customer,distributor,csm,csm_email,customer_email,delivered"
WHOLE = "D1,px4:01,Acme,,Anna,anna@maker,ops@acme,2026-01-01"


def sell(world, *accounts):
    """Each has a sales owner."""
    tell(world, "owners", "account,sales_email", *(f"{name},sam@maker" for name in accounts))


def look(world, day=1, settings=ALL):
    fleet(world, T0 + day * DAY, settings)


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        (WHOLE, None),
        ("D1,px4:01,Acme,,,,ops@acme,2026-01-01", ["csm"]),
        ("D1,px4:01,Acme,,Anna,anna@maker,,2026-01-01", ["e-mail"]),
        ("D1,px4:01,Acme,,Anna,anna@maker,ops@acme,", ["delivery date"]),
        ("D1,px4:01,Acme", ["csm", "delivery date", "e-mail"]),
        ("D1,px4:01,,,,,,", None),  # nobody's
    ],
)
def test_what_is_missing_of_an_account(world, row, missing):
    world.roster(row, header=HEADER)
    sell(world, "Acme")
    look(world)

    if missing is None:
        assert not open_cases(world, "M1")
    else:
        assert facts(world, "M1")["missing"] == missing


def test_a_sales_owner_is_missing_and_it_ends_when_there_is_one(world):
    world.roster(WHOLE, header=HEADER)
    look(world)
    (case,) = open_cases(world, "M1")
    assert (case["subject"], case["csm"], case["playbook"]) == ("Acme", "anna@maker", None)

    sell(world, "Acme")
    look(world, 2)
    assert events(world, "M1") == ["open: digest", "resolve: resolved"]


def test_without_a_csm_support_is_told(world):
    world.roster("D1,px4:01,Acme,,,,ops@acme,2026-01-01", header=HEADER)
    sell(world, "Acme")
    look(world)

    assert headlines(world) == [("support@maker", "Information is missing")]


def test_a_contact_is_an_address(world):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker,,2026-01-01", header=HEADER)
    sell(world, "Acme")
    tell(world, "contacts", "account,email", "Acme,bo@acme")
    look(world)

    assert not open_cases(world, "M1")


def test_one_task_for_all_drones_and_it_is_no_news_when_another_lacks_the_same(world):
    world.roster(WHOLE, "D2,px4:02,Acme", header=HEADER)
    sell(world, "Acme")
    look(world)
    assert facts(world, "M1")["drones"] == ["D2"]

    world.roster(WHOLE, "D2,px4:02,Acme", "D3,px4:03,Acme", header=HEADER)
    look(world, 2)
    assert events(world, "M1") == ["open: digest"]


def test_distributors_are_looked_after_too(world):
    world.roster("D1,px4:01,Acme,Dealer,Anna,anna@maker,ops@acme,2026-01-01", header=HEADER)
    sell(world, "Acme")
    look(world)

    (case,) = open_cases(world, "M1")
    assert case["subject"] == "Dealer"
    assert facts(world, "M1")["missing"] == ["csm", "e-mail", "sales owner"]


@pytest.mark.parametrize("state", ["stock", "retired", "ordered"])
def test_drones_that_nobody_has_ask_for_nothing(world, state):
    world.roster(f"D1,px4:01,Acme,{state}", header="serial,uid,customer,service_state")
    look(world)

    assert not open_cases(world, "M1")


def test_an_autopilot_without_a_serial_is_the_accounts_whose_station_it_uses(world):
    world.roster(WHOLE, header=HEADER)
    sell(world, "Acme")
    world.flight(T0)
    world.flight(T0, uid="px4:77")
    look(world)

    (case,) = open_cases(world, "M1")
    assert (case["subject"], facts(world, "M1")["autopilots"]) == ("Acme", ["px4:77"])


@pytest.mark.parametrize(
    "flight", [{"simulated": 1}, {"facts": {"airborne_s": 9.0}}, {"retracted": 1}]
)
def test_one_that_does_not_fly_for_real_is_asked_of_nobody(world, flight):
    world.roster(WHOLE, header=HEADER)
    sell(world, "Acme")
    world.flight(T0)
    world.flight(T0, uid="px4:77", **flight)
    look(world)

    assert not open_cases(world, "M1")


def test_where_more_than_one_uses_it_support_looks(world):
    world.roster(WHOLE, "D2,px4:02,Beta,,Bob,bob@maker,ops@beta,2026-01-01", header=HEADER)
    sell(world, "Acme", "Beta")
    for uid in ("px4:01", "px4:02", "px4:77"):
        world.flight(T0, uid=uid)
    look(world)

    (case,) = open_cases(world, "M1")
    assert (case["subject"], case["csm"]) == ("autopilots without a drone", None)
    assert headlines(world) == [("support@maker", "Autopilots without a drone")]

    world.roster("D7,px4:77,Beta,,Bob,bob@maker,ops@beta,2026-01-01", header=HEADER)
    look(world, 2)
    assert not open_cases(world, "M1")


def test_a_setting_says_what_is_required(world):
    world.roster("D1,px4:01,Acme", header=HEADER)
    look(world, settings=msgspec.structs.replace(SETTINGS, judge=Judge(required=("csm",))))

    assert facts(world, "M1")["missing"] == ["csm"]


def test_what_was_answered_holds_until_something_else_is_missing(world):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker,,2026-01-01", header=HEADER)
    sell(world, "Acme")
    look(world)
    answer(world, 1, "done", now_us=T0 + DAY)
    look(world, 2)
    assert not open_cases(world, "M1")

    world.roster("D1,px4:01,Acme,,Anna,anna@maker,,2026-01-01", "D2,px4:02,Acme", header=HEADER)
    look(world, 3)
    assert facts(world, "M1")["missing"] == ["delivery date", "e-mail"]
