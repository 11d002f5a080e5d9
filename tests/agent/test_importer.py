"""Logs are queued once, whole, in the right lane; what can't be read is said."""

import os
import shutil
from pathlib import Path

import pytest

from windsock.agent.catalogue import open_catalogue
from windsock.agent.clock import Clock
from windsock.agent.files import find_logs
from windsock.agent.importer import Importer
from windsock.agent.intake import Handling, take_in
from windsock.agent.settings import Settings, Watch
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.agent.stores import open_stores
from windsock.protocol.envelope import BACKLOG, FLIGHTS, SERIES, URGENT, decode
from windsock.protocol.messages import Flight, Log

LOGS = Path(__file__).parents[1] / "logs"
CRASH, NORMAL = LOGS / "d2_hard_impact_upright.BIN", LOGS / "h1_v455_normal.BIN"
FLOWN_US = 1_795_465_500_000_000
DAY_US = 86_400_000_000


class Station:
    """An importer with its stores, on a clock that tests set."""

    def __init__(self, folder):
        self.now_us = FLOWN_US
        clock = Clock(lambda: self.now_us, lambda: 0, "boot")
        self.spool = open_spool(folder / "spool", Identity("station-7", "0"), clock)
        self.importer = Importer(self.spool, open_catalogue(folder / "catalogue", clock), clock)

    def queued(self):
        return [decode(self.spool.payload(batch)) for batch in self.spool.head(1000)]


@pytest.fixture
def station(tmp_path):
    return Station(tmp_path)


def test_a_log_is_queued_once_or_again_if_asked(station):
    handling = Handling(serial="SN-1")
    first = station.importer.import_file(CRASH, handling)
    second = station.importer.import_file(CRASH, handling)
    assert (first.status, first.detail, second.status) == ("queued", "1 flight", "known")
    assert len(station.queued()) == first.batches

    again = station.importer.import_file(CRASH, handling, again=True)
    assert again.batches == first.batches


def test_a_crash_leaves_first_and_an_old_flight_last(station):
    station.importer.import_file(NORMAL, Handling())
    station.importer.import_file(CRASH, Handling())
    lanes = [batch.header.lane for batch in station.queued()]
    assert isinstance(station.queued()[0].message, Flight)
    assert lanes == sorted(lanes)
    assert set(lanes) == {URGENT, FLIGHTS, SERIES}

    station.now_us += 8 * DAY_US
    station.importer.import_file(NORMAL, Handling(), again=True)
    assert {batch.header.lane for batch in station.queued()} == {URGENT, FLIGHTS, SERIES, BACKLOG}


def test_a_log_that_cannot_be_read_is_told_upstream(station, tmp_path):
    secret = tmp_path / "secret.ulg"
    secret.write_bytes(b"ULogEnc" + bytes(100))

    outcome = station.importer.import_file(secret, Handling())

    assert (outcome.status, "encrypted" in outcome.detail) == ("unreadable", True)
    (batch,) = station.queued()
    assert isinstance(batch.message, Log)
    assert "encrypted" in batch.message.error


def test_logs_lost_with_the_spool_are_queued_again(tmp_path):
    settings = Settings(agent="a", state=tmp_path)
    clock = Clock(lambda: FLOWN_US, lambda: 0, "boot")

    def import_all():
        spool, catalogue = open_stores(settings, Identity("a", "0"), clock)
        outcome = Importer(spool, catalogue, clock).import_file(NORMAL, Handling())
        spool.close()
        catalogue.close()
        return outcome.status

    assert [import_all(), import_all()] == ["queued", "known"]
    (tmp_path / "spool.sqlite").write_bytes(b"damaged!" * 1000)
    assert import_all() == "queued"


def test_no_position_leaves_in_a_parameter_unless_all_may():
    log = take_in(NORMAL, Handling("full"))
    assert {"SIM_PLD_LAT", "COMPASS_DEC"} <= set(log.parameters)

    for positions in ("coarse", "none"):
        names = set(take_in(NORMAL, Handling(positions)).parameters)
        assert not {name for name in names if "_LAT" in name or "_LON" in name}
        assert "COMPASS_DEC" not in names


def test_a_missing_file_is_an_outcome_and_nothing_is_queued(station, tmp_path):
    outcome = station.importer.import_file(tmp_path / "gone.ulg", Handling())

    assert (outcome.status, outcome.detail) == ("missing", "No such file or directory")
    assert station.queued() == []


def test_a_watched_folder_is_imported_once_its_files_rest(station, tmp_path):
    card = tmp_path / "card" / "APM" / "LOGS"
    card.mkdir(parents=True)
    watch = Watch(folder=tmp_path / "card", drone="SN-2")
    copied = card / "00000001.BIN"
    copied.write_bytes(NORMAL.read_bytes()[:500_000])

    assert station.importer.scan(watch, Handling()) == []
    shutil.copy(NORMAL, copied)
    assert station.importer.scan(watch, Handling()) == [], "it grew"
    (outcome,) = station.importer.scan(watch, Handling())
    assert outcome.status == "queued"
    assert station.importer.scan(watch, Handling()) == []
    uids = {b.message.logs[0].drone_uid for b in station.queued() if isinstance(b.message, Flight)}
    assert uids == {"as:SN-2"}


def test_a_card_that_is_not_there_is_no_error(station, tmp_path):
    assert station.importer.scan(Watch(folder=tmp_path / "nowhere"), Handling()) == []


def test_logs_in_folders_are_found_by_their_suffix_newest_first(tmp_path):
    for age, name in enumerate(("b.bin", "A.ULG", "notes.txt", "c.ulge")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))

    assert [path.name for path in find_logs([tmp_path])] == ["b.bin", "A.ULG", "c.ulge"]
