"""Message types whose definition is lost, told by what FMTU says of their fields.

FMT and FMTU stand in different sectors. FMTU has a unit and a multiplier for each field of a type:
with the size of its messages nearly a fingerprint. Where one layout of `dataflash_layouts.txt`
alone has that fingerprint and a name that no other type of the log has, it is the lost one. Inputs
and outputs of the same shape (RCIN, RCOU) stay lost where both are: nothing tells them apart.

Layouts as logs of official ArduPilot 3.6 to 4.7 define them (libraries/AP_Logger/LogStructure.h).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import NamedTuple

from windsock.agent.logs.dataflash_definitions import Definitions
from windsock.agent.logs.dataflash_formats import Format, size_of
from windsock.agent.logs.records import Columns, column_of


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
    definitions: Definitions, marks: Mapping[int, Marks], is_so_long: Callable[[int, int], bool]
) -> None:
    """Add the definitions that are lost and certain.

    `is_so_long` tells whether the messages of a type are of a length.
    """
    names = {one.name for one in definitions.formats.values()}
    lost = {number: one for number, one in marks.items() if number not in definitions.formats}
    found = {number: lost_layouts(number, one, names) for number, one in lost.items()}
    claims = Counter(name for layouts in found.values() for name in {one.name for one in layouts})
    for number, layouts in found.items():
        fitting = [one for one in layouts if is_so_long(number, one.length)]
        if len(fitting) == 1 and claims[fitting[0].name] == 1:
            definitions.add(fitting[0])


def lost_layouts(number: int, marks: Marks, defined: set[str]) -> list[Format]:
    """Return the layouts with these marks whose name no other type has."""
    layouts = _layouts().get(marks, ())
    return [replace(one, number=number) for one in layouts if one.name not in defined]


@cache
def _layouts() -> Mapping[Marks, list[Format]]:
    table = resources.files("windsock.agent.logs").joinpath("dataflash_layouts.txt")
    found: dict[Marks, list[Format]] = {}
    for line in table.read_text("ascii").splitlines():
        name, codes, units, multipliers, columns = line.split(" ")
        layout = Format(0, name, size_of(codes) or 0, codes, tuple(columns.split(",")))
        found.setdefault(Marks(units.encode(), multipliers.encode()), []).append(layout)
    return found
