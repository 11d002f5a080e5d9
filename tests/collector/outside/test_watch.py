"""Files that people put into a folder, and those that settings name."""

import logging
import os
from pathlib import Path

import pytest

from tests.collector.outside.facts import facts
from tests.collector.world import T0, S
from windsock.collector.outside.files import stamp
from windsock.collector.outside.watch import Watch
from windsock.collector.settings import Outside, Settings

LOOK = 5 * S
MOST = 16 * 2**20


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "facts"
    folder.mkdir()
    return folder


@pytest.fixture
def watch(folder):
    return Watch(Settings(outside=Outside(folder=folder)))


class Clock:
    """Looks into the folder, one look after the other."""

    def __init__(self, world, watch):
        self.world, self.watch, self.now_us = world, watch, T0

    def look(self, times=1):
        came = False
        for _ in range(times):
            self.now_us += LOOK
            came = self.watch.take_in(self.world.ledger, self.now_us)
        return came


@pytest.fixture
def clock(world, watch):
    return Clock(world, watch)


def write(path, *lines, at_s=1000):
    path.write_text("\n".join(lines))
    os.utime(path, (at_s, at_s))


def tickets(world):
    return [row["ticket"] for row in world.rows("SELECT ticket FROM tickets ORDER BY ticket")]


def test_a_file_is_taken_once_it_no_longer_changes(world, folder, clock):
    write(folder / "tickets.csv", "ticket,critical", "1,y")
    assert not clock.look()
    write(folder / "tickets.csv", "ticket,critical", "1,yes", "2,no")
    assert not clock.look()
    assert tickets(world) == []

    assert clock.look()
    assert tickets(world) == ["1", "2"]
    assert not clock.look(3)


def test_a_file_that_changed_is_taken_again(world, folder, clock):
    write(folder / "tickets-may.csv", "ticket,critical", "1,yes")
    clock.look(2)
    write(folder / "tickets-may.csv", "ticket,critical", "1,yes", "2,yes")
    clock.look(2)

    assert tickets(world) == ["1", "2"]
    assert len(world.rows("SELECT * FROM imports")) == 2


def test_after_a_restart_a_file_that_did_not_change_undoes_nothing(world, folder, clock, watch):
    write(folder / "accounts.csv", "account,stage", "Acme,lead")
    clock.look(2)
    write(folder / "accounts-2.csv", "account,stage", "Acme,customer")
    clock.look(2)
    before = facts(world)

    again = Clock(world, Watch(watch._settings))
    assert not again.look(3)
    assert facts(world) == before
    assert world.rows("SELECT value FROM traits") == [{"value": "customer"}]


def test_what_names_things_is_taken_before_what_speaks_of_them(world, folder, clock, caplog):
    write(folder / "tickets.csv", "ticket,critical,account", "1,yes,Acme")
    write(folder / "drones.csv", "serial,customer", "D1,Acme")
    clock.look(2)

    assert tickets(world) == ["1"]
    assert "not known yet" not in caplog.text


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("tickets.csv", True),
        ("Tickets 2026.CSV", True),
        ("tickets_new.jsonl", True),
        ("ticketsold.csv", False),
        ("tickets.csv~", False),
        (".tickets.csv", False),
        ("tickets.xlsx", False),
    ],
)
def test_the_name_says_what_is_in_it(world, folder, clock, name, taken):
    content = '{"ticket": 1, "critical": true}' if name.endswith("l") else "ticket,critical\n1,yes"
    write(folder / name, content)
    clock.look(2)

    assert bool(tickets(world)) == taken


def test_a_name_that_says_nothing_is_said_once(folder, clock, caplog):
    write(folder / "misc.csv", "a,b")
    clock.look(4)

    assert caplog.text.count("misc.csv: its name begins with none of roster, drones") == 1


def test_what_is_wrong_is_logged_and_the_rest_holds(world, folder, clock, caplog):
    caplog.set_level(logging.INFO)
    write(folder / "tickets.csv", "ticket,critical", *["1,hm"] * 30, "2,yes")
    clock.look(2)

    assert tickets(world) == ["2"]
    assert caplog.text.count("expected yes or no, got 'hm'") == 20
    assert "tickets: 1 rows taken, 30 refused, 10 of them not named here" in caplog.text


