"""What is shown is what would leave, parameters that changed included."""

import re
import shutil
import subprocess
import sys

import msgspec
import pytest

from tests.agent.test_importer import CRASH, NORMAL
from windsock.agent.catalogue_file import CATALOGUE
from windsock.agent.clock import system_clock
from windsock.agent.intake import Handling, take_in
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.stores import open_stores


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text(f'agent = "a"\nstate = "{tmp_path}/state"\n')
    return path


def preview(*arguments):
    command = [sys.executable, "-m", "windsock.agent", "preview", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def remember_earlier_log(folder):
    """As if this drone had flown before, with one parameter set otherwise; its name."""
    intake = take_in(NORMAL, Handling(serial="SN-2"))
    name = sorted(intake.parameters)[0]
    start_us = intake.record.flights[0].start.us
    before = dict(intake.parameters) | {name: intake.parameters[name] + 5}
    spool, catalogue = open_stores(
        Settings(agent="a", state=folder / "state"), Identity("a", "0"), system_clock()
    )
    catalogue.remember_parameters(intake.record.drone_uid, start_us - 1, "0" * 32, before)
    spool.close()
    catalogue.close()
    return name, before[name], intake.parameters[name]


def test_parameters_that_changed_are_shown_as_they_would_leave(settings, tmp_path):
    name, before, now = remember_earlier_log(tmp_path)
    state = (tmp_path / "state" / CATALOGUE).read_bytes()

    done = preview("-c", settings, "--drone", "SN-2", NORMAL)

    shown = re.search(r'"parameters_changed": (\{.*?\})', done.stdout, re.DOTALL)
    assert msgspec.json.decode(shown[1]) == {name: [before, now]}
    assert "parameters that changed" not in done.stdout
    assert (tmp_path / "state" / CATALOGUE).read_bytes() == state


def test_without_the_stations_state_it_says_what_else_would_leave(settings, tmp_path):
    done = preview(NORMAL)
    assert "parameters_changed" not in done.stdout
    assert "-c agent.toml shows them" in " ".join(done.stdout.split())

    assert "shows them" not in preview("-c", settings, NORMAL).stdout
    assert not (tmp_path / "state").exists()


def test_a_missing_log_does_not_hide_its_neighbour(tmp_path):
    log = tmp_path / "flight.bin"
    shutil.copy(CRASH, log)

    done = preview(tmp_path / "missing.ulg", log)

    assert done.returncode == 1
    assert "missing.ulg: No such file or directory" in done.stderr
    assert f"{log.name}: this leaves the station" in done.stdout.replace("\n", "")
