"""What only ArduPilot logs say, and how: vehicle, modes, events, coded errors, motors.

Sources: ArduPilot AP_Logger.h, AP_Motors, SRV_Channel.h (functions 33 to 40 and 82 to 85 are
motors), the vehicles' mode.h.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record import modes
from windsock.agent.record.names import ARDUPILOT, CHANNELS, CHANNELS_MOST, column, pick
from windsock.agent.record.tracks import ALWAYS, EMPTY, Codes, Said, Switch, Track, track

BANNER: Final = re.compile(
    r"(?P<name>\S*?(?P<kind>Copter|Plane|Rover|rover2|Sub|Blimp|Heli|Tracker)\S*)"
    r" V(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<patch>\d+))?(?P<rest>\S*)"
    r"(?: \((?P<hash>[0-9a-fA-F]+)\))?"
)
_CRASHED: Final = re.compile("Crash detected")
"""ArduPlane's is_flying.cpp: its crash check logs no error."""
_KINDS: Final = {
    "Copter": "multicopter",
    "Heli": "helicopter",
    "Plane": "plane",
    "Rover": "rover",
    "rover2": "rover",
    "Sub": "submarine",
    "Blimp": "airship",
}
_HELICOPTER_FRAMES: Final = frozenset({6, 11, 13})
_MOTOR_FUNCTIONS: Final = frozenset({*range(33, 41), *range(82, 86)})
_FRAME_MOTORS: Final = {1: 4, 2: 6, 3: 8, 4: 8, 5: 6, 7: 4, 12: 12, 14: 10}
_OLD_IDLE: Final = 130.0
"""Default of THR_MIN."""
_SPIN_MIN: Final = 0.15
"""Default of MOT_SPIN_MIN."""
_LEAST_PWM, _LEAST_SPAN = 500.0, 200.0


def banner(log: FlightLog) -> re.Match[str] | None:
    """The line that names vehicle and version, as `ArduCopter V4.5.5 (1a2b3c4d)`."""
    return next((hit for said in log.messages if (hit := BANNER.search(said.text))), None)


def vehicle(log: FlightLog) -> str | None:
    """What kind of vehicle this is, None if the log does not say."""
    line, params = banner(log), log.parameters
    kind = _KINDS.get(line["kind"]) if line else None
    if kind is None and "RLL2SRV_TCONST" in params:
        kind = "plane"
    if kind == "multicopter" and params.get("FRAME_CLASS") in _HELICOPTER_FRAMES:
        return "helicopter"
    if kind == "plane" and params.get("Q_ENABLE", 0) > 0:
        tilts = params.get("Q_TAILSIT_ENABLE", 0) > 0 or params.get("Q_TAILSIT_MOTMX", 0) > 0
        return "tailsitter" if tilts else "vtol"
    return kind


def mode_track(log: FlightLog) -> Track:
    """The numbers of its modes, each from when it was entered."""
    table = log.table("MODE")
    if table is None:
        return EMPTY
    name = "ModeNum" if "ModeNum" in table else "Mode"
    if name not in table or table[name].dtype.kind not in "iuf":
        return EMPTY
    return track(table.boot_us, column(table, name))


def _among(state: Track, numbers: frozenset[int]) -> Track:
    return Track(state.boot_us, np.isin(state.values, list(numbers)).astype(np.float64))


def aerobatic(log: FlightLog, kind: str | None) -> Track:
    """1 in acro, flip, throw and such modes, and in a plane's manual mode."""
    winged = kind in ("plane", "vtol", "tailsitter")
    return _among(mode_track(log), modes.PLANE_AEROBATIC if winged else modes.COPTER_AEROBATIC)


def fixed_wing(log: FlightLog, kind: str | None) -> Track:
    """1 while it flies on wings: always for planes, in modes without hover for VTOLs."""
    if kind == "plane":
        return ALWAYS
    if kind not in ("vtol", "tailsitter"):
        return EMPTY
    hover = _among(mode_track(log), modes.VTOL_HOVER)
    return Track(hover.boot_us, 1.0 - hover.values)


def landed(log: FlightLog) -> Track:
    """The land detector, by events: landed, not landed, disarmed."""
    numbers = {modes.EV_LANDED: 1.0, modes.EV_DISARMED: 1.0, modes.EV_NOT_LANDED: 0.0}
    states = [(time, numbers[event]) for time, event in _events(log) if event in numbers]
    if not states:
        return EMPTY
    times, values = zip(*states, strict=True)
    return track(np.array(times, np.int64), values)


def _events(log: FlightLog) -> Iterator[tuple[int, int]]:
    table = log.table("EV")
    if table is not None and "Id" in table:
        yield from zip(table.boot_us.tolist(), table["Id"].tolist(), strict=True)


def _errors(log: FlightLog) -> Iterator[tuple[int, int, int]]:
    table = log.table("ERR")
    if table is not None and "Subsys" in table and "ECode" in table:
        yield from zip(
            table.boot_us.tolist(),
            table["Subsys"].tolist(),
            table["ECode"].tolist(),
            strict=True,
        )


def switches(log: FlightLog) -> tuple[Switch, ...]:
    """When it was armed and disarmed: events, ARM messages, planes' STAT."""
    found = [
        Switch(time, event == modes.EV_ARMED)
        for time, event in _events(log)
        if event in (modes.EV_ARMED, modes.EV_DISARMED)
    ]
    arm, stat = log.table("ARM"), log.table("STAT")
    if arm is not None and "ArmState" in arm:
        pairs = zip(arm.boot_us.tolist(), arm["ArmState"].tolist(), strict=True)
        found += [Switch(time, state > 0) for time, state in pairs]
    if stat is not None and "Armed" in stat:
        found += _seen(track(stat.boot_us, column(stat, "Armed")))
    return tuple(found)


