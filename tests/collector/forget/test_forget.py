"""Forgotten is forgotten: no trace in the file, and nobody else loses anything."""

import re
import zlib
from importlib.resources import files

import msgspec
import pytest

from tests.collector.crashed import ANNA, NOW, crash, settings_in
from tests.collector.world import DAY, HOUR, T0
from tests.protocol.examples import HEADER, START
from windsock.collector.__main__ import main
from windsock.collector.answers.answer import apply_answer
from windsock.collector.answers.said import Answer
from windsock.collector.dashboards.days import refresh_days
from windsock.collector.forget.command import erase, scrub
from windsock.collector.forget.mentions import FORGOTTEN, Names
from windsock.collector.forget.scope import UnknownSubjectError, scope_of
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction
from windsock.collector.outside.take import take
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Day
from windsock.collector.sql import insert
from windsock.protocol.envelope import encode
from windsock.protocol.messages import Sighting

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FJORD = ("WX-0002", "px4:01", "Fjord Inspection", "ops@fjord.example", "kari@fjord.example",
         "Kari Nordmann")  # fmt: skip
NOT_FACTS = ("sqlite_sequence", "progress", "imports", "batches", "stale_days")
CONTACTS = "account,email,name\nFjord Inspection,kari@fjord.example,Kari Nordmann\n"
OTHERS = "account,email,name\nAlpine,uli@alpine.example,Uli\n"
TICKETS = "ticket,drone,critical,incident,state\nT-1,WX-0002,yes,2026-01-20,open\n"
SURVEYS = """survey,account,kind,score,scale,answered
S-1,Fjord Inspection,CES,3,7,2026-01-20
S-2,Fjord Inspection,CES,4,7,2026-01-25
"""
ROSTER = (
    "WX-0050,px4:50,Surveyor 4,2025-06-01,Alpine,fly@alpine.example,,Anna Berg,"
    f"{ANNA},Ole,ole@maker.example"
)


@pytest.fixture
def settings(tmp_path):
    return msgspec.structs.replace(settings_in(tmp_path), day=Day(working_days=DAYS))


@pytest.fixture
def neighbour(world, settings):
    """Alpine and its drone, which has not flown for a while."""
    taken = take(world.ledger, "roster", _roster(ROSTER), "roster", T0)
    assert not taken.errors
    take(world.ledger, "contacts", OTHERS.encode(), "contacts", T0)
    for day in range(90, 50, -1):
        world.flight(NOW - day * DAY, uid="px4:50")
    world.online(NOW - 90 * DAY, NOW)
    rounds(world, settings).make(NOW)
    return rows_of(world)


def _roster(*lines):
    head = ("serial,uid,product,delivered,customer,customer_email,distributor,csm,csm_email,sales,"
            "sales_email")  # fmt: skip
    return "\n".join([head, *lines]).encode()


def rounds(world, settings):
    return Rounds(settings, world.ledger, Telemetry(world.ledger, None))


@pytest.fixture
def fjord(world, settings, neighbour):
    """Fjord Inspection with all that there can be of a customer; its case of a crash."""
    case = crash(world, settings, more=(ROSTER,), distributor="")
    for kind, text in (("contacts", CONTACTS + OTHERS.partition("\n")[2]), ("tickets", TICKETS),
                       ("surveys", SURVEYS)):  # fmt: skip
        assert not take(world.ledger, kind, text.encode(), kind, NOW).errors
    with transaction(world.ledger) as ledger:
        answer = Answer("confirmed", None, "Kari says so", ANNA, "link")
        apply_answer(ledger, case, answer, NOW)
        insert(ledger, "sightings", {"drone_uid": "px4:01", "seen_us": NOW, "source": "serial",
                                     "quality": "station", "agent": "dock-1",
                                     "received_us": NOW})  # fmt: skip
        quarantine(ledger, b"cut" + packed("px4:01"))
        insert(ledger, "hubspot_tasks", {"task": "1", "finish": "2", "case_id": case})
        insert(ledger, "hubspot_companies", {"id": "1", "account": "Fjord Inspection"})
        insert(ledger, "dead_letters", {"at_us": NOW, "error": "x", "line": "flight,drone=px4:01"})
    rounds(world, settings).make(NOW)
    return neighbour