def test_a_huge_file_is_not_read(world, folder, clock, caplog):
    with (folder / "tickets.csv").open("wb") as file:
        file.truncate(100 * 2**20)
    clock.look(2)

    assert "more than 16 MB, which is the most that is taken at once" in caplog.text
    assert world.rows("SELECT taken, refused FROM imports") == [{"taken": 0, "refused": 0}]


def test_a_file_that_nobody_may_read_and_a_folder_that_went_away(folder, clock, caplog):
    path = folder / "tickets.csv"
    path.symlink_to(folder / "gone")
    assert not clock.look(2)
    path.unlink()
    folder.rmdir()
    assert not clock.look()
    assert "facts: No such file or directory" in caplog.text


def test_a_name_that_is_not_utf8_is_shown_as_its_bytes(world, folder, clock):
    path = Path(os.fsdecode(os.fsencode(folder) + b"/tickets-M\xfcller.csv"))
    write(path, "ticket,critical", "1,yes", "2,hm")

    assert clock.look(2)
    assert tickets(world) == ["1"]
    (row,) = world.rows("SELECT source, errors FROM imports")
    assert row["source"].endswith(r"tickets-M\xfcller.csv")


class TestFilesOfSettings:
    def test_each_is_taken_at_once_and_again_when_it_changed(self, world, tmp_path):
        roster, releases = tmp_path / "roster.csv", tmp_path / "releases.csv"
        write(roster, "serial,customer", "D1,Acme")
        write(releases, "version,released_at", "7.1,2026-01-01")
        watch = Watch(Settings(roster=roster, releases=releases))

        assert watch.take_in(world.ledger, T0)
        assert not watch.take_in(world.ledger, T0)
        write(releases, "version,released_at", "7.2,2026-01-01", at_s=2000)
        assert watch.take_in(world.ledger, T0)
        assert world.rows("SELECT version FROM releases") == [{"version": "7.2"}]

    def test_one_with_an_error_changes_no_release(self, world, tmp_path, caplog):
        releases = tmp_path / "releases.csv"
        write(releases, "version,released_at", "7.1,2026-01-01")
        watch = Watch(Settings(releases=releases))
        watch.take_in(world.ledger, T0)
        write(releases, "version,released_at", "7.2,2026-01-01", "x,y", at_s=2000)
        watch.take_in(world.ledger, T0)

        assert world.rows("SELECT version FROM releases") == [{"version": "7.1"}]
        assert "releases.csv:3:version: expected a version" in caplog.text

    def test_a_restart_does_not_bring_back_what_others_changed_since(self, world, tmp_path):
        roster = tmp_path / "roster.csv"
        write(roster, "serial,customer", "D1,Acme")
        settings = Settings(roster=roster)
        Watch(settings).take_in(world.ledger, T0)
        world.roster("D1,,Beta")
        assert not Watch(settings).take_in(world.ledger, T0)

        assert world.rows("SELECT object FROM links") == [{"object": "Beta"}]

    def test_one_that_cannot_be_read_is_named_and_the_others_are_taken(
        self, world, tmp_path, caplog
    ):
        never = Path("/proc/self/mem")  # a regular file that gives its first byte to nobody
        mails = tmp_path / "mails.csv"
        write(mails, "account,version,sent_at", "Acme,7.1,2026-01-01")
        Watch(Settings(releases=never, update_mails=mails)).take_in(world.ledger, T0)

        assert caplog.text.count("/proc/self/mem: Input/output error") == 1
        assert world.rows("SELECT kind, taken FROM imports") == [{"kind": "mails", "taken": 1}]

    def test_who_may_read_it_is_part_of_what_it_looks_like(self, tmp_path):
        path = tmp_path / "releases.csv"
        write(path, "version,released_at")
        before = stamp(path)
        path.chmod(0o600 if path.stat().st_mode & 0o044 else 0o644)

        assert stamp(path) != before
