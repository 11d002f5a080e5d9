"""Writes a trajectory as the DataFlash log that ArduPilot would have written of it.

Sources: ArduPilot libraries/AP_Logger: LogStructure.h (letters, units, multipliers), AP_Logger.cpp
(what a log begins with); AP_HAL Util::get_system_id (how the chip's id is printed).
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from windsock.firmware_sim.boards import CUBE, Board, Logger
from windsock.firmware_sim.dataflash_events import events
from windsock.firmware_sim.dataflash_formats import Format, formats
from windsock.firmware_sim.dataflash_messages import messages
from windsock.firmware_sim.flights.trajectory import Trajectory
from windsock.firmware_sim.interleave import Records, as_rows, interleaved
from windsock.firmware_sim.sensors import Rows

_HEAD: Final = (0xA3, 0x95)
_AFTER_DISARMING_S: Final = 15.0
"""HAL_LOGGER_ARM_PERSIST: with LOG_DISARMED 0 the log ends so long after."""
_LETTERS: Final = {
    "b": "i1", "B": "u1", "M": "u1", "h": "<i2", "H": "<u2", "i": "<i4", "I": "<u4",
    "Q": "<u8", "f": "<f4", "d": "<f8", "n": "S4", "N": "S16", "Z": "S64",
    "c": "<i2", "C": "<u2", "e": "<i4", "L": "<i4",
}  # fmt: skip
_SCALES: Final = {"c": 100.0, "C": 100.0, "e": 100.0, "L": 1e7}
_UNITS: Final = {
    "-": "", "?": "UNKNOWN", "A": "A", "a": "Ah", "d": "deg", "b": "B", "k": "deg/s",
    "D": "deglatitude", "E": "rad/s", "h": "degheading", "m": "m", "n": "m/s", "o": "m/s/s",
    "O": "degC", "%": "%", "S": "satellites", "s": "s", "U": "deglongitude", "v": "V",
    "P": "Pa", "w": "Ohm", "X": "W.h", "Y": "us", "z": "Hz", "#": "instance",
}  # fmt: skip
_MULTIPLIERS: Final = {"-": 0.0, "?": 1.0, "0": 1.0, "B": 1e-2, "C": 1e-3, "F": 1e-6, "G": 1e-7}
_MOTOR_1, _THROTTLE = 33, 70
"""SRV_Channel functions."""
_VEHICLES: Final = {"multicopter": "ArduCopter"}
_OFFICIAL: Final = 255


def write_dataflash(flight: Trajectory, board: Board = CUBE) -> bytes:
    """The log from arming to 15 s after disarming, or to where it is cut."""
    log = Logger.over(flight, board, _AFTER_DISARMING_S)
    known = formats(flight.craft.kind)
    start_us = log.boot_us(np.array([log.first]))
    head = [
        _records(known[name], np.repeat(start_us, len(next(iter(table.values())))), table)
        for name, table in _preamble(flight, board, known)
    ]
    body = [*events(flight, log), *messages(flight, board, log)]
    return interleaved(
        [*head, *(_records(known[one.name], log.boot_us(one.rows), one.values) for one in body)]
    )


def _records(form: Format, times_us: Rows, values: Mapping[str, Any]) -> Records:
    """Messages of one type; numbers are scaled as their letters say."""
    fields = form.fields.split(",")
    kinds = [_LETTERS[letter] for letter in form.letters]
    table = np.zeros(
        len(times_us),
        np.dtype([("head", "u1", 2), ("number", "u1"), *zip(fields, kinds, strict=True)]),
    )
    table["head"], table["number"] = _HEAD, form.number
    if "TimeUS" in fields:
        table["TimeUS"] = times_us
    for field, given in values.items():
        scale = _SCALES.get(form.letters[fields.index(field)])
        table[field] = given if scale is None else np.rint(np.asarray(given) * scale)
    return Records(times_us, as_rows(table))


def _preamble(
    flight: Trajectory, board: Board, known: Mapping[str, Format]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What every log begins with: formats, units, parameters, who it is."""
    yield "FMT", _formats(known)
    yield "UNIT", {"Id": _codes(_UNITS), "Label": _texts(_UNITS.values())}
    yield "MULT", {"Id": _codes(_MULTIPLIERS), "Mult": list(_MULTIPLIERS.values())}
    yield (
        "FMTU",
        {
            "FmtType": [one.number for one in known.values()],
            "UnitIds": _texts(one.units for one in known.values()),
            "MultIds": _texts(one.multipliers for one in known.values()),
        },
    )
    parameters = _parameters(flight, board)
    values = list(parameters.values())
    yield "PARM", {"Name": _texts(parameters), "Value": values, "Default": values}
    yield "MSG", {"Message": _texts(_banner(flight, board))}
    name, (major, minor, patch) = _firmware(flight), board.version
    version = {"BT": 3, "Maj": major, "Min": minor, "Pat": patch, "FWT": _OFFICIAL}
    yield (
        "VER",
        {
            **{field: [number] for field, number in version.items()},
            "GH": [int(board.git_hash[:8], 16)],
            "FWS": [f"{name} V{major}.{minor}.{patch} ({board.git_hash[:8]})".encode()],
        },
    )