def packed(uid):
    """A batch that was cut on its way."""
    return encode(HEADER, Sighting(drone_uid=uid, seen=START, source="serial"))[:-3]


def quarantine(ledger, payload):
    row = {"digest": zlib.crc32(payload).to_bytes(4), "topic": "t", "received_us": NOW}
    insert(ledger, "quarantine", row | {"reason": "cut", "payload": payload})


def rows_of(world):
    """Every table's rows."""
    tables = world.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {
        table["name"]: sorted(map(repr, world.rows(f"SELECT * FROM {table['name']}")))
        for table in tables
        if table["name"] not in NOT_FACTS
    }


def forget(world, name):
    world.ledger.execute("PRAGMA secure_delete = ON")
    with transaction(world.ledger):
        gone = erase(world.ledger, scope_of(world.ledger, name))
    scrub(world.ledger)
    return gone


@pytest.mark.usefixtures("fjord")
def test_days_are_forgotten_and_the_fleets_are_added_up_again(world):
    nobody = Telemetry(world.ledger, None)
    refresh_days(world.ledger, nobody, NOW, simulated=True)
    flown = "SELECT sum(flights) AS flights FROM drone_days"
    with_fjord = world.rows(flown)[0]["flights"]

    forget(world, "Fjord Inspection")

    assert found_in(world, FJORD) == []
    assert {row["drone_uid"] for row in world.rows("SELECT drone_uid FROM stale_days")} == {""}
    refresh_days(world.ledger, nobody, NOW, simulated=True)
    assert 0 < world.rows(flown)[0]["flights"] < with_fjord
    assert world.rows("SELECT * FROM stale_days") == []


def found_in(world, names):
    data = b"".join(path.read_bytes() for path in world.path.parent.glob("windsock.ledger*"))
    return [name for name in names if name.lower().encode() in data.lower()]


def test_a_customer_leaves_no_trace_and_its_neighbour_as_it_was(world, fjord):
    assert found_in(world, FJORD) == list(FJORD)
    gone = forget(world, "Fjord Inspection").deleted

    assert found_in(world, FJORD) == []
    assert {
        "flights", "logs", "windows", "verdicts", "sightings", "incidents", "cases", "outbox",
        "answers", "tickets", "surveys", "contacts", "drones", "accounts",
    } <= set(gone)  # fmt: skip
    assert rows_of(world) == fjord
    assert not world.rows("PRAGMA foreign_key_check")


def test_no_table_names_a_row_that_goes_without_going_itself(world):
    """A table of a later version that refers to cases or flights needs a line in `erase.sql`."""
    script = (files("windsock.collector.forget") / "erase.sql").read_text("utf-8")
    gone = set(re.findall(r"DELETE FROM (\w+)", script))
    tables = world.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    refers = {
        table["name"]
        for table in tables
        for key in world.rows(f"PRAGMA foreign_key_list({table['name']})")
        if key["table"] in gone
    }

    assert refers
    assert refers <= gone


@pytest.mark.usefixtures("fjord")
def test_a_drone_leaves_no_trace_and_its_customer_stays(world):
    before = world.rows("SELECT * FROM accounts")
    forget(world, "WX-0002")

    assert found_in(world, ["WX-0002", "px4:01"]) == []
    assert world.rows("SELECT * FROM accounts") == before
    assert world.rows("SELECT * FROM surveys")
    assert {row["drone_uid"] for row in world.rows("SELECT * FROM flights")} == {"px4:50"}


@pytest.mark.usefixtures("fjord")
def test_of_a_digest_only_its_part_goes(world, settings):
    rounds(world, settings).make(NOW + 6 * HOUR)
    query = "SELECT notice FROM outbox WHERE json_extract(notice, '$.kind') = 'digest'"
    assert "Fjord Inspection" in world.rows(query)[0]["notice"]
    forget(world, "Fjord Inspection")
    digest = world.rows(query)[0]["notice"]

    assert "Fjord" not in digest
    assert "Alpine" in digest
    assert found_in(world, FJORD) == []


def test_what_was_flown_for_others_stays(world):
    head = "serial,uid,customer,valid_from,valid_until"
    world.roster("D1,px4:01,Old Owner,2025-01-01,2026-01-01", "D1,px4:01,New Owner,2026-01-01",
                 header=head)  # fmt: skip
    world.flight(T0 - DAY)
    mine = world.flight(T0 + DAY)
    forget(world, "Old Owner")

    assert [row["id"] for row in world.rows("SELECT id FROM flights")] == [mine]
    assert world.rows("SELECT serial FROM drones") == [{"serial": "D1"}]
    assert found_in(world, ["Old Owner"]) == []