def _seen(state: Track) -> list[Switch]:
    changed = np.flatnonzero(np.diff(state.values, prepend=np.nan) != 0)
    return [
        Switch(int(state.boot_us[place]), state.values[place] > 0, sure=bool(place))
        for place in changed
    ]


def codes(log: FlightLog) -> Codes:
    """Crash checks, failures and failsafes; code 0 is "resolved"."""
    errors = [(time, system, code) for time, system, code in _errors(log) if code != 0]
    stops = (modes.EV_PARACHUTE, modes.EV_MOTORS_STOPPED)
    failures = [time for time, system, _ in errors if system in modes.ERR_FAILURES]
    failures += [time for time, event in _events(log) if event in stops]
    crashes = [(time, code) for time, system, code in errors if system == modes.ERR_CRASH]
    crashes += [(one.boot_us, 1) for one in log.messages if _CRASHED.match(one.text)]
    return Codes(
        crash=tuple(sorted(crashes)),
        failure=tuple(sorted(failures)),
        failsafe=tuple(time for time, system, _ in errors if system in modes.ERR_FAILSAFES),
    )


def said(log: FlightLog, kind: str | None) -> tuple[Said, ...]:
    """Changes of mode, coded errors and the events worth keeping."""
    names = _mode_names(kind)
    state = mode_track(log)
    changed = np.flatnonzero(np.diff(state.values, prepend=-1))
    found = [
        Said(
            int(state.boot_us[place]),
            "mode",
            names.get(int(state.values[place]), f"mode {state.values[place]:.0f}"),
            weight=1,
        )
        for place in changed
    ]
    found += [_error(*error) for error in _errors(log)]
    for time, event in _events(log):
        if event in modes.EVENTS_WORTH:
            weight = 3 if event in (modes.EV_PARACHUTE, modes.EV_MOTORS_STOPPED) else 1
            found.append(Said(time, "event", modes.EVENTS[event], weight=weight))
    return tuple(found)


def _error(boot_us: int, system: int, code: int) -> Said:
    name = modes.ERRORS.get(system, f"subsystem {system}")
    text = f"{name} resolved" if code == 0 else f"{name} ({system}/{code})"
    grave = system == modes.ERR_CRASH or system in modes.ERR_FAILURES
    weight = 0 if code == 0 else 3 if grave else 2 if system in modes.ERR_FAILSAFES else 1
    return Said(boot_us, "error", text, weight=weight)


def _mode_names(kind: str | None) -> dict[int, str]:
    if kind in ("plane", "vtol", "tailsitter"):
        return modes.PLANE_MODES
    return modes.ROVER_MODES if kind in ("rover", "boat") else modes.COPTER_MODES


def throttle(log: FlightLog, kind: str | None, motors_: tuple[Track, ...]) -> Track:
    """CTUN's throttle, 0 where motors idle and 1 at full.

    Newer copters log that; before 3.4 they logged 0 to 1000, idling at THR_MIN; others percent.
    """
    output = pick(log, ARDUPILOT["throttle"])
    table = log.table("CTUN")
    if not len(output) and kind == "multicopter":
        return _pulses(log, motors_)
    if kind not in ("multicopter", "helicopter"):
        return output.scaled(1e-2)
    if table is None or "ThrOut" not in table:
        return output
    idle = min(max(log.parameters.get("THR_MIN", _OLD_IDLE), 0.0), 500.0)
    return Track(output.boot_us, np.maximum(output.values - idle, 0.0) / (1000.0 - idle))


def _pulses(log: FlightLog, outputs: tuple[Track, ...]) -> Track:
    """Mean motor output above what armed motors idle at: the last resort of thin logs."""
    if not outputs:
        return EMPTY
    idle = min(max(log.parameters.get("MOT_SPIN_MIN", _SPIN_MIN), 0.0), 0.5)
    mean = np.mean([one.values for one in outputs], axis=0)
    return Track(outputs[0].boot_us, np.clip((mean - idle) / (1.0 - idle), 0.0, 1.0))


def motors(log: FlightLog) -> tuple[Track, ...]:
    """Each motor's output, 0 to 1, from the servo channels that drive motors."""
    table = log.table("RCOU")
    if table is None:
        return ()
    low, high = _pwm_range(log)
    return tuple(
        track(table.boot_us, np.clip((column(table, name) - low) / (high - low), 0.0, 1.0))
        for name in _motor_fields(log, table)
    )


def _motor_fields(log: FlightLog, table: Table) -> list[str]:
    params = log.parameters
    numbers = [
        n
        for n in range(1, CHANNELS_MOST + 1)
        if params.get(f"SERVO{n}_FUNCTION") in _MOTOR_FUNCTIONS
    ]
    if not numbers and "SERVO1_FUNCTION" not in params:
        count = _FRAME_MOTORS.get(int(params.get("FRAME_CLASS", 0)), 4)
        numbers = list(range(1, count + 1)) if vehicle(log) == "multicopter" else []
    pattern = next((one for one in CHANNELS if one.format(1) in table), "C{}")
    return [pattern.format(n) for n in numbers if pattern.format(n) in table]


def _pwm_range(log: FlightLog) -> tuple[float, float]:
    params = log.parameters
    for low, high in (("MOT_PWM_MIN", "MOT_PWM_MAX"), ("RC3_MIN", "RC3_MAX")):
        least, most = params.get(low, 0.0), params.get(high, 0.0)
        if _LEAST_PWM <= least < most - _LEAST_SPAN:
            return least, most
    return 1000.0, 2000.0
