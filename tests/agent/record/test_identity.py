"""Who wrote a log: uid, firmware, counters, simulated."""

import pytest

from tests.agent.record import scripted
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.identity import (
    counters,
    drone_uid,
    firmware,
    simulated,
    version_text,
)
from windsock.agent.record.wanted import WANTED

LOG_ID = "0123456789abcdef0123456789abcdef"


def ardupilot(*texts, **parameters):
    messages = [(0.0, text) for text in texts]
    return scripted.log("dataflash", {}, scripted.Script(1, parameters=parameters), messages)


def px4(info, **parameters):
    return scripted.log("ulog", {}, scripted.Script(1, parameters=parameters), [], info)


def test_ardupilots_id_line_is_reversed_in_groups_of_four_bytes_against_uid2():
    """uid2 of this board over MAVLink: 2f 00 1a 00 13 51 39 30 39 35 33 33 and six zeros."""
    log = ardupilot("ArduCopter V4.1.3 (2fb939a1)", "CUAVv5Nano 001A002F 30395113 33333539")

    assert drone_uid(log, LOG_ID, None) == "ap:2f001a001351393039353333"
    assert firmware(log).hardware == "CUAVv5Nano"


def test_px4_sys_uuid_is_uid2():
    log = px4({"sys_uuid": "000600000000383638393239510D0035002D"})

    assert drone_uid(log, LOG_ID, None) == "px4:000600000000383638393239510d0035002d"


def test_trailing_zero_bytes_are_padding():
    log = px4({"sys_uuid": "0036001F3136510C3431363000000000"})

    assert drone_uid(log, LOG_ID, None) == "px4:0036001f3136510c34313630"


@pytest.mark.parametrize("uuid", ["", "000000000000000000000000", "not hex at all, but long"])
def test_no_usable_id_falls_back_to_the_serial_then_to_the_log(uuid):
    log = px4({"sys_uuid": uuid})

    assert drone_uid(log, LOG_ID, "WS-0042") == "as:WS-0042"
    assert drone_uid(log, LOG_ID, None) == f"unidentified:{LOG_ID}"
    assert drone_uid(log, LOG_ID, "no spaces") == f"unidentified:{LOG_ID}"


def test_a_simulators_machine_id_is_no_drones():
    log = ardupilot("ArduCopter V4.7.0-dev (90700977)", "4d1219c7c4c5404aaa1f6d2a48adfda4")

    assert drone_uid(log, LOG_ID, None).startswith("unidentified:")


@pytest.mark.parametrize(
    ("banner", "vehicle", "version", "code", "git"),
    [
        ("ArduCopter V4.5.5 (1a2b3c4d)", "multicopter", "4.5.5", 0x040505FF, "1a2b3c4d"),
        ("MengChuangCopter V4.5.5 (1A2B3C4D)", "multicopter", "4.5.5", 0x040505FF, "1a2b3c4d"),
        ("ArduCopter V4.7.0-dev (90700977)", "multicopter", "4.7.0-dev", 0x04070000, "90700977"),
        ("APM:Copter V3.4.4-rc1 (65ffe9d7)", "multicopter", "3.4.4-rc1", 0x030404C0, "65ffe9d7"),
        ("ArduCopter V3.3-dev (c36e6ba3)", "multicopter", "3.3.0-dev", 0x03030000, "c36e6ba3"),
        ("ArduPlane V4.4.0beta2 (aaaaaaaa)", "plane", "4.4.0beta2", 0x04040080, "aaaaaaaa"),
        ("ArduRover V4.2.3 (bbbbbbbb)", "rover", "4.2.3", 0x040203FF, "bbbbbbbb"),
    ],
)
def test_ardupilot_banners(banner, vehicle, version, code, git):
    found = firmware(ardupilot("Frame: QUAD", banner))

    assert (found.vehicle, found.version, found.version_code) == (vehicle, version, code)
    assert (found.git_hash, found.banner, found.autopilot) == (git, banner, "ardupilot")


def test_px4_versions_and_a_vendors_own():
    log = px4(
        {"ver_sw_release": 0x010F0080, "ver_vendor_sw_release": 0x020103FF, "ver_hw": "PX4_FMU_V5"}
    )

    found = firmware(log)

    assert (found.version, found.version_code) == ("1.15.0-beta", 0x010F0080)
    assert (found.vendor_version, found.hardware) == ("2.1.3", "PX4_FMU_V5")
    assert firmware(px4({"ver_vendor_sw_release": 255})).vendor_version is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0x011000FF, "1.16.0"),
        (0x010F0080, "1.15.0-beta"),
        (0x010C0300, "1.12.3-dev"),
        (0x010E00C1, "1.14.0-rc"),
    ],
)
def test_version_types(code, text):
    assert version_text(code) == text


def test_flight_time_is_one_unsigned_number_in_two_signed_halves():
    log = px4({}, LND_FLIGHT_T_HI=5, LND_FLIGHT_T_LO=-678310689, COM_FLIGHT_UUID=294)

    assert counters(log).flight_time_s == pytest.approx(((5 << 32) + 2**32 - 678310689) / 1e6)
    assert counters(log).flight_uuid == 294


def test_ardupilot_counters():
    found = counters(ardupilot(STAT_FLTTIME=6429.0, STAT_BOOTCNT=281.0))

    assert (found.flight_time_s, found.boot_count, found.flight_uuid) == (6429.0, 281, None)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (px4({"ver_hw": "PX4_SITL"}), True),
        (px4({"ver_hw": "PX4_FMU_V5"}, SYS_HITL=1), True),
        (px4({"ver_hw": "PX4_FMU_V5"}, SYS_HITL=0), False),
        (ardupilot(SIM_SPEEDUP=1.0), True),
        (ardupilot(SIMPLE=0.0), False),
    ],
)
def test_simulated(log, expected):
    assert simulated(log) is expected


def test_the_same_board_in_many_real_logs(shared_logs):
    """Three logs of one aircraft, with one uid; counters that rise from log to log."""
    paths = sorted((shared_logs / "collected").glob("rrc__prototype*"))
    logs = [read_flight_log(path.read_bytes(), WANTED) for path in paths]

    assert {drone_uid(log, LOG_ID, None) for log in logs} == {"ap:2f001a001351393039353333"}
    assert sorted(counters(log).boot_count for log in logs) == [277, 281, 339]
