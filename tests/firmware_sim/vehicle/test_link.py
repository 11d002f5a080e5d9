"""What is on the link without being asked for, and who the drone says it is."""

import struct

import pytest

from tests.firmware_sim.vehicle.station import KINDS, Station
from windsock.firmware_sim.vehicle.model import Version

each = pytest.mark.parametrize("kind", KINDS)
DISARMED, ARMED = 0, 128
STANDBY, ACTIVE = 3, 4


def own(station, seconds=1.1):
    """The drone's last heartbeat."""
    beats = station.listen(seconds, "HEARTBEAT")
    return [m for m in beats if (m.system, m.component) == (1, 1)][-1].fields


@each
def test_others_beat_more_often_than_the_drone(kind):
    beats = Station(kind, foreign=(7,)).listen(10, "HEARTBEAT")
    by_speaker = {(m.system, m.component): m.fields for m in beats}
    counts = {who: sum((m.system, m.component) == who for m in beats) for who in by_speaker}

    assert set(by_speaker) == {(1, 1), (255, 190), (1, 154), (1, 100), (7, 1)}
    assert counts[1, 1] == 10
    assert counts[255, 190] == counts[1, 154] == counts[7, 1] == 20
    assert by_speaker[255, 190]["type"] == 6
    autopilots = {who: fields["autopilot"] for who, fields in by_speaker.items()}
    assert {who for who, autopilot in autopilots.items() if autopilot != 8} == {(1, 1), (7, 1)}
    assert autopilots[1, 1] == {"px4": 12, "ardupilot": 3}[kind]


@each
def test_a_foreign_autopilot_arms_on_its_own(kind):
    station = Station(kind, foreign=(7,))
    station.order("foreign arm 7")

    beats = station.listen(1, "HEARTBEAT")
    assert {m.fields["base_mode"] & ARMED for m in beats if m.system == 7} == {ARMED}
    assert {m.fields["base_mode"] & ARMED for m in beats if m.system == 1} == {DISARMED}


@each
def test_an_id_no_dialect_knows_is_on_the_link(kind):
    frames = [frame for _, frame in Station(kind).frames(10)]
    codec = Station(kind).codec

    strange = [f for f in frames if int.from_bytes(f[7:10], "little") == 52_999]
    assert len(strange) == 2
    assert codec.decode(strange[0]) == []


def test_px4_ends_its_texts_with_a_tab():
    station = Station("px4")
    station.order("arm")

    (text,) = station.listen(0.1, "STATUSTEXT")
    assert text.fields["text"].endswith("\t")


@pytest.mark.parametrize(
    ("kind", "flying"), [("px4", (ACTIVE, ACTIVE)), ("ardupilot", (STANDBY, ACTIVE))]
)
def test_heartbeats_follow_the_flight(kind, flying):
    station = Station(kind)
    seen = [own(station)]
    for order in ("arm", "fly", "disarm"):
        station.order(order)
        seen.append(own(station))

    assert [fields["base_mode"] & ARMED for fields in seen] == [DISARMED, ARMED, ARMED, DISARMED]
    assert [f["system_status"] for f in seen] == [STANDBY, *flying, STANDBY]


def test_px4_tells_whether_it_is_in_the_air_unasked():
    station = Station("px4")
    states = []
    for order in ("arm", "fly", "land"):
        station.order(order)
        states.append(station.listen(1.1, "EXTENDED_SYS_STATE")[-1].fields["landed_state"])

    assert states == [1, 2, 1]
    assert not Station("ardupilot").listen(5, "EXTENDED_SYS_STATE")


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("px4", ["AUTOPILOT_VERSION", "COMMAND_ACK"]),
        ("ardupilot", ["COMMAND_ACK", "AUTOPILOT_VERSION"]),
    ],
)
@pytest.mark.parametrize("command", [(512, 148.0), (520, 1.0)])
def test_the_version_comes_before_or_after_its_ack(kind, order, command):
    station = Station(kind)
    station.command(*command)

    assert [m.name for m in station.listen(0.1, *order)] == order


def version(kind, **model):
    station = Station(kind, **model)
    station.command(512, 148.0)
    (found,) = station.listen(0.1, "AUTOPILOT_VERSION")
    return found.fields


@pytest.mark.parametrize(
    ("kind", "chosen", "packed"),
    [
        ("px4", None, 0x011000FF),
        ("ardupilot", None, 0x04070000),
        ("ardupilot", Version(4, 5, 5), 0x040505FF),
        ("px4", Version(1, 15, 0, 128), 0x010F0080),
    ],
)
def test_versions_are_packed(kind, chosen, packed):
    assert version(kind, version=chosen)["flight_sw_version"] == packed


def test_hashes_are_binary_or_characters():
    of = {"git_hash": "6ea3539157a1e6dd"}
    vendor = {"vendor_version": (3, 1, 2)}

    px4 = bytes(version("px4", **of)["flight_custom_version"])
    sold = version("px4", **of, **vendor)
    maker = bytes(sold["flight_custom_version"])
    ardupilot = bytes(version("ardupilot", **of)["flight_custom_version"])

    assert int.from_bytes(px4, "little") == 0x6EA3539157A1E6DD
    assert maker == bytes([2, 1, 3]) + px4[3:]
    assert bytes(sold["middleware_custom_version"]) == bytes(3) + px4[3:]
    assert ardupilot == b"6ea35391"


