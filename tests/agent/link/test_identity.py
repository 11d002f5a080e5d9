"""Who a drone says it is: ids, versions, hashes and counters of both firmwares."""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common

from windsock.agent.link import dialect
from windsock.agent.link.frames import Splitter
from windsock.agent.link.identity import counters, identity, parameter
from windsock.agent.link.vehicles import Node, Vehicle

HASH = bytes.fromhex("6ea3539157a1e6dd")[::-1]
UID2 = bytes.fromhex("3938470d35353135003a0027")


def version(**fields):
    said = {
        "capabilities": 0, "flight_sw_version": 0x011000FF, "middleware_sw_version": 0,
        "os_sw_version": 0, "board_version": 0x320000, "flight_custom_version": HASH,
        "middleware_custom_version": HASH, "os_custom_version": bytes(8), "vendor_id": 0x26AC,
        "product_id": 0x32, "uid": 0, "uid2": bytes(18),
    } | fields  # fmt: skip
    return heard(common.MAVLink_autopilot_version_message(**said))


def heard(message, mavlink1=False):
    raw = message.pack(common.MAVLink(None, srcSystem=1, srcComponent=1), force_mavlink1=mavlink1)
    (frame,) = Splitter(dialect.crc_extra, dialect.checksum).feed(raw)
    return dialect.decode(frame)


def vehicle(autopilot):
    return Vehicle(Node(1, 1), autopilot=autopilot, kind=2)


@pytest.mark.parametrize(
    ("autopilot", "fields", "uid"),
    [
        (12, {"uid2": UID2.ljust(18, b"\0")}, "px4:3938470d35353135003a0027"),
        (3, {"uid2": UID2.ljust(18, b"\0")}, "ap:3938470d35353135003a0027"),
        (12, {"uid": 0x1122334455667788}, "px4:1122334455667788"),
        (12, {"uid": 1}, "px4:0000000000000001"),
        (12, {}, None),
        (0, {"uid": 1}, None),
    ],
)
def test_uids(autopilot, fields, uid):
    assert identity(version(**fields), vehicle(autopilot)).drone_uid == uid


@pytest.mark.parametrize(
    ("custom", "middle", "vendor", "git_hash"),
    [
        (HASH, HASH, None, "6ea3539157a1e6dd"),
        (bytes(3) + HASH[3:], bytes(3) + HASH[3:], None, "6ea3539157"),
        (bytes([3, 2, 1]) + HASH[3:], bytes(3) + HASH[3:], "1.2.3", "6ea3539157"),
        (bytes(8), bytes(8), None, None),
    ],
)
def test_px4s_vendor_version_stands_where_the_hash_was(custom, middle, vendor, git_hash):
    said = version(flight_custom_version=custom, middleware_custom_version=middle, uid=1)
    firmware = identity(said, vehicle(12)).firmware

    assert (firmware.vendor_version, firmware.git_hash) == (vendor, git_hash)
    assert (firmware.version, firmware.version_code) == ("1.16.0", 0x011000FF)
    assert (firmware.autopilot, firmware.vehicle) == ("px4", "multicopter")
    assert firmware.hardware == "board 50, USB 26ac:0032"


def test_ardupilots_hash_is_text():
    said = version(flight_custom_version=b"1a2B3c4d", flight_sw_version=0x04070000)
    firmware = identity(said, vehicle(3)).firmware

    assert (firmware.version, firmware.git_hash) == ("4.7.0-dev", "1a2b3c4d")
    assert firmware.vendor_version is None


def value(number, kind, mavlink1):
    name = b"LND_FLIGHT_T_LO"
    raw = bytearray(
        common.MAVLink_param_value_message(name, 1.0, kind, 1, 0).pack(
            common.MAVLink(None, srcSystem=1, srcComponent=1), force_mavlink1=mavlink1
        )
    )
    header = 6 if mavlink1 else 10
    raw[header : header + 4] = struct.pack("<i", number)
    extra = bytes([common.MAVLink_param_value_message.crc_extra])
    raw[-2:] = dialect.checksum(bytes(raw[1:-2]) + extra).to_bytes(2, "little")
    (frame,) = Splitter(dialect.crc_extra, dialect.checksum).feed(bytes(raw))
    return dialect.decode(frame)


@given(st.integers(-(2**31), 2**31 - 1), st.booleans())
@example(-0x5FFFFF, True)  # a signalling NaN: on its way through a float it becomes another one
@example(0x7F800001, False)
def test_every_integer_of_px4_survives_its_float(number, mavlink1):
    assert parameter(value(number, dialect.INT32, mavlink1), dialect.PX4) == number


def test_ardupilot_casts_its_integers():
    said = heard(common.MAVLink_param_value_message(b"STAT_BOOTCNT", 412.0, dialect.INT32, 1, 0))

    assert parameter(said, dialect.ARDUPILOT) == 412


def test_counters():
    assert counters({}) == counters({"LND_FLIGHT_T_LO": 5})
    both = {"LND_FLIGHT_T_HI": 1, "LND_FLIGHT_T_LO": -1, "COM_FLIGHT_UUID": 9}
    assert counters(both).flight_time_s == pytest.approx((2 * 2**32 - 1) / 1e6)
    assert counters(both).flight_uuid == 9
    stats = counters({"STAT_FLTTIME": 5400, "STAT_BOOTCNT": 42})
    assert (stats.flight_time_s, stats.boot_count) == (5400, 42)
    wrong = counters({"STAT_FLTTIME": float("nan"), "STAT_BOOTCNT": -3})
    assert (wrong.flight_time_s, wrong.boot_count) == (None, None)
