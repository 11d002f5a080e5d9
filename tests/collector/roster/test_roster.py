from pathlib import Path

import pytest

from tests.collector.world import DAY, T0
from windsock.collector.roster.enrolment import apply_roster
from windsock.collector.roster.file import load_roster, parse_roster
from windsock.collector.roster.owners import owner_of, resolve, serial_of

EXAMPLE = Path(__file__).parents[3] / "config/roster.csv"


def parse(*lines):
    return parse_roster("\n".join(lines), "roster.csv")


def links(world):
    return {tuple(row) for row in world.ledger.execute("SELECT * FROM links")}


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([""], "roster.csv: empty: expected a header with serial"),
        (["uid"], "roster.csv:1:serial: this column is missing"),
        (["serial,uid,uid"], "roster.csv:1:uid: this column is there twice"),
        (["serial,colour"], "roster.csv:1:colour: no such column; there are serial, uid, "),
        (["serial;uid"], "roster.csv:1:serial;uid: no such column"),
        (["serial,uid", "A,px4:1,x"], "roster.csv:2: 3 cells, the header has 2"),
        (["serial,uid", ",px4:1"], "roster.csv:2:serial: missing"),
        (["serial,uid", "A,1234"], "roster.csv:2:uid: expected an autopilot such as"),
        (["# words", "", "serial,delivered", "A,1.5.26"], "roster.csv:4:delivered: expected a da"),
        (
            ["serial,service_state", "A,gone"],
            "roster.csv:2:service_state: expected in_service, or",
        ),
        (["serial,customer_email", "A,a@b"], "roster.csv:2:customer: missing, and customer_email"),
        (
            ["serial,customer,customer_email", 'A,B,"a@b, c@d"'],
            "roster.csv:2:customer_email: expected one e-mail address",
        ),
        (
            ["serial,valid_from,valid_until", "A,2026-05-01,2026-05-01"],
            "roster.csv:2:valid_until: not after valid_from",
        ),
        (["serial,customer", 'A,"x'], "roster.csv:2: not CSV: unexpected end of data"),
        (["serial,customer", "A,x\x1b[2Jy"], "roster.csv:2:customer: has the character U+001B"),
        (["serial,customer", "A,x\u202ey"], "roster.csv:2:customer: has the character U+202E"),
        (["serial,customer", "A," + "x" * 201], "roster.csv:2:customer: 201 characters, at most"),
        (
            ["serial,customer,csm_email", "A,X,a@b", "B,X,c@b"],
            "roster.csv:3:csm_email: line 2 says otherwise of X from the same day on",
        ),
        (
            ["serial,uid", "A,px4:1", "B,px4:1"],
            "roster.csv:3:serial: line 2 says otherwise of px4:1",
        ),
    ],
)
def test_an_error_names_file_line_and_column(lines, error):
    (found,) = parse(*lines).errors

    assert str(found).startswith(error)


def test_good_rows_are_kept():
    roster = parse("serial,uid", "A,px4:1", "B,nonsense", "C,px4:3")

    assert [row.subject for row in roster.rows] == ["A", "C"]
    assert [(error.line, error.subject) for error in roster.errors] == [(3, "B")]


def test_a_file_that_cannot_be_read_is_one_error(tmp_path):
    binary = tmp_path / "roster.csv"
    binary.write_bytes(b"serial\n\xff\xfe")

    assert str(load_roster(tmp_path / "none.csv").errors[0]).endswith(
        "none.csv: No such file or directory"
    )
    assert "not UTF-8 text" in str(load_roster(binary).errors[0])


def test_columns_come_in_any_order_and_windows_line_ends_are_fine():
    (row,) = parse("\ufeffuid,serial\r".lstrip("\ufeff"), "px4:1,A\r").rows

    assert row.cells == {"uid": "px4:1", "serial": "A"}


def test_the_same_file_twice_changes_nothing(world):
    roster = load_roster(EXAMPLE)
    first = apply_roster(world.ledger, roster)

    assert not roster.errors
    assert (first.drones, first.accounts, first.people) == (4, 3, 2)
    assert apply_roster(world.ledger, roster) == (0, 0, 0, 0)


def test_the_chain_is_resolved_as_of_a_moment(world):
    world.roster(
        "D1,px4:1,Acme,,Anna,anna@x",
        "D1,px4:1,Beta,Dealer,Bob,bob@x,,2026-01-01",
    )

    before, after = resolve(world.ledger, "px4:1", T0 - 1), resolve(world.ledger, "px4:1", T0)

    assert (before.customer, before.csm_email, before.distributor) == ("Acme", "anna@x", None)
    assert (after.customer, after.csm, after.distributor) == ("Beta", "Bob", "Dealer")


def test_the_csm_of_today_answers_for_the_customer_of_then(world):
    world.roster("D1,px4:1,Acme,,,anna@x", "D1,,Beta,,,bob@x,,2026-01-01")
    world.roster("D2,px4:2,Acme,,,anna@x", "D2,,Acme,,,carl@x,,2026-02-01")

    owner = owner_of(world.ledger, "D1", T0 - 1, T0 + 60 * DAY)

    assert (owner.customer, owner.csm_email) == ("Acme", "carl@x")


def test_an_autopilot_moves_from_drone_to_drone(world):
    world.roster("D1,px4:1", "D2,px4:1,,,,,,2026-01-01,2026-02-01")

    moments = (T0 - 1, T0, T0 + 31 * DAY)
    assert [serial_of(world.ledger, "px4:1", at) for at in moments] == ["D1", "D2", "D1"]


def test_a_corrected_file_corrects(world):
    world.roster("D1,px4:1,Acme,,,anna@x", "D1,,Beta,,,,,2026-01-01")
    world.roster("D1,px4:2,Acme,,,anna@x", "D1,,Beta,,,,,2026-02-01")

    assert serial_of(world.ledger, "px4:1", T0) is None
    assert resolve(world.ledger, "px4:2", T0).customer == "Acme"


def test_what_a_file_does_not_name_stays(world):
    world.roster("D1,px4:1,Acme,,,anna@x")
    before = links(world)
    world.roster("D2,px4:2,Beta,,,bob@x")

    assert before < links(world)


def test_a_drone_with_a_bad_row_keeps_what_was_known(world):
    world.roster("D1,px4:1,Acme", "D1,,Beta,,,,,2026-01-01")
    broken = parse("serial,uid,customer,csm_email,valid_from", "D1,px4:1,Acme,,", "D1,,Beta,b,x")
    apply_roster(world.ledger, broken)

    assert resolve(world.ledger, "px4:1", T0).customer == "Beta"


def test_a_distributor_may_fly_drones_of_its_own(world):
    world.roster("D1,px4:1,Dealer", "D2,px4:2,Acme,Dealer")

    kinds = {row["account"]: row["kind"] for row in world.rows("SELECT * FROM accounts")}
    assert kinds == {"Dealer": "distributor", "Acme": "customer"}


def test_the_station_may_claim_a_drone_but_the_roster_decides(world):
    world.roster("D1", "D2,px4:2")
    world.sighting(T0, None, uid="px4:1", serial="D1")
    world.sighting(T0, None, uid="px4:2", serial="D1")
    world.sighting(T0, None, uid="px4:3", serial="unheard-of")

    uids = ["px4:1", "px4:2", "px4:3", "as:D1", "as:D9"]
    assert [serial_of(world.ledger, uid, T0) for uid in uids] == ["D1", "D2", None, "D1", None]