def _codes(letters: Mapping[str, object]) -> list[int]:
    return [ord(letter) for letter in letters]


def _texts(lines: Iterable[str]) -> list[bytes]:
    return [line.encode() for line in lines]


def _formats(known: Mapping[str, Format]) -> dict[str, Any]:
    sizes = {
        name: 3 + sum(np.dtype(_LETTERS[letter]).itemsize for letter in one.letters)
        for name, one in known.items()
    }
    return {
        "Type": [one.number for one in known.values()],
        "Length": list(sizes.values()),
        "Name": _texts(known),
        "Format": _texts(one.letters for one in known.values()),
        "Columns": _texts(one.fields for one in known.values()),
    }


def _firmware(flight: Trajectory) -> str:
    return _VEHICLES.get(flight.craft.kind, "ArduPlane")


def _banner(flight: Trajectory, board: Board) -> Iterator[str]:
    """The lines of GCS::send_banner; each group of the chip's id is printed as one number."""
    version = ".".join(str(part) for part in board.version)
    yield f"{_firmware(flight)} V{version} ({board.git_hash[:8]})"
    yield f"ChibiOS: {zlib.crc32(board.hardware.encode()):08x}"
    if board.uid:
        groups = (board.uid[start : start + 4] for start in range(0, len(board.uid), 4))
        printed = " ".join(group[::-1].hex().upper() for group in groups)
        yield f"{board.hardware} {printed}"
    if flight.craft.kind == "multicopter":
        yield "Frame: QUAD/X"


def _parameters(flight: Trajectory, board: Board) -> dict[str, float]:
    kind, craft = flight.craft.kind, flight.craft
    own: dict[str, float] = {"FORMAT_VERSION": 120, "SYSID_THISMAV": 1, "LOG_DISARMED": 0}
    if kind == "multicopter":
        own |= {"FRAME_CLASS": 1, "FRAME_TYPE": 1, "MOT_THST_HOVER": craft.hover_throttle}
        own |= {"MOT_PWM_MIN": 1000, "MOT_PWM_MAX": 2000, "MOT_SPIN_ARM": 0.1}
    if kind in ("vtol", "tailsitter"):
        own |= {"Q_ENABLE": 1, "Q_FRAME_CLASS": 1 if kind == "vtol" else 10}
        own |= {"Q_TAILSIT_ENABLE": int(kind == "tailsitter"), "Q_TAILSIT_MOTMX": 0}
    functions = {number: _MOTOR_1 + number - 1 for number in range(1, craft.motors + 1)}
    if kind in ("plane", "vtol"):
        functions[craft.motors] = _THROTTLE
    own |= {f"SERVO{number}_FUNCTION": function for number, function in functions.items()}
    own |= {"STAT_BOOTCNT": board.boot_count, "STAT_FLTTIME": board.flown_s}
    if board.in_the_loop:
        own |= {"SIM_OPOS_LAT": board.lat_deg, "SIM_RATE_HZ": 1200}
    return own | dict(board.parameters)
