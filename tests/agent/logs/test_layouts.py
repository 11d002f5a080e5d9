"""A definition that is lost is found again where it is certain, and never a wrong one."""

import numpy as np
import pytest

from tests.agent.logs.writers import FMT_ITSELF, fmt, row
from windsock.agent.logs.dataflash_definitions import Definitions
from windsock.agent.logs.dataflash_layouts import Marks, lost_layouts, marks_in, restore
from windsock.agent.logs.reader import read_flight_log

CHANNELS = "TimeUS," + ",".join(f"C{one}" for one in range(1, 15))
TYPES = {
    "ATT": (130, "QffffffB", "TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw,AEKF"),
    "RCIN": (140, "QHHHHHHHHHHHHHH", CHANNELS),
    "RCOU": (141, "QHHHHHHHHHHHHHH", CHANNELS),
    "RCO3": (142, "QHHHHHHHHHHHHHH", CHANNELS),
    "OURS": (150, "QBf", "TimeUS,I,X"),
}
MARKS = {
    "ATT": (b"sddddhh-", b"F000000-"),
    "RCIN": (b"s" + 14 * b"Y", b"F" + 14 * b"-"),
    "RCOU": (b"s" + 14 * b"Y", b"F" + 14 * b"-"),
    "RCO3": (b"s" + 14 * b"Y", b"F" + 14 * b"-"),
    "OURS": (b"s#m", b"F-0"),
}
VALUES = {
    "ATT": (0, 1.5, 0, -2.5, 0, 90, 3),
    "RCIN": range(1000, 1014),
    "RCOU": range(2000, 2014),
    "RCO3": range(3000, 3014),
    "OURS": (0, 0.5),
}


def log(*lost, codes=None):
    """A log of all TYPES, 50 messages of each, whose definitions of *lost* are zeros."""
    definitions = {name: fmt(one[0], name, *one[1:]) for name, one in TYPES.items()}
    return b"".join(
        [
            FMT_ITSELF,
            fmt(134, "FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds"),
            *(bytes(89) if name in lost else one for name, one in definitions.items()),
            *(row(134, "QBNN", 1_000_000, TYPES[name][0], *MARKS[name]) for name in TYPES),
            *(
                row(number, (codes or {}).get(name, letters), 1_000_000 + 10_000 * one, *values)
                for one in range(50)
                for name, (number, letters, _) in TYPES.items()
                for values in [VALUES[name]]
            ),
        ]
    )


@pytest.mark.parametrize("lost", ["ATT", "RCIN", "RCOU"])
def test_a_lost_definition_is_restored(lost):
    whole, found = (read_flight_log(data).table(lost) for data in (log(), log(lost)))

    assert list(found.fields) == list(whole.fields)
    assert np.array_equal(found.boot_us, whole.boot_us)
    assert all(np.array_equal(found[field], whole[field]) for field in whole.fields)


def test_what_could_be_either_stays_lost():
    """Of the same shape and units: what the pilot's sticks and what the motors did."""
    tables = read_flight_log(log("RCIN", "RCOU")).tables

    assert not {"RCIN", "RCOU"} & tables.keys()
    assert len(tables["ATT"][0]) == 50


def test_a_type_that_is_not_ardupilots_stays_lost():
    assert "OURS" not in read_flight_log(log("OURS")).tables


def test_messages_of_another_length_stay_lost():
    longer = {"ATT": "QffffffB" + "x" * 4}

    assert "ATT" not in read_flight_log(log("ATT", codes=longer)).tables


def test_a_definition_that_is_there_is_not_replaced():
    definitions = Definitions()
    definitions.take(fmt(*TYPES["OURS"][:1], "OURS", *TYPES["OURS"][1:]))
    before = dict(definitions.formats)

    restore(definitions, {150: Marks(*MARKS["ATT"])}, lambda _number, _length: True)

    assert definitions.formats == before


def test_no_real_definition_would_be_mistaken(shared_logs):
    """Each definition of each log is lost in turn: nothing or the truth is found."""
    right = 0
    for path in sorted(shared_logs.glob("*/*.[bB][iI][nN]")):
        tables = read_flight_log(path.read_bytes(), ["FMT", "FMTU"]).tables
        if "FMTU" in tables and path.name != "tara__00000001.BIN":
            right += found_again(tables["FMT"][0].fields, tables["FMTU"][0].fields)
    assert right > 4000


def found_again(definitions, units):
    """How many definitions of a log are found again by their marks and length."""
    texts = ("Name", "Format", "Columns")
    said = zip(*(definitions[name].astype("U").tolist() for name in texts), strict=True)
    truth = dict(zip(definitions["Type"].tolist(), said, strict=True))
    lengths = dict(zip(definitions["Type"].tolist(), definitions["Length"].tolist(), strict=True))
    right = 0
    for number, marks in marks_in(units):
        others = {name for one, (name, _, _) in truth.items() if one != number}
        found = [
            (one.name, one.codes, ",".join(one.columns))
            for one in lost_layouts(number, marks, others)
            if one.length == lengths[number]
        ]
        assert len(found) != 1 or found == [truth[number]]
        right += len(found) == 1
    return right
