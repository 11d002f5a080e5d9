"""D3, C3 and the rates of versions, from rows of the ledger."""

import json

import pytest

from tests.collector.judged import CRASH, FINE, SETTINGS, cases, events, fleet, headlines, new
from tests.collector.show.printed import printed
from tests.collector.world import DAY, T0
from windsock.collector.__main__ import main
from windsock.collector.cases.rows import case_rows
from windsock.collector.fleet.software_rows import STOP, software_rows, version_rows
from windsock.collector.ledger import transaction
from windsock.collector.roster.releases import (
    apply_mails,
    apply_releases,
    parse_mails,
    parse_releases,
)
from windsock.collector.show.software_tables import software_table, versions_table
from windsock.collector.show.tables import json_lines
from windsock.collector.sql import insert

HEADER = "serial,uid,product,customer,stage,csm_email,hardware,channel,group,service_state"
OLD = '{"version": "1.15.4", "vendor_version": "7.0.0", "git_hash": "5a1e1f00aabbccdd"}'
NEW = '{"version": "1.16.0", "vendor_version": "7.1.0"}'
NOW = T0 + 20 * DAY


def releases(world, *lines, header="version,released_at,product,hardware,channel,waves"):
    text = "\n".join([header, *(line + "," * (header.count(",") - line.count(","))
                                for line in lines)])  # fmt: skip
    assert apply_releases(world.ledger, parse_releases(text, "releases.csv")) == []


def mails(world, *lines):
    text = "\n".join(["account,version,sent_at", *lines])
    assert apply_mails(world.ledger, parse_mails(text, "mails.csv")) == []


@pytest.fixture
def kites(world):
    """Two drones of Acme that run 7.0.0; 7.1.0 came out on the first of January 2026."""
    world.roster(
        "D1,px4:01,Kite,Acme,customer,anna@maker",
        "D2,px4:02,Kite,Acme,customer,anna@maker",
        header=HEADER,
    )
    for number in (1, 2):
        world.flight(T0 + 19 * DAY, uid=f"px4:0{number}")
        world.sighting(T0 + 19 * DAY, None, uid=f"px4:0{number}", firmware=OLD)
    releases(world, "7.0.0,2025-06-01,Kite", "7.1.0,2026-01-01,Kite")
    return world


def drones(world, now_us=NOW):
    return {row.serial: row for row in software_rows(world.ledger, now_us, SETTINGS)}


def states(world, now_us=NOW):
    return {serial: row.software for serial, row in drones(world, now_us).items()}


def of_rule(world, rule):
    return [(case["subject"], case["state"]) for case in cases(world, rule)]


def test_what_is_known_of_a_drone(kites):
    drone = drones(kites)["D1"]
    assert drone.runs == "7.0.0 (1.15.4, 5a1e1f00aabb)"
    assert (drone.software, drone.behind, drone.install) == ("overdue", True, "7.1.0")
    assert drone.seen_us == T0 + 19 * DAY


def test_old_software_is_a_case_for_the_digest(kites):
    fleet(kites, NOW)
    fleet(kites, NOW + DAY)

    assert of_rule(kites, "D3") == [("D1", "open"), ("D2", "open")]
    assert events(kites) == ["open: digest", "open: digest"]
    assert not headlines(kites)


def test_an_update_ends_it(kites):
    fleet(kites, NOW)
    kites.sighting(NOW, None, firmware=NEW)
    fleet(kites, NOW + DAY)

    assert of_rule(kites, "D3") == [("D1", "resolved"), ("D2", "open")]


@pytest.mark.parametrize(("us", "expected"), [(0, "eligible"), (1, "overdue")])
def test_the_grace_is_over(kites, us, expected):
    kites.sighting(T0 + DAY, None, firmware=OLD)
    assert states(kites, T0 + 14 * DAY + us)["D1"] == expected


def test_a_card_read_without_a_date_proves_no_power(world):
    world.roster("D1,px4:01,Kite,Acme,customer,anna@maker", header=HEADER)
    releases(world, "7.1.0,2026-01-01,Kite")
    world.sighting(NOW, None, firmware=OLD, source="log", quality="none")
    world.flight(None, received_us=NOW)
    assert states(world, NOW + 30 * DAY) == {"D1": "eligible"}

    world.flight(T0 + 1)
    assert states(world, NOW + 30 * DAY) == {"D1": "overdue"}


