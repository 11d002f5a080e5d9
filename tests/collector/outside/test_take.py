"""Every kind of facts: what is taken, what is refused, and that the same again changes nothing."""

import csv
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collector.outside.facts import facts, said, taken
from tests.collector.world import DAY, T0, World
from windsock.collector.outside.take import KINDS, UnknownKindError, take

ROOT = Path(__file__).parents[3]
NOW = T0 + 365 * DAY
EXAMPLES = ROOT / "config/outside"


def example(kind):
    return (EXAMPLES / f"{kind}.csv").read_bytes()


def as_json(data):
    lines = [line for line in data.decode().splitlines() if not line.startswith("#")]
    return json.dumps(list(csv.DictReader(lines))).encode()


def test_the_examples_are_taken_without_a_word_and_twice_is_once(world):
    known = [kind for kind in KINDS if kind != "roster"]

    results = [take(world.ledger, kind, example(kind), f"{kind}.csv", NOW) for kind in known]
    first = facts(world)
    for kind in known:
        take(world.ledger, kind, example(kind), f"{kind}.csv", NOW + DAY)

    assert [(list(r.errors), list(map(str, r.warnings)), r.refused) for r in results] == [
        ([], [], 0) for _ in known
    ]
    assert all(first.values()), "an example of everything"
    assert facts(world) == first


def test_json_says_the_same_as_csv(world, tmp_path):
    other = World(tmp_path / "other")
    for kind in KINDS:
        if kind != "roster":
            take(world.ledger, kind, example(kind), "facts", T0)
            take(other.ledger, kind, as_json(example(kind)), "facts", T0)

    assert facts(other) == facts(world)
    other.ledger.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_every_column(kind):
    page = (ROOT / "docs/outside.md").read_text("utf-8")
    line = re.search(rf"^### {kind}\n(.*)$", page, re.MULTILINE)[1]

    assert re.sub(r"\*", "", line).split(", ") == list(KINDS[kind].columns)
    assert set(re.findall(r"\*\*(.*?)\*\*", line)) == set(KINDS[kind].needed)


def test_a_kind_that_there_is_not(world):
    with pytest.raises(UnknownKindError, match="no kind of facts 'ticket'; there are roster, "):
        take(world.ledger, "ticket", b"", "f", T0)


TICKET = "ticket,critical"
SURVEY = "survey,account,kind,score,scale,answered"


