"""Windows on their way: which lane, and what `read --json --series` prints of them."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from windsock.agent.intake import Handling, messages, take_in
from windsock.agent.plain_lines import json_line
from windsock.protocol.envelope import BACKLOG, SERIES
from windsock.protocol.messages import Series, Window
from windsock.protocol.series import decode_samples, values
from windsock.protocol.signals import WINDOW_BY_NAME

LOGS = Path(__file__).parents[1] / "logs"
CRASH, NORMAL = LOGS / "d2_hard_impact_upright.BIN", LOGS / "h1_v455_normal.BIN"
YEAR_US = 365 * 86_400_000_000


@pytest.fixture(scope="module")
def crash():
    return take_in(CRASH, Handling("none"))


def start_us(intake):
    return intake.record.flights[0].start.us


@pytest.mark.parametrize(
    ("log", "age_us", "lane"),
    [
        (NORMAL, 0, SERIES),
        (NORMAL, YEAR_US, BACKLOG),
        (CRASH, 0, SERIES),
        (CRASH, YEAR_US, SERIES),
    ],
)
def test_windows_of_urgent_flights_overtake_the_backlog(log, age_us, lane):
    intake = take_in(log, Handling())
    sent = messages(intake, start_us(intake) + age_us)

    assert [lane for lane, message in sent if isinstance(message, Window)] == [lane]


def test_a_window_is_sent_ahead_of_the_series(crash):
    kinds = [type(message) for _, message in messages(crash, start_us(crash))]

    assert kinds.index(Window) < kinds.index(Series)


def test_positions_none_keeps_the_whole_window(crash):
    assert set(crash.windows[0].low) == set(WINDOW_BY_NAME)


def test_json_has_the_same_numbers(crash):
    (one,) = crash.windows
    (plain,) = json.loads(json_line(crash, series=True))["windows"]
    times, force = decode_samples(one.full["force_m_s2"], 10)

    assert plain["low"]["tilt_deg"] == values(
        "tilt_deg", one.low["tilt_deg"], one.rows, WINDOW_BY_NAME
    )
    assert plain["full"]["force_m_s2"] == {"times_us": times.tolist(), "values": force.tolist()}
    assert plain["event_boot_us"] == one.event_boot_us


def test_json_is_short_unless_asked():
    line = json.loads(json_line(take_in(NORMAL, Handling()), series=False))

    assert not {"series", "windows", "dropouts", "parameters"} & set(line)


def test_parameters_are_printed_when_asked_for():
    command = [sys.executable, "-m", "windsock.agent", "read", "--json", "--parameters", NORMAL]
    done = subprocess.run(command, capture_output=True, check=True)
    parameters = msgspec.json.decode(done.stdout)["parameters"]

    assert parameters["ARMING_CHECK"] == 1
    assert not [name for name in parameters if name.startswith("STAT_")]


def test_a_name_in_another_encoding_is_still_a_log(tmp_path):
    odd = tmp_path / "caf\udce9.BIN"
    odd.write_bytes(b"no log")
    intake = take_in(odd, Handling())

    assert "caf?.BIN" in json_line(intake, series=False)
    assert [message.name for _, message in messages(intake, 0)] == ["caf?.BIN"]