@pytest.mark.parametrize(
    ("app", "state"),
    [("3.3.9", "excused"), ("3.4", "overdue"), ("3.4.1", "overdue"), ("", "overdue")],
)
def test_a_release_that_needs_a_newer_app_is_not_for_it(world, app, state):
    world.roster(f"D1,px4:01,Kite,Acme,{app}", header="serial,uid,product,customer,companion_app")
    world.sighting(T0 + 19 * DAY, None, firmware=OLD)
    releases(world, "7.1.0,2026-01-01,Kite,3.4",
             header="version,released_at,product,companion_app_minimum")  # fmt: skip

    assert states(world) == {"D1": state}


def test_an_older_release_for_an_older_app(world):
    world.roster("D1,px4:01,Kite,Acme,3.3", header="serial,uid,product,customer,companion_app")
    world.sighting(T0 + 19 * DAY, None, firmware=OLD)
    releases(world, "7.0.5,2025-11-01,Kite,3.2", "7.1.0,2026-01-01,Kite,3.4",
             header="version,released_at,product,companion_app_minimum")  # fmt: skip

    assert drones(world)["D1"].install == "7.0.5"


def test_waves_channels_and_hardware(world):
    world.roster(
        "D1,px4:01,Kite,Acme,customer,,,,pilots",
        "D2,px4:02,Kite,Acme,customer,,,,",
        "D3,px4:03,Kite,Acme,customer,,,pinned,",
        "D4,px4:04,Kite,Acme,customer,,,beta,",
        "D5,px4:05,Kite,Acme,customer,,V9,,",
        "D6,px4:06,Plow,Acme,customer,,,,",
        "D7,px4:07,Kite,Acme,customer,,,,,repair",
        header=HEADER,
    )
    for number in range(1, 8):
        world.sighting(T0 + 19 * DAY, None, uid=f"px4:0{number}", firmware=OLD)
    releases(
        world,
        "7.1.0,2026-01-01,Kite,V5;V6,,pilots 2026-01-02; 100% 2026-06-01",
        "7.1.0,2026-01-01,Kite,V6X,,",
        "7.2.0-beta1,2026-01-01,Kite,,beta,",
    )
    with transaction(world.ledger) as ledger:
        ledger.execute("UPDATE drones SET hardware = 'V5' WHERE hardware IS NULL")

    assert states(world) == {
        "D1": "overdue",
        "D2": "tolerated",
        "D3": "excused",
        "D4": "overdue",
        "D5": "excused",
        "D6": "unknown",
    }


class TestC3:
    def test_after_the_mail_it_is_the_customers_case(self, kites):
        mails(kites, "Acme,7.1.0,2026-01-02")
        fleet(kites, NOW)

        assert of_rule(kites, "C3") == [("Acme", "open")]
        assert events(kites, "C3") == ["open: digest"]
        (case,) = cases(kites, "C3")
        assert (case["subject_kind"], case["playbook"]) == (
            "customer", "CS: Trouble Call End User",
        )  # fmt: skip
        (row,) = [row for row in case_rows(kites.ledger, NOW) if row.rule == "C3"]
        assert row.what == "2 drones without 7.1.0, asked on 2026-01-02"

    @pytest.mark.parametrize(("us", "number"), [(0, 0), (1, 1)])
    def test_the_grace_runs_from_the_mail(self, kites, us, number):
        mails(kites, "Acme,7.1.0,2026-01-15")
        kites.sighting(T0 + 27 * DAY, None, firmware=OLD)
        fleet(kites, T0 + 28 * DAY + us)
        assert len(cases(kites, "C3")) == number

    def test_one_drone_is_enough_and_the_last_one_ends_it(self, kites):
        mails(kites, "Acme,7.1.0,2026-01-02")
        kites.sighting(NOW, None, firmware=NEW)
        fleet(kites, NOW + 1)
        assert of_rule(kites, "C3") == [("Acme", "open")]
        kites.sighting(NOW + DAY, None, uid="px4:02", firmware=NEW)
        fleet(kites, NOW + DAY)
        assert of_rule(kites, "C3") == [("Acme", "resolved")]

    def test_another_accounts_mail_and_another_versions_are_none(self, kites):
        mails(kites, "Beta,7.1.0,2026-01-02", "Acme,7.0.0,2026-01-02")
        fleet(kites, NOW)
        assert cases(kites, "C3") == []

    def test_leads_are_not_called(self, world):
        world.roster("D1,px4:01,Kite,Acme,lead,anna@maker", header=HEADER)
        world.sighting(T0 + 19 * DAY, None, firmware=OLD)
        releases(world, "7.1.0,2026-01-01,Kite")
        mails(world, "Acme,7.1.0,2026-01-02")
        fleet(world, NOW)
        assert cases(world, "C3") == []
        assert of_rule(world, "D3") == [("D1", "open")]

    def test_distributors_are_not_either(self, kites):
        with transaction(kites.ledger) as ledger:
            ledger.execute("UPDATE accounts SET kind = 'distributor'")
        mails(kites, "Acme,7.1.0,2026-01-02")
        fleet(kites, NOW)
        assert cases(kites, "C3") == []
        assert of_rule(kites, "D3") == [("D1", "open"), ("D2", "open")]


