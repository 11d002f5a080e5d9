"""What would bring back what was forgotten is named, and a file that did not change doesn't."""

import pytest

from tests.collector.world import DAY, T0
from windsock.collector.forget.command import erase
from windsock.collector.forget.mentions import Names
from windsock.collector.forget.returning import comes_back
from windsock.collector.forget.scope import scope_of
from windsock.collector.ledger import transaction
from windsock.collector.outside.watch import Watch
from windsock.collector.settings import Hubspot, Outside, Settings


@pytest.fixture
def settings(tmp_path):
    folder = tmp_path / "facts"
    folder.mkdir()
    return Settings(outside=Outside(folder=folder))


def look(world, settings, now_us):
    watch = Watch(settings)
    for look in range(3):
        watch.take_in(world.ledger, now_us + look * 5_000_000)


def test_a_file_that_did_not_change_brings_nobody_back(world, settings):
    """What was wrong with it names them; that goes, and that it was taken stays."""
    text = "account,kind\nAcme,customer\nX,Acme\n"
    (settings.outside.folder / "accounts.csv").write_text(text)
    (settings.outside.folder / "tickets.csv").write_text("ticket,critical,account\n1,yes,Acme\n")
    look(world, settings, T0)
    assert world.rows("SELECT * FROM imports WHERE errors LIKE '%Acme%'")
    with transaction(world.ledger):
        erase(world.ledger, scope_of(world.ledger, "Acme"))
    look(world, settings, T0 + DAY)

    assert world.rows("SELECT * FROM accounts") == world.rows("SELECT * FROM tickets") == []
    assert len(world.rows("SELECT * FROM imports WHERE errors NOT LIKE '%Acme%'")) == 2


def test_the_lines_of_files_are_named(settings):
    folder = settings.outside.folder
    (folder / "accounts.csv").write_text("account\nM\u00fcller\nOther\n")
    (folder / "tickets.json").write_text('{"ticket": 1,\n "account": "M\\u00fcller"}')
    (folder / "words.txt").write_text("M\u00fcller")
    said = list(comes_back(settings, Names(["M\u00fcller"])))

    assert [line.partition(" ")[0] for line in said] == [
        f"{folder}/accounts.csv:2", f"{folder}/tickets.json:2"
    ]  # fmt: skip


def test_what_cannot_be_looked_into_is_said(settings, tmp_path):
    settings.outside.folder.rmdir()
    gone = Settings(outside=settings.outside, roster=tmp_path / "no.csv")
    said = list(comes_back(gone, Names(["Acme"])))

    assert [line.partition(";")[0] for line in said] == [
        f"{path}: No such file or directory" for path in (gone.roster, gone.outside.folder)
    ]


def test_hubspot_is_named_where_it_is_a_source(tmp_path):
    hubspot = Hubspot(token_file=tmp_path / "token")

    assert [line[:20] for line in comes_back(Settings(hubspot=hubspot), Names(["Acme"]))] == [
        "HubSpot brings back "
    ]