def test_what_an_autopilot_flew_in_another_drone_stays(world):
    head = "serial,uid,customer,valid_from,valid_until"
    world.roster("D1,px4:01,Acme,2025-01-01,2026-01-01", "D2,px4:01,Acme,2026-01-01", header=head)
    world.flight(T0 - DAY)
    other = world.flight(T0 + DAY)
    forget(world, "D1")

    assert [row["id"] for row in world.rows("SELECT id FROM flights")] == [other]
    assert world.rows("SELECT subject, object FROM links WHERE kind = 'uid_drone'") == [
        {"subject": "px4:01", "object": "D2"}
    ]


def test_people_of_two_accounts_stay_with_the_other(world):
    world.roster("D1,px4:01,Acme", "D2,px4:02,Beta", header="serial,uid,customer")
    contacts = "account,email,name\nAcme,x@both.example,Xenia\nBeta,x@both.example,Xenia\n"
    take(world.ledger, "contacts", contacts.encode(), "c", T0)
    forget(world, "Acme")

    assert [row["account"] for row in world.rows("SELECT * FROM contacts")] == ["Beta"]


def test_an_autopilot_that_nobody_claimed(world):
    world.flight(T0, uid="px4:aa")
    world.flight(T0, uid="px4:aabb")
    forget(world, "px4:aa")

    assert [row["drone_uid"] for row in world.rows("SELECT * FROM flights")] == ["px4:aabb"]
    with pytest.raises(UnknownSubjectError, match="no drone, autopilot or customer"):
        scope_of(world.ledger, "px4:aa")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("drone WX-1 fell", f"drone {FORGOTTEN} fell"),
        ("drone wx-1", f"drone {FORGOTTEN}"),
        ("drone WX-11 and XWX-1", "drone WX-11 and XWX-1"),
        ('["WX-1","WX-11"]', '["WX-11"]'),
        ('{"d":[{"serial":"WX-1"},{"serial":"WX-2"}],"n":"WX-1"}',
         f'{{"d":[{{"serial":"WX-2"}}],"n":"{FORGOTTEN}"}}'),
        ("A", FORGOTTEN),
        ("A drone", "A drone"),
        ("{not JSON, WX-1", f"{{not JSON, {FORGOTTEN}"),
    ],
)  # fmt: skip
def test_names_are_taken_out_as_whole_words(text, left):
    assert Names(["WX-1", "A"]).out_of_cell(text) == left


@pytest.mark.usefixtures("fjord")
class TestCommand:
    @pytest.fixture
    def run(self, world, tmp_path, monkeypatch, capsys):
        """What `forget NAME` prints, answered as told; and its exit code."""
        config = tmp_path / "collector.toml"
        (tmp_path / "roster.csv").write_bytes(_roster("WX-0002,px4:01,,,Fjord Inspection"))
        config.write_text(f'ledger = "{world.path}"\nroster = "{tmp_path}/roster.csv"\n')

        def call(*arguments, answer="no"):
            monkeypatch.setattr("builtins.input", lambda _: answer)
            code = main(["forget", *arguments, "-c", str(config)])
            return code, capsys.readouterr()

        return call

    def test_nothing_goes_without_a_yes(self, world, run):
        before = rows_of(world)
        code, printed = run("Fjord Inspection")

        assert (code, rows_of(world)) == (1, before)
        assert "flights" in printed.out
        assert "Nothing was erased." in printed.out

    @pytest.mark.parametrize(("arguments", "answer"), [((), "yes"), (("--yes",), "no")])
    def test_what_went_and_what_would_bring_it_back(self, world, run, arguments, answer):
        code, printed = run("Fjord Inspection", *arguments, answer=answer)

        assert code == 0
        assert "roster.csv:2 names it and brings it back" in printed.out
        assert found_in(world, FJORD) == []

    def test_a_name_that_nobody_knows(self, run):
        code, printed = run("Nobody")

        assert code == 1
        assert "no drone, autopilot or customer 'Nobody'" in printed.err
