"""Who answers, as of a moment; one drone at a time and all at once say the same."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.collector.world import DAY, T0, World
from windsock.collector.fleet.rows import load_fleet
from windsock.collector.outside.take import take
from windsock.collector.roster.owners import owner_of

ROSTER = (
    "serial,customer,distributor,csm,csm_email\nD1,Acme,Dealer,Anna,anna@x\nD2,Beta,,Bob,bob@x"
)


@pytest.fixture
def told(world):
    """Takes in lines of a kind."""

    def take_in(kind, *lines):
        taken = take(world.ledger, kind, "\n".join(lines).encode(), f"{kind}.csv", T0)
        assert not taken.errors, list(map(str, taken.errors))

    take_in("roster", *ROSTER.splitlines())
    return take_in


def owner(world, at_us, serial="D1"):
    return owner_of(world.ledger, serial, at_us)


def test_stage_and_region_are_those_of_then(world, told):
    told("accounts", "account,stage,region,tier,valid_from",
         "Acme,lead,Alps,,", "Acme,customer,Nordics,large,2026-01-01")  # fmt: skip

    then, now = owner(world, T0 - 1), owner(world, T0)
    assert (then.stage, then.region, then.tier) == ("lead", "Alps", None)
    assert (now.stage, now.region, now.tier) == ("customer", "Nordics", "large")


def test_a_stage_that_ended_is_not_made_up_for(world, told):
    told("accounts", "account,stage,valid_until", "Acme,customer,2026-01-01")

    assert (owner(world, T0 - 1).stage, owner(world, T0).stage) == ("customer", None)


@pytest.mark.usefixtures("told")
def test_a_ledger_older_than_dates_has_one_stage(world):
    world.ledger.execute("UPDATE accounts SET stage = 'customer' WHERE account = 'Acme'")

    assert owner(world, 0).stage == owner(world, T0).stage == "customer"


def test_the_sales_owner_is_dated_too(world, told):
    told("owners", "account,sales,sales_email,valid_from",
         "Acme,Sam,sam@x,", "Acme,Sue,sue@x,2026-01-01")  # fmt: skip

    assert [owner(world, at).sales for at in (T0 - 1, T0)] == ["Sam", "Sue"]
    assert owner(world, T0).sales_email == "sue@x"
    assert owner(world, T0).csm_email == "anna@x", "no column for the CSM: nothing said of her"


def test_somebody_stands_in_for_an_absent_csm_who_stays_responsible(world, told):
    told("people", "email,role,name", "carl@x,csm,Carl")
    told("cover", "csm,from,until,substitute", "anna@x,2026-01-01,2026-01-15,carl@x")

    before, away, back = (owner(world, at) for at in (T0 - 1, T0, T0 + 14 * DAY))
    assert [one.csm_email for one in (before, away, back)] == ["anna@x"] * 3
    assert [one.answers_email for one in (before, away, back)] == ["anna@x", "carl@x", "anna@x"]
    assert away.stands_in == "Carl"


def test_for_a_substitute_who_is_away_the_next_one_stands_in(world, told):
    told("cover", "csm,from,until,substitute", "anna@x,2026-01-01,2026-01-15,bob@x",
         "bob@x,2026-01-05,2026-01-10,carl@x")  # fmt: skip

    days = [owner(world, T0 + day * DAY).answers_email for day in (0, 5, 12)]
    assert days == ["bob@x", "carl@x", "bob@x"]


def test_where_all_are_away_the_csm_is_told(world, told):
    told("cover", "csm,from,until,substitute", "anna@x,2026-01-01,2026-01-15,bob@x",
         "bob@x,2026-01-01,2026-01-10,anna@x")  # fmt: skip

    assert owner(world, T0).answers_email == "anna@x"


@pytest.mark.parametrize("pause", ["D1,,2026-01-01,2026-02-01", ",Acme,2026-01-01,2026-02-01"])
def test_a_drone_is_paused_while_it_or_its_customer_is(world, told, pause):
    told("pauses", "drone,customer,from,until", pause)

    states = [owner(world, at).service_state for at in (T0 - 1, T0, T0 + 31 * DAY)]
    assert states == ["in_service", "paused", "in_service"]
    assert owner(world, T0, "D2").service_state == "in_service"


def test_what_is_in_repair_is_not_paused(world, told):
    told("drones", "serial,customer,service_state", "D1,Acme,repair")
    told("pauses", "drone,from,until", "D1,2026-01-01,2026-02-01")

    assert owner(world, T0).service_state == "repair"


_days = st.integers(0, 4)
_rows = st.lists(
    st.tuples(_days, _days, st.sampled_from("ABC"), st.sampled_from("xyz")), max_size=4
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(
    st.sampled_from([
        "drones:serial,customer", "drones:serial,service_state", "accounts:account,stage",
        "accounts:account,region", "accounts:account,tier", "accounts:account,distributor",
        "owners:account,csm_email", "owners:account,sales_email", "pauses:drone",
        "pauses:customer", "cover:csm",
    ]), _rows))  # fmt: skip
def test_all_at_once_is_as_one_by_one(tmp_path_factory, facts):
    world = World(tmp_path_factory.mktemp("owners") / "ledger")
    words = {
        "stage": dict(zip("xyz", ("lead", "customer", "former"), strict=True)),
        "service_state": dict(zip("xyz", ("in_service", "repair", "retired"), strict=True)),
        "tier": dict(zip("xyz", ("large", "standard", "small"), strict=True)),
    }
    for name, rows in facts.items():
        kind, _, columns = name.partition(":")
        says = columns.partition(",")[2]
        for first, more, subject, value in rows:
            said = words.get(says, {}).get(value, f"{value}@x" if "email" in says else value)
            dates = f"2026-01-{first + 1:02},2026-01-{first + more + 2:02}"
            line, header = f"{subject},{said},{dates}", f"{columns},valid_from,valid_until"
            if kind == "pauses":
                line, header = f"{subject},{dates}", f"{columns},from,until"
            if kind == "cover":
                header = "csm,substitute,from,until"
                line = f"{subject.lower()}@x,{value}@x,{dates}".replace("a@", "x@")
            take(world.ledger, kind, f"{header}\n{line}".encode(), "f", T0)
    for day in range(7):
        rows = load_fleet(world.ledger, T0 + day * DAY)
        assert rows.owners == [
            owner_of(world.ledger, one.serial, T0 + day * DAY) for one in rows.owners
        ]
    world.ledger.close()
