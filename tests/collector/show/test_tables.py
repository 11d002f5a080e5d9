import msgspec
import pytest

from tests.collector.judged import CRASH, FINE, SETTINGS
from tests.collector.show.printed import printed
from tests.collector.world import DAY, T0
from windsock.collector.cases.judge import judge_fleet, judge_new
from windsock.collector.cases.rows import case_rows
from windsock.collector.fleet.states import drone_states
from windsock.collector.show.layout import Column, laid_out, text
from windsock.collector.show.tables import cases_table, fleet_table, json_lines

NOW = T0 + 40 * DAY


def words(line):
    return " ".join(line.split())


@pytest.fixture
def fleet(world):
    """One drone in each state that matters."""
    world.roster(
        "D1,px4:01,Acme,Dealer,Anna,anna@maker",
        "D2,px4:02,Acme",
        "D3,px4:03,Acme",
        "D4,px4:04,,,,,stock",
        "D5,,Acme",
    )
    world.online(T0, NOW)
    world.flight(T0 + 39 * DAY, facts=CRASH)
    world.flight(T0, uid="px4:02", facts=FINE)
    world.flight(T0, uid="px4:03", agent="dock-2")
    world.flight(T0, uid="px4:09", airborne_s=5.0)
    world.sighting(T0 + 39 * DAY, None, firmware='{"version": "1.15.4", "vendor_version": "7.1"}')
    judge_new(world.ledger, NOW, SETTINGS)
    judge_fleet(world.ledger, NOW, SETTINGS)
    return world


def states(world):
    return drone_states(world.ledger, NOW, SETTINGS)


def test_the_state_of_each_drone(fleet):
    assert {state.serial or state.drone_uid: state.state for state in states(fleet)} == {
        "D1": "new",
        "D2": "inactive",
        "D3": "unseen",
        "D4": "stock",
        "D5": "delivered-never-flown",
        "px4:09": "unclaimed",
    }


def test_what_is_known_of_a_drone(fleet):
    drone = states(fleet)[0]

    assert (drone.drone_uid, drone.customer, drone.distributor) == ("px4:01", "Acme", "Dealer")
    assert (drone.firmware, drone.verdict, drone.kind) == ("7.1", "crash", "impact")
    assert (drone.days_since_flight, drone.flights, drone.airborne_s) == (1.0, 1, 600.0)
    assert (drone.station, drone.open_cases) == ("dock-1", 1)


def test_the_fleet_as_a_table(fleet):
    lines = printed(fleet_table(states(fleet), 200))

    assert words(lines[0]) == (
        "drone customer CSM product firmware last flight flights hours state data seen"
        " of customer last verdict kind station"
    )
    assert words(lines[2]) == (
        "D1 Acme Anna - 7.1 2026-02-09 1 0.2 new fresh - - crash impact dock-1"
    )
    assert lines[-1].strip() == "1 unclaimed: put the uid (--json) into the roster"


def test_a_narrow_terminal_gets_fewer_columns_and_is_told(fleet):
    lines = printed(fleet_table(states(fleet), 70), 70)

    assert words(lines[0]) == "drone customer last flight state last verdict"
    assert "no room for CSM" in " ".join(lines)
    assert max(map(len, lines)) <= 70


def test_who_was_told_is_there_in_120_columns(fleet):
    """README: what is open, how sure, who was told."""
    lines = printed(cases_table(case_rows(fleet.ledger, NOW), 120), 120)

    assert {"what", "severity", "basis", "told", "CSM"} <= set(lines[0].split())


@pytest.mark.parametrize("width", [40, 60, 80])
def test_nothing_is_cut_off_where_no_column_may_go(width):
    words = ["acknowledge", "anna@maker.example", "snoozed until 2026-12-05, via command"]
    columns = [Column(name, lambda row, at=at: text(row[at])) for at, name in enumerate("abc")]
    shown = "\n".join(printed(laid_out(columns, [words], width, []), width))

    letters = [letter for letter in "".join(shown.split()) if letter != "─"]
    assert sorted(letters) == sorted("abc" + "".join(words).replace(" ", ""))
    assert max(map(len, shown.splitlines())) <= width


def test_the_cases_as_a_table(fleet):
    lines = printed(cases_table(case_rows(fleet.ledger, NOW), 200, ["smtp: 1 notice parked: 550"]))

    assert [line.split()[1] for line in lines[2:5]] == ["X1", "D1a", "X2"]
    assert "not flown for 40 days" in lines[3]
    assert lines[-1].strip() == "smtp: 1 notice parked: 550"


def test_resolved_cases_only_where_asked_for(fleet):
    fleet.flight(NOW, uid="px4:02", facts=FINE)
    judge_fleet(fleet.ledger, NOW, SETTINGS)

    assert len(case_rows(fleet.ledger, NOW)) == 2
    (*_, last) = case_rows(fleet.ledger, NOW, closed=True)
    assert (last.rule, last.state) == ("D1a", "resolved")


def test_json_lines_hold_everything(fleet):
    (drone, *_) = map(msgspec.json.decode, json_lines(states(fleet)))
    (case, *_) = map(msgspec.json.decode, json_lines(case_rows(fleet.ledger, NOW)))

    assert drone["flown_utc"] == "2026-02-09T00:00:00+00:00"
    assert (case["rule"], case["csm"], case["decision"]) == ("X1", "anna@maker", "notify")
    assert case["facts"]["evidence"][0]["fact"] == "contact_force_m_s2"


def test_nothing_from_outside_moves_the_terminal(world):
    world.flight(T0, uid="px4:[red]x")
    world.sighting(T0, None, uid="px4:[red]x", firmware='{"version": "\\u001b[2J[bold]"}')
    table = "\n".join(printed(fleet_table(states(world), 200)))

    assert "\x1b" not in table
    assert "px4:[red]x" in table
    assert "[2J[bold]" in table


def test_empty_tables(world):
    assert "no drones yet" in printed(fleet_table(states(world), 200))[-1]
    assert "no open cases" in printed(cases_table(case_rows(world.ledger, NOW), 80))[-1]
