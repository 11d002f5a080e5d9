"""Message types whose definition is lost, told by what FMTU says of their fields.

FMT and FMTU stand in different sectors. FMTU has a unit and a multiplier for each field of a type:
with the size of its messages nearly a fingerprint. Where one layout of `dataflash_layouts.txt`
alone has that fingerprint, a name that no other type of the log has, and was the same in an older
and a newer firmware, it is the lost one. Inputs and outputs of one shape (RCIN, RCOU) stay lost
where both are: nothing tells them apart.

Layouts as logs of official ArduPilot 3.6 to 4.7 define them (libraries/AP_Logger/LogStructure.h),
of messages with a time stamp: of others FMTU says too little.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import NamedTuple

from windsock.agent.logs.dataflash_definitions import Definitions
from windsock.agent.logs.dataflash_formats import Format, size_of
from windsock.agent.logs.records import Columns, column_of

Version = tuple[int, int]
_VERSION = re.compile(r"\bV(\d{1,3})\.(\d{1,3})\b")  # ArduCopter V4.5.5 (12345678)


class Layout(NamedTuple):
    """A message type as it was from one version of the firmware to another."""

    format: Format
    first: Version
    last: Version


class Marks(NamedTuple):
    """What FMTU says of a type: a unit and a multiplier for each field."""

    units: bytes
    multipliers: bytes


def marks_in(units: Columns) -> list[tuple[int, Marks]]:
    """Return the marks of each type that some FMTU messages speak of."""
    numbers, unit_ids = column_of(units, "FmtType", "iu"), column_of(units, "UnitIds", "S")
    if numbers is None or unit_ids is None:
        return []
    multipliers = column_of(units, "MultIds", "S")
    multiplier_ids = [b""] * len(numbers) if multipliers is None else multipliers.tolist()
    return list(zip(numbers.tolist(), map(Marks, unit_ids.tolist(), multiplier_ids), strict=True))


def restore(
    definitions: Definitions,
    marks: Mapping[int, Marks],
    version: Version,
    is_so_long: Callable[[int, int], bool],
) -> None:
    """Add the definitions that are lost and certain.

    `version` is the log's firmware; `is_so_long` tells whether messages of a type are of a length.
    """
    names = {one.name for one in definitions.formats.values()}
    lost = {number: one for number, one in marks.items() if number not in definitions.formats}
    fitting = {
        number: [one for one in _layouts().get(own, ()) if is_so_long(number, one.format.length)]
        for number, own in lost.items()
    }
    certain = {number: certain_of(layouts, version, names) for number, layouts in fitting.items()}
    claims = Counter(one.format.name for layouts in fitting.values() for one in layouts)
    for number, one in certain.items():
        if one is not None and claims[one.name] == 1:
            definitions.add(replace(one, number=number))


def certain_of(layouts: Iterable[Layout], version: Version, defined: set[str]) -> Format | None:
    """Return the only one whose name no other type has, if the firmware certainly had it so."""
    possible = [one for one in layouts if one.format.name not in defined]
    if len(possible) != 1 or not possible[0].first <= version <= possible[0].last:
        return None
    return possible[0].format


def firmware_version(texts: Iterable[str]) -> Version:
    """Return the version that a log's lines of text name first, (0, 0) where none does."""
    found = next(filter(None, map(_VERSION.search, texts)), None)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@cache
def _layouts() -> Mapping[Marks, list[Layout]]:
    table = resources.files("windsock.agent.logs").joinpath("dataflash_layouts.txt")
    return parse_layouts(table.read_text("ascii").splitlines())


def parse_layouts(lines: Iterable[str]) -> dict[Marks, list[Layout]]:
    """Return layouts by marks, of lines `NAME CODES UNITS MULTIPLIERS COLUMNS FIRST LAST`.

    First and last are the firmware's versions that had it, as `4.5`.
    """
    found: dict[Marks, list[Layout]] = {}
    for line in lines:
        name, codes, units, multipliers, columns, *versions = line.split(" ")
        layout = Format(0, name, size_of(codes) or 0, codes, tuple(columns.split(",")))
        first, last = (firmware_version([f"V{version}"]) for version in versions)
        marks = Marks(units.encode(), multipliers.encode())
        found.setdefault(marks, []).append(Layout(layout, first, last))
    return found
