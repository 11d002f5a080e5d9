"""DFReader, written by other people, reads back what was written, value for value."""

import numpy as np
import pytest
from pymavlink.DFReader import DFReader_binary

from windsock.firmware_sim.boards import CUBE, Board, Logger
from windsock.firmware_sim.dataflash import write_dataflash
from windsock.firmware_sim.dataflash_events import events
from windsock.firmware_sim.dataflash_formats import formats
from windsock.firmware_sim.dataflash_messages import messages
from windsock.firmware_sim.flights import accidents, winged

FLIGHTS = {
    "a quadcopter that falls": accidents.tumbling_fall(np.random.default_rng(5)),
    "a quadplane": winged.quadplane_cruise(np.random.default_rng(6)),
}
SCALES = {"c": 100, "C": 100, "e": 100, "L": 1e7}
TEXTS = "nNZ"


def read_all(data, folder):
    """Messages of each type as DFReader gives them."""
    path = folder / "log.bin"
    path.write_bytes(data)
    found = {}
    with DFReader_binary(str(path)) as reader:
        while (message := reader.recv_msg()) is not None:
            found.setdefault(message.get_type(), []).append(message)
    return found


@pytest.fixture(scope="module", params=FLIGHTS)
def flight(request):
    return FLIGHTS[request.param]


@pytest.fixture(scope="module")
def read(flight, tmp_path_factory):
    return read_all(write_dataflash(flight), tmp_path_factory.mktemp("logs"))


def seen(letter, values, count):
    """What a field reads as once it was packed by its letter."""
    whole = np.broadcast_to(np.asarray(values), count)
    if letter in SCALES:
        return (np.rint(whole * SCALES[letter]) / SCALES[letter]).tolist()
    if letter == "f":
        return whole.astype(np.float32).tolist()
    return [one.decode() for one in whole] if letter in TEXTS else whole.astype(np.int64).tolist()


def test_every_value_of_every_message(flight, read):
    log = Logger.over(flight, CUBE, 15.0)
    known, places = formats(flight.craft.kind), {}
    for one in [*events(flight, log), *messages(flight, CUBE, log)]:
        form, times = known[one.name], log.boot_us(one.rows).tolist()
        letters = dict(zip(form.fields.split(","), form.letters, strict=True))
        instance = next((one.values[name] for name in ("I", "IMU") if name in one.values), None)
        theirs = read.get(one.name, [])
        if instance is not None:
            theirs = [m for m in theirs if getattr(m, "I", getattr(m, "IMU", None)) == instance]
        if one.name in ("EV", "ERR", "ARM", "MSG"):
            theirs = _with_times(theirs, set(times), one.values)
        assert [m.TimeUS for m in theirs] == times, one.name
        for field, values in one.values.items():
            expected = seen(letters[field], values, len(times))
            got = [getattr(m, field) for m in theirs]
            assert got == expected or np.allclose(
                got, expected, rtol=0, atol=1e-12, equal_nan=True
            ), (one.name, field)
        places[one.name] = places.get(one.name, 0) + len(times)

    assert places["IMU"] == len(read["IMU"])
    assert len(read["MSG"]) > places["MSG"]  # the banner


def _with_times(messages_, times, values):
    """Those of these moments and values: several kinds of events share a type."""
    field, value = next(iter(values.items()))
    value = value.decode() if isinstance(value, bytes) else value
    return [m for m in messages_ if m.TimeUS in times and getattr(m, field) == value]


def test_formats_describe_themselves(flight, read):
    known = formats(flight.craft.kind)
    units = {m.FmtType: (m.UnitIds, m.MultIds) for m in read["FMTU"]}

    assert {m.Name: (m.Type, m.Format, m.Columns) for m in read["FMT"]} == {
        name: (one.number, one.letters, one.fields) for name, one in known.items()
    }
    for one in known.values():
        assert units[one.number] == (one.units, one.multipliers)
        assert len(one.units) == len(one.multipliers) == len(one.letters)
    ids = {chr(m.Id) for m in read["UNIT"]}, {chr(m.Id) for m in read["MULT"]}
    assert {unit for one in known.values() for unit in one.units} <= ids[0]
    assert {multiplier for one in known.values() for multiplier in one.multipliers} <= ids[1]


def test_who_it_is(flight, read):
    name = "ArduCopter" if flight.craft.kind == "multicopter" else "ArduPlane"
    said = [m.Message for m in read["MSG"]]

    assert said[0] == f"{name} V4.5.7 (8d1219c7)"
    assert said[2] == "CubeOrange 0031002F 32305104 38343634"  # each group one number
    assert CUBE.uid.hex() == "2f003100" + "04513032" + "34363438"
    assert {m.Name: m.Value for m in read["PARM"]}["STAT_BOOTCNT"] == CUBE.boot_count


def test_it_begins_at_arming_and_ends_15_s_after_disarming(flight, read):
    end_us = CUBE.first_boot_us + (flight.when("armed")[0]) * 1e6
    times = [m.TimeUS for m in read["ATT"]]
    disarmed = next(m.TimeUS for m in read["ARM"] if not m.ArmState)

    assert times[0] == pytest.approx(end_us, abs=2e3)
    assert times[-1] - disarmed == pytest.approx(15e6, abs=0.2e6)


def test_gps_time_is_utc_and_leap_seconds(read):
    fix = read["GPS"][0]
    gps_s = fix.GWk * 604_800 + fix.GMS / 1e3 + 315_964_800

    assert gps_s - 18 == pytest.approx((CUBE.boot_utc_us + fix.TimeUS) / 1e6, abs=0.002)


def test_a_simulated_board_says_so(tmp_path):
    flight = accidents.power_lost(np.random.default_rng(1))
    board = Board(hardware="SITL", version=(4, 5, 7), uid=b"", in_the_loop=True)
    read = read_all(write_dataflash(flight, board), tmp_path)

    assert any(m.Name.startswith("SIM_") for m in read["PARM"])
    assert len(read["MSG"]) == 4  # banner, operating system, frame, arming