@pytest.mark.parametrize(
    ("kind", "lines", "error"),
    [
        ("tickets", [TICKET, "1,perhaps"], "2:critical: expected yes or no, got 'perhaps'"),
        ("tickets", [TICKET, "1,"], "2:critical: missing"),
        ("tickets", [TICKET, "1,yes", "1,no"], "3:critical: line 2 says otherwise"),
        ("tickets", [TICKET + ",state", "1,yes,new"], "2:state: expected open or closed, got"),
        ("tickets", [TICKET + ",merged_into", "1,yes,1"], "2:merged_into: 1 would end in itself"),
        ("surveys", [SURVEY.replace(",scale", ""), "1,A,CES,5,2026-01-01"], "1:scale: this col"),
        ("surveys", [SURVEY, "1,A,CES,5,,2026-01-01"], "2:scale: missing"),
        ("surveys", [SURVEY, "1,A,CES,5,1-5,2026-01-01"], "2:scale: expected 1-7, which CES is"),
        ("surveys", [SURVEY, "1,A,CES,5,7-1,2026-01-01"], "2:scale: expected the scale, such as"),
        ("surveys", [SURVEY, "1,A,CES,0,1-7,2026-01-01"], "2:score: expected 1 to 7, got 0"),
        ("surveys", [SURVEY, "1,A,CES,8,1-7,2026-01-01"], "2:score: expected 1 to 7, got 8"),
        ("surveys", [SURVEY, "1,A,CES,5.5,1-7,2026-01-01"], "2:score: expected a whole number"),
        ("surveys", [SURVEY, "1,A,NPS,11,0-10,2026-01-01"], "2:score: expected 0 to 10, got 11"),
        ("surveys", [SURVEY, "1,A,CSAT,5,1-5,2026-01-01"], "2:kind: expected ces or nps, got"),
        ("people", ["email,role,zone", "a@x,csm,Mars"], "2:zone: expected a time zone such as"),
        ("people", ["email,role,zone", "a@x,csm,../../etc/passwd"], "2:zone: expected a time zo"),
        ("people", ["email,role", "a@x,boss"], "2:role: expected csm, sales or support, got"),
        ("accounts", ["account,tier", "A,huge"], "2:tier: expected large, standard or small"),
        ("accounts", ["account,stage", "A,lead", "A,customer"], "3:stage: line 2 says otherwise"),
        ("owners", ["account,sales", "A,Sam"], "2:sales_email: missing, and sales says nothing"),
        ("cover", ["csm,from,until,substitute", "a@x,2026-02-01,2026-01-01,b@x"], "2:until: not"),
        ("cover", ["csm,from,until,substitute", "a@x,2026-01-01,2026-02-01,a@x"], "2:substitute:"),
        ("cover", ["csm,from,until,substitute", "a@x,2026-01-01,2026-02-01,b@x",
                   "a@x,2026-01-31,2026-03-01,c@x"], "3:from: a@x is away then by line 2, too"),
        ("pauses", ["drone,customer,from,until", "D,C,2026-01-01,2026-02-01"], "2:drone: expe"),
        ("pauses", ["drone,from,until", "D,2026-01-01,2026-01-01"], "2:until: not after from"),
        ("contacts", ["account,email", "A,nobody"], "2:email: expected one e-mail address"),
        ("mails", ["account,version,sent_at", "A,7.1,soon"], "2:sent_at: expected a date such as"),
        ("drones", ["serial,csm", "D,Anna"], "1:csm: no such column; there are serial, uid, "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_changes_nothing(world, kind, lines, error):
    result = taken(world, kind, *lines)

    assert said(result)[0].startswith(f"facts.csv:{error}")
    assert said(result)[1:] == []
    assert result.taken == max(len(lines) - 2, 0)


def test_good_lines_are_taken_whatever_is_wrong_with_others(world):
    result = taken(world, "tickets", "ticket,critical", "1,yes", "2,so so", "3,no", ",no")

    assert (result.taken, result.refused) == (2, 2)
    assert [row["ticket"] for row in world.rows("SELECT ticket FROM tickets")] == ["1", "3"]


def test_half_of_a_hand_over_is_not_taken(world):
    taken(world, "drones", "serial,customer", "D1,Acme", "D2,Acme")
    result = taken(
        world, "drones", "serial,customer,valid_from", "D1,Acme,", "D1,Beta,soon", "D2,Beta,"
    )

    assert said(result) == [
        "facts.csv:3:valid_from: expected a date such as 2026-05-01, got 'soon'",
        "facts.csv:2: left out: another line about D1 is wrong, so what was known stands",
    ]
    assert (result.taken, result.refused) == (1, 2)
    owners = dict(world.ledger.execute("SELECT subject, object FROM links").fetchall())
    assert owners == {"D1": "Acme", "D2": "Beta"}


def test_a_line_with_the_last_hand_over_alone_is_warned_of(world):
    taken(world, "drones", "serial,customer,valid_from", "D1,Acme,", "D1,Beta,2026-01-01")
    result = taken(world, "drones", "serial,customer,valid_from", "D1,Gamma,2026-02-01")

    assert list(map(str, result.warnings)) == [
        "facts.csv:2:customer: what was known of D1 from an earlier day on is gone"
    ]
    assert taken(world, "drones", "serial,product", "D1,Surveyor").warnings == []


def test_a_corrected_row_corrects_and_columns_that_are_not_there_say_nothing(world):
    taken(world, "tickets", "ticket,critical,drone,title", "1,yes,D1,Crash")
    taken(world, "tickets", "ticket,critical,drone", "1,no,D2")
    taken(world, "tickets", "ticket,critical,state", "1,no,closed")

    (row,) = world.rows("SELECT ticket, critical, drone, detail, state FROM tickets")
    assert tuple(row.values()) == ("1", 0, "D2", "Crash", "closed")


def test_a_ticket_that_is_said_again_without_its_state_keeps_it(world):
    taken(world, "tickets", "ticket,critical,state", "1,yes,closed")
    taken(world, "tickets", "ticket,critical", "1,yes")

    assert world.rows("SELECT state FROM tickets") == [{"state": "closed"}]


def test_tickets_that_were_merged_the_other_way_round(world):
    taken(world, "tickets", "ticket,critical,merged_into", "1,yes,2", "2,yes,")
    result = taken(world, "tickets", "ticket,critical,merged_into", "1,yes,", "2,yes,1")

    assert (result.taken, result.errors) == (2, [])
    assert world.rows("SELECT merged_into FROM tickets WHERE ticket = '2'") == [
        {"merged_into": "1"}
    ]


def test_tickets_in_a_circle_are_all_refused(world):
    result = taken(world, "tickets", "ticket,critical,merged_into", "1,yes,2", "2,yes,3",
                   "3,yes,1", "4,yes,1")  # fmt: skip

    assert (result.taken, [error.line for error in result.errors]) == (1, [2, 3, 4])


def test_owners_say_nothing_of_drones_and_the_roster_nothing_of_sales(world):
    taken(world, "owners", "account,csm_email,sales_email", "Acme,a@x,s@x")
    taken(world, "roster", "serial,customer,csm_email", "D1,Acme,b@x")

    links = dict(world.ledger.execute("SELECT kind, object FROM links").fetchall())
    assert links == {"drone_customer": "Acme", "account_csm": "b@x", "account_sales": "s@x"}


def test_a_pause_that_came_of_an_answer_is_not_the_file_s_to_take_back(world):
    world.ledger.execute("INSERT INTO pauses VALUES ('drone', 'D1', 5, 9, NULL, 'answer 7')")
    taken(world, "pauses", "drone,from,until", "D1,2026-01-01,2026-02-01")
    taken(world, "pauses", "drone,from,until", "D1,2026-03-01,2026-04-01")

    assert [row["from_us"] for row in world.rows("SELECT from_us FROM pauses")] == [
        5,
        T0 + 59 * DAY,
    ]


def test_a_scale_that_may_be_the_other_way_round_is_warned_of_until_it_is_not(world):
    low = taken(world, "surveys", SURVEY, "1,A,CES,5,1-7,2026-01-01")
    other = taken(world, "surveys", SURVEY, "2,A,NPS,1,0-10,2026-01-01")
    high = taken(world, "surveys", SURVEY, "3,A,CES,6,7,2026-01-01")
    again = taken(world, "surveys", SURVEY, "4,A,CES,1,1-7,2026-01-01")

    warned = [
        any("no CES above 5" in str(w) for w in r.warnings) for r in (low, other, high, again)
    ]
    assert warned == [True, False, False, False]


def test_names_that_nobody_knows_are_taken_and_warned_of(world):
    taken(world, "drones", "serial,customer", "D1,Acme")
    result = taken(
        world, "tickets", "ticket,critical,drone,account", "1,yes,D1,Acme", "2,yes,D9,Acne"
    )

    assert result.taken == 2
    assert list(map(str, result.warnings)) == [
        "facts.csv:3:drone: 'D9' is not known yet",
        "facts.csv:3:account: 'Acne' is not known yet",
    ]


def test_every_import_is_kept_with_what_was_wrong(world):
    taken(world, "tickets", "ticket,critical", "1,yes", "2,hm", source="post from ana")

    (row,) = world.rows("SELECT kind, source, at_us, taken, refused, errors FROM imports")
    assert tuple(row.values())[:5] == ("tickets", "post from ana", T0, 1, 1)
    assert json.loads(row["errors"]) == ["post from ana:3:critical: expected yes or no, got 'hm'"]


_CELL = st.sampled_from(
    ["", "yes", "2026-01-01", "2026-02-01", "a@x", "b@x", "D1", "CES", "7", "7.1"]
)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(list(KINDS)))
def test_any_file_twice_is_once(tmp_path_factory, data, kind):
    world = World(tmp_path_factory.mktemp("twice") / "ledger")
    columns = data.draw(st.lists(st.sampled_from(list(KINDS[kind].columns)), unique=True))
    columns += [name for name in KINDS[kind].needed if name not in columns]
    rows = data.draw(
        st.lists(st.lists(_CELL, min_size=len(columns), max_size=len(columns)), max_size=5)
    )
    lines = [",".join(columns), *(",".join(row) for row in rows)]

    first = taken(world, kind, *lines)
    once = facts(world)
    again = taken(world, kind, *lines)

    assert facts(world) == once
    assert first.taken + first.refused == sum(any(row) for row in rows)
    assert again.taken <= first.taken
    world.ledger.close()
