"""What ArduPilot says in a log: modes, events, coded errors and lines of text.

Sources: ArduPilot libraries/AP_Logger/AP_Logger.h (LogEvent, LogErrorSubsystem), the vehicles'
AP_Arming and events.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from windsock.firmware_sim.boards import Logger, turns
from windsock.firmware_sim.dataflash_messages import Message, mode_numbers
from windsock.firmware_sim.flights.trajectory import STEP_S, Trajectory, What

_MAYBE_LANDED, _LANDED, _NOT_LANDED = 17, 18, 28
_EVENTS: Final[dict[What, int]] = {
    "armed": 10,
    "disarmed by landing": 11,
    "disarmed by the pilot": 11,
    "disarmed by the crash check": 11,
}
_METHODS: Final[dict[What, int]] = {
    "armed": 0,
    "disarmed by landing": 13,
    "disarmed by the pilot": 1,
    "disarmed by the crash check": 14,
}
"""AP_Arming::Method: rudder or MAVLink, landing, crash."""
_ERRORS: Final[dict[What, tuple[int, int]]] = {
    "crash check": (12, 1),
    "battery failsafe": (6, 1),
    "radio failsafe": (5, 1),
}
_BY_PILOT: Final = 1
_REASONS: Final[dict[What, int]] = {"radio failsafe": 3, "battery failsafe": 4}
"""ModeReason of the mode that it changes to."""
_TEXTS: Final[dict[What, str]] = {
    "armed": "Arming motors",
    "disarmed by landing": "Disarming motors",
    "disarmed by the pilot": "Disarming motors",
    "disarmed by the crash check": "Disarming motors",
    "crash check": "Crash: Disarming: AngErr=97>30, Accel=0.4<3.0",
    "battery failsafe": "Battery 1 is critical 13.21V used 4810 mAh",
    "radio failsafe": "Radio Failsafe",
    "launch detected": "Triggered AUTO. GPS speed = 11.2",
}


def events(flight: Trajectory, log: Logger) -> Iterator[Message]:
    """Messages that are not regular, those of one kind together."""
    yield _modes(flight, log)
    yield from _switched(flight, log)
    yield from _landings(flight, log)
    for mark in flight.marks:
        row = log.row(mark.t_s)
        if row is None:
            continue
        at = np.array([row])
        if mark.what in _ERRORS:
            system, code = _ERRORS[mark.what]
            yield Message("ERR", at, {"Subsys": system, "ECode": code})
        if mark.what in _TEXTS:
            yield Message("MSG", at, {"Message": _TEXTS[mark.what].encode()})


def _modes(flight: Trajectory, log: Logger) -> Message:
    rows = log.first + np.flatnonzero(
        np.diff(flight.mode[log.first : log.last].astype(np.int64), prepend=-1)
    )
    numbers = mode_numbers(flight)[flight.mode[rows]]
    reasons = np.full(len(rows), _BY_PILOT)
    for what, reason in _REASONS.items():
        moments = [log.row(t_s) for t_s in flight.when(what)]
        reasons[np.isin(rows, [row for row in moments if row is not None])] = reason
    return Message("MODE", rows, {"Mode": numbers, "ModeNum": numbers, "Rsn": reasons})


def _switched(flight: Trajectory, log: Logger) -> Iterator[Message]:
    """Armings; the first is logged where the log begins."""
    for mark in flight.marks:
        row = log.row(mark.t_s)
        if mark.what not in _EVENTS or row is None:
            continue
        at = np.array([row])
        forced = mark.what == "disarmed by the pilot" and not flight.landed[row - 1]
        state = {"ArmState": mark.what == "armed", "Forced": forced, "Method": _METHODS[mark.what]}
        yield Message("ARM", at, state)
        yield Message("EV", at, {"Id": _EVENTS[mark.what]})


def _landings(flight: Trajectory, log: Logger) -> Iterator[Message]:
    """The copter's land detector; a disarming in the air counts as landed, just after it."""
    if flight.craft.kind == "plane":
        return
    rows = turns(flight.landed, to=False)
    rows = rows[(rows >= log.first) & (rows < log.last)]
    yield Message("EV", rows, {"Id": _NOT_LANDED})
    rows = turns(flight.landed, to=True)
    rows = rows[(rows >= log.first) & (rows < log.last)]
    for event, early_s in ((_MAYBE_LANDED, 0.5), (_LANDED, 0.0)):
        early = round(early_s / STEP_S) * flight.armed[rows]
        yield Message("EV", np.sort(rows - early), {"Id": event})
