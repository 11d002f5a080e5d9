"""A definition that is lost is found again where it is certain, and never a wrong one."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pytest

from tests.agent.logs.writers import FMT_ITSELF, fmt, row
from windsock.agent.logs import dataflash_layouts
from windsock.agent.logs.dataflash_definitions import Definitions
from windsock.agent.logs.dataflash_layouts import Marks, marks_in, restore
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


def log(*lost, codes=None, version="ArduCopter V4.6.3 (12345678)"):
    """A log of all TYPES, 50 messages of each, whose definitions of *lost* are zeros."""
    definitions = {name: fmt(one[0], name, *one[1:]) for name, one in TYPES.items()}
    return b"".join(
        [
            FMT_ITSELF,
            fmt(133, "MSG", "QZ", "TimeUS,Message"),
            row(133, "QZ", 1_000_000, version.encode()),
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


@pytest.mark.parametrize("version", ["ArduCopter V3.5.7 (12345678)", "ArduCopter V9.0.0", ""])
def test_a_firmware_that_may_have_had_it_otherwise(version):
    assert "ATT" not in read_flight_log(log("ATT", version=version)).tables


def test_messages_of_another_length_stay_lost():
    longer = {"ATT": "QffffffB" + "x" * 4}

    assert "ATT" not in read_flight_log(log("ATT", codes=longer)).tables


def test_a_definition_that_is_there_is_not_replaced():
    definitions = Definitions()
    definitions.take(fmt(*TYPES["OURS"][:1], "OURS", *TYPES["OURS"][1:]))
    before = dict(definitions.formats)

    restore(definitions, {150: Marks(*MARKS["ATT"])}, (4, 6), lambda _number, _length: True)

    assert definitions.formats == before


def test_no_real_definition_would_be_mistaken(shared_logs):
    """Each is lost in turn, and only other versions' layouts are known: nothing or the truth."""
    right = 0
    logs = [one for one in map(said, real_logs(shared_logs)) if one]
    for version in {one.version for one in logs}:
        seen = defaultdict(list)
        for one in logs:
            for layout in one.layouts if one.version != version else ():
                seen[layout].append(one.version)
        table = dataflash_layouts.parse_layouts(
            " ".join([*layout, *("{}.{}".format(*end(versions)) for end in (min, max))])
            for layout, versions in seen.items()
        )
        for one in logs:
            if one.version == version:
                right += found_again(one, table)
    assert right > 700  # of the versions between the others


class Said(NamedTuple):
    """What a log says of its messages: truth is number -> name, type letters, columns, length."""

    version: tuple
    truth: dict
    marks: list

    @property
    def layouts(self):
        """Name, letters, units, multipliers and columns of the messages with time stamps."""
        return [
            (name, codes, one.units.decode(), one.multipliers.decode(), columns)
            for number, one in self.marks
            for name, codes, columns, _ in [self.truth[number]]
            if one.units.startswith(b"s") and len(one.units) == len(codes)
        ]


def real_logs(shared_logs):
    paths = sorted(shared_logs.glob("*/*.[bB][iI][nN]"))
    return [path for path in paths if path.name != "tara__00000001.BIN"]


def said(path):
    log = read_flight_log(path.read_bytes(), ["FMT", "FMTU"])
    if "FMTU" not in log.tables:
        return None
    fields = log.tables["FMT"][0].fields
    texts = [fields[name].astype("U").tolist() for name in ("Name", "Format", "Columns")]
    truth = zip(*texts, fields["Length"].tolist(), strict=True)
    version = dataflash_layouts.firmware_version(one.text for one in log.messages)
    numbered = dict(zip(fields["Type"].tolist(), truth, strict=True))
    return Said(version, numbered, marks_in(log.tables["FMTU"][0].fields))


def found_again(one, table):
    """How many definitions of a log are found again by their marks and length."""
    right = 0
    for number, marks in one.marks:
        *truth, length = one.truth[number]
        others = {name for other, (name, *_) in one.truth.items() if other != number}
        fitting = [layout for layout in table.get(marks, ()) if layout.format.length == length]
        found = dataflash_layouts.certain_of(fitting, one.version, others)
        if found is not None:
            assert [found.name, found.codes, ",".join(found.columns)] == truth
            right += 1
    return right


def test_the_table_is_sound():
    layouts = dataflash_layouts._layouts()  # the table itself
    assert all(
        len(one.format.codes) == len(one.format.columns) == len(marks.units)
        and one.format.length > 3
        and (3, 6) <= one.first <= one.last <= (4, 7)
        for marks, found in layouts.items()
        for one in found
    )