class TestVersions:
    def fly(self, world, firmware, flights, crashes):
        for number in range(flights):
            uid = "px4:01" if firmware == OLD else "px4:02"
            log = f"{json.loads(firmware)['vendor_version']}-{number}"
            facts = CRASH if number < crashes else FINE
            world.flight(T0 - 3 * number * DAY, uid=uid, log=log, facts=facts)
            with transaction(world.ledger) as ledger:
                row = {"log_id": log, "agent": "dock-1", "received_us": T0, "firmware": firmware}
                insert(ledger, "logs", row)

    @pytest.fixture
    def flown(self, world):
        world.roster("D1,px4:01,Kite,Acme,customer", "D1,px4:02,Kite", header=HEADER)
        self.fly(world, OLD, 60, 0)
        return world

    def test_a_version_that_crashes_more_is_to_be_stopped(self, flown):
        self.fly(flown, NEW, 50, 7)
        new(flown, NOW)
        newer, older = version_rows(flown.ledger, NOW)

        assert (newer.version, newer.flights, newer.crashes, newer.advice) == (
            "7.1.0",
            50,
            7,
            STOP,
        )
        assert (older.version, older.crashes, older.advice) == ("7.0.0", 0, None)
        assert newer.crash_rate.lower > older.crash_rate.upper

    def test_one_flight_fewer_says_nothing(self, flown):
        self.fly(flown, NEW, 49, 20)
        new(flown, NOW)
        newer, _ = version_rows(flown.ledger, NOW)
        assert (newer.crash_rate, newer.advice) == (None, None)

    def test_a_little_worse_is_not_certain(self, flown):
        self.fly(flown, NEW, 50, 2)
        new(flown, NOW)
        assert version_rows(flown.ledger, NOW)[0].advice is None

    def test_what_is_withdrawn_needs_no_stopping(self, flown):
        self.fly(flown, NEW, 50, 7)
        new(flown, NOW)
        header = "version,released_at,withdrawn_at"
        releases(flown, "7.1.0,2026-01-01,2026-01-02", header=header)
        row = version_rows(flown.ledger, NOW)[0]
        assert (row.withdrawn_us, row.advice) == (T0 + DAY, None)

    def test_as_tables_and_as_json(self, flown):
        self.fly(flown, NEW, 49, 0)
        new(flown, NOW)
        releases(flown, "7.1.0,2026-01-01,Kite")
        table = printed(versions_table(version_rows(flown.ledger, NOW), 200))
        assert "no rate below 50 flights" in table[-1]
        assert "0.0 (0.0 to 41.9)" in "".join(table)
        rows = software_rows(flown.ledger, NOW, SETTINGS)
        assert "1 of 1 in service are current" in printed(software_table(rows, 200))[-1]
        lines = list(json_lines([*version_rows(flown.ledger, NOW), *rows]))
        assert [json.loads(line)["about"] for line in lines] == ["version", "version", "drone"]
        assert json.loads(lines[1])["crash_rate"]["lower"] == 0.0


def test_the_command(kites, tmp_path, capsys):
    (tmp_path / "c.toml").write_text(f'ledger = "{kites.path}"\n')
    command = ["--now", "2026-01-21T00:00", "firmware", "-c", str(tmp_path / "c.toml")]

    assert main([*command, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["software"] for line in lines if line["about"] == "drone"] == ["overdue"] * 2
    assert main(command) == 0
    assert "0 of 2 in service are current, 0 unknown" in " ".join(capsys.readouterr().out.split())