def test_px4_has_a_uid_and_ardupilot_a_uid2():
    simulated, board = bytes(range(1, 9)), bytes(range(1, 13))

    px4, ardupilot = version("px4", uid=simulated), version("ardupilot", uid=board)
    long = version("px4", uid=bytes(range(1, 19)))

    assert px4["uid"] == 0x0102030405060708
    assert bytes(px4["uid2"]) == bytes(18)
    assert bytes(long["uid2"]) == bytes(range(1, 19))
    assert ardupilot["uid"] == 0
    assert bytes(ardupilot["uid2"]) == board + bytes(6)


@pytest.mark.parametrize(
    ("target", "answered"), [((1, 1), True), ((1, 0), True), ((2, 1), False), ((1, 154), False)]
)
def test_what_is_meant_for_others_is_not_answered(target, answered):
    station = Station("px4")
    fields = {"target_system": target[0], "target_component": target[1]}
    station.say("PARAM_REQUEST_READ", param_id=b"SYS_HITL", param_index=-1, **fields)

    assert bool(station.listen(1, "PARAM_VALUE")) == answered


def test_unknown_commands_are_refused():
    station = Station("px4")
    station.command(31000)

    (ack,) = station.listen(0.1, "COMMAND_ACK")
    assert (ack.fields["command"], ack.fields["result"]) == (31000, 3)


def parameter(station, name):
    """The four bytes of a parameter's value on the wire, and its fields."""
    station.say("PARAM_REQUEST_READ", param_id=name.encode(), param_index=-1)
    frames = [frame for _, frame in station.frames(0.1)]
    (frame,) = [one for one in frames if int.from_bytes(one[7:10], "little") == 22]
    (message,) = station.codec.decode(frame)
    return frame[10:14], message.fields


def test_px4_puts_the_bytes_of_integers_into_the_float():
    # 8,000 s: the low half is negative as a signed number.
    station = Station("px4", airborne_s=8000.0)
    low, fields = parameter(station, "LND_FLIGHT_T_LO")
    high, _ = parameter(station, "LND_FLIGHT_T_HI")

    assert struct.unpack("<i", low)[0] < 0
    assert struct.unpack("<I", high)[0] << 32 | struct.unpack("<I", low)[0] == 8_000_000_000
    assert (fields["param_type"], fields["param_index"]) == (6, 3)


def test_no_integer_is_changed_by_passing_as_a_float():
    # As a float these bytes are a signalling NaN, which conversion makes a quiet one.
    flown_us = 1 << 32 | 0xFF800001
    low, _ = parameter(Station("px4", airborne_s=flown_us / 1e6), "LND_FLIGHT_T_LO")

    assert struct.unpack("<I", low)[0] == 0xFF800001


def test_ardupilot_casts_integers():
    value, fields = parameter(Station("ardupilot", airborne_s=5000.0), "STAT_FLTTIME")

    assert struct.unpack("<f", value)[0] == 5000.0
    assert (fields["param_type"], fields["param_index"]) == (6, 65535)


@each
def test_all_parameters_are_listed_and_unknown_ones_unanswered(kind):
    station = Station(kind)
    station.say("PARAM_REQUEST_LIST")
    listed = [m.fields for m in station.listen(0.2, "PARAM_VALUE")]
    station.say("PARAM_REQUEST_READ", param_id=b"NO_SUCH", param_index=-1)

    assert [fields["param_index"] for fields in listed] == list(range(listed[0]["param_count"]))
    assert not station.listen(1, "PARAM_VALUE")


@pytest.mark.parametrize(
    ("kind", "flights", "time", "boots"),
    [
        ("px4", "COM_FLIGHT_UUID", "LND_FLIGHT_T_LO", None),
        ("ardupilot", None, "STAT_FLTTIME", "STAT_BOOTCNT"),
    ],
)
def test_counters_rise_with_flights_and_boots(kind, flights, time, boots):
    station = Station(kind, airborne_s=0.0, flights=4, boots=8)

    def read(name):
        value, _ = parameter(station, name)
        return struct.unpack("<i" if kind == "px4" else "<f", value)[0]

    before = {name: read(name) for name in (flights, time, boots) if name}
    station.order("arm")
    station.listen(5)
    station.order("fly")
    station.listen(60)
    station.order("land")
    station.listen(5)
    station.order("disarm")
    station.order("reboot")
    station.listen(4)

    unit = {"px4": 1_000_000, "ardupilot": 1}[kind]
    assert read(time) - before[time] == 60 * unit
    if flights:
        assert read(flights) == before[flights] + 1
    if boots:
        assert read(boots) == before[boots] + 1


@each
def test_a_boot_is_silent_and_starts_the_clock_again(kind):
    station = Station(kind, boot_s=3.0)
    station.listen(20)
    station.order("reboot")

    assert station.frames(2.9) == []
    again = station.listen(1, "STATUSTEXT", "ATTITUDE")
    assert again[0].name == "STATUSTEXT"
    assert all(m.fields["time_boot_ms"] < 5000 for m in again if m.name == "ATTITUDE")


@each
def test_mavlink_1_is_spoken_where_chosen(kind):
    frames = [f for _, f in Station(kind, mavlink=1, alone=True).frames(2)]

    assert {f[0] for f in frames} == {0xFE}
