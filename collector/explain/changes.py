"""What changed since an earlier log of the same drone: firmware and parameters. Pure."""

import re
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.explain.quantities import NO_VALUE, moment
from windsock.collector.explain.reading import Reading

_FIRMWARE: Final = (
    ("autopilot", "Autopilot"),
    ("vehicle", "Vehicle"),
    ("version", "Firmware version"),
    ("vendor_version", "Maker's version"),
    ("git_hash", "Firmware build"),
    ("hardware", "Hardware"),
)
_CALIBRATION: Final = re.compile(
    r"OFFS|OFS|SCAL|TRIM|TCAL|^CAL_|^COMPASS_D|_CALTEMP|_DEVID|_DEV_ID"
)
_SIMULATOR: Final = "SIM_"
"""No drone has them."""


class Change(NamedTuple):
    """One thing, before and now, in words."""

    name: str
    before: str
    now: str


class Changes(NamedTuple):
    """Everything that differs between two logs, and what makes the comparison doubtful."""

    firmware: list[Change]
    parameters: list[Change]
    """What somebody set."""
    calibrations: list[Change]
    """What somebody, or the autopilot itself, measured."""
    appeared: list[Change]
    """Parameters that only one log has: firmware versions differ in what they can be told."""
    compared: int
    doubts: list[str]


def changes(before: Reading, now: Reading) -> Changes:
    """Differences from one log to another."""
    both = before.parameters.keys() & now.parameters.keys()
    names = sorted(before.parameters.keys() | now.parameters.keys())
    different = [
        Change(name, _shown(before.parameters, name), _shown(now.parameters, name))
        for name in names
        if before.parameters.get(name) != now.parameters.get(name)
        and not name.startswith(_SIMULATOR)
    ]
    return Changes(
        _firmware(before, now),
        [one for one in different if one.name in both and not _CALIBRATION.search(one.name)],
        [one for one in different if one.name in both and _CALIBRATION.search(one.name)],
        [one for one in different if one.name not in both],
        len(both),
        _doubts(before, now),
    )


def _firmware(before: Reading, now: Reading) -> list[Change]:
    old, new = before.record.firmware, now.record.firmware
    return [
        Change(title, str(getattr(old, name) or NO_VALUE), str(getattr(new, name) or NO_VALUE))
        for name, title in _FIRMWARE
        if getattr(old, name) != getattr(new, name)
    ]


def _shown(parameters: dict[str, float], name: str) -> str:
    """The shortest text of the float32 that autopilots hold."""
    value = parameters.get(name)
    if value is None:
        return NO_VALUE
    return str(int(value)) if float(value).is_integer() else str(np.float32(value))


def _doubts(before: Reading, now: Reading) -> list[str]:
    doubts = []
    old, new = before.record.drone_uid, now.record.drone_uid
    if "unidentified" in (old.partition(":")[0], new.partition(":")[0]):
        doubts.append("The logs don't say whether they are of the same autopilot.")
    elif old != new:
        doubts.append(f"The logs are of different autopilots: {old} and {new}.")
    if before.start.us is not None and now.start.us is not None and before.start.us > now.start.us:
        doubts.append(f"The log to compare with is the later one: {moment(before.start)}.")
    if not before.parameters or not now.parameters:
        doubts.append("A log without parameters has nothing to compare.")
    return doubts
