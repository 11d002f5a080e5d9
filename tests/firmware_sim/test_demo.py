"""What the demo tells and shows; that it plays is tests/docs/test_readme.py."""

import io
from email.message import EmailMessage
from pathlib import Path

import pytest
from rich.console import Console

from tests.collector.world import World
from windsock.collector.outside.take import take
from windsock.firmware_sim.demo.cast import LIVES, owners, roster
from windsock.firmware_sim.demo.settings import Ports
from windsock.firmware_sim.demo.showing import show_kept
from windsock.firmware_sim.history import DAY_US, tell
from windsock.protocol.messages import Flight, Sighting

NOW = 1_795_000_000_000_000


def test_its_files_of_facts_do_not_take_from_each_other(tmp_path):
    world = World(tmp_path / "ledger")
    files = ("owners", owners()), ("roster", roster({life.serial: life.uid for life in LIVES}))
    taken = [take(world.ledger, kind, text.encode(), kind, NOW) for kind, text in files]
    world.ledger.close()

    assert [(one.refused, one.errors, one.warnings) for one in taken] == [(0, [], [])] * 2


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.serial)
def test_counters_say_what_its_drones_have_flown(life):
    told = list(tell(life, NOW, 120))
    first, last = (one for one in told if isinstance(one, Sighting))
    flights = [record for one in told if isinstance(one, Flight) for record in one.logs]
    flown_s = sum(record.flights[0].facts["airborne_s"] for record in flights)

    counted_s = last.counters.flight_time_s - first.counters.flight_time_s
    assert counted_s == pytest.approx(flown_s, abs=len(flights))
    assert first.seen.us < min(record.flights[0].start.us for record in flights)
    assert last.seen.us == NOW - life.powered_days_ago * DAY_US


def test_the_link_of_a_mail_is_shown_whole_in_a_narrow_terminal():
    link = "http://127.0.0.1:8080/case/" + "x" * 90
    mail = EmailMessage()
    mail.set_content(f"WHO   Acme\nANSWER     {link} - done, snooze.\n")
    console = Console(width=60, file=io.StringIO())
    show_kept(Path(".demo"), Ports(1, 2, 8080), None, [EmailMessage(), mail], console)

    assert link in [word for line in console.file.getvalue().splitlines() for word in line.split()]
