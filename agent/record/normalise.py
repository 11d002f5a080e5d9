"""FlightLog -> Tracks: the firmware's words turned into ours, by the table in `names`."""

from dataclasses import replace
from typing import Final

from windsock.agent.logs.flightlog import FlightLog
from windsock.agent.record import ardupilot, orders, px4, sensors
from windsock.agent.record.names import ACCELEROMETERS, ARDUPILOT, GPS, PX4, RATIOS, Names, pick
from windsock.agent.record.tracks import Said, Tracks
from windsock.agent.record.turning import ardupilot_turned, px4_turned

_GRAVE: Final = ("crash", "parachute", "terminat", "thrust loss", "motor failure", "kill")
_SERIOUS: Final = ("failsafe", "ekf variance", "emergency", "critical")
_WARNING: Final = 4
"""Syslog severity."""


def tracks(log: FlightLog) -> Tracks:
    """Everything a flight is measured from. Large tables of *log* go as soon as they are read."""
    return _px4(log) if log.format == "ulog" else _ardupilot(log)


def _px4(log: FlightLog) -> Tracks:
    kind = px4.vehicle(log)
    wings = px4.fixed_wing(log, kind)
    motors = px4.motors(log)
    common = _common(log, PX4)
    below = orders.below_wanted(log)
    _let_go(log, "vehicle_local_position", "vehicle_local_position_setpoint")
    return replace(
        common,
        below_wanted_m=below,
        **px4_turned(log, wings, kind)._asdict(),
        vehicle=kind,
        throttle=px4.throttle(log, kind, motors),
        motors=motors,
        vibration_m_s2=pick(log, PX4["vibration_m_s2"]),
        landed=pick(log, PX4["landed"]),
        fixed_wing=wings,
        aerobatic=px4.aerobatic(log, kind),
        orders=orders.px4_orders(log),
        switches=px4.switches(log),
        codes=px4.codes(log),
        said=px4.said(log) + _messages(log),
    )


def _ardupilot(log: FlightLog) -> Tracks:
    kind = ardupilot.vehicle(log)
    motors = ardupilot.motors(log)
    _let_go(log, "RCOU")
    return replace(
        _common(log, ARDUPILOT),
        **ardupilot_turned(log)._asdict(),
        vehicle=kind,
        throttle=ardupilot.throttle(log, kind, motors),
        motors=motors,
        vibration_m_s2=sensors.vibe(log),
        landed=ardupilot.landed(log),
        fixed_wing=ardupilot.fixed_wing(log, kind),
        aerobatic=ardupilot.aerobatic(log, kind),
        orders=orders.ardupilot_orders(log, kind),
        switches=ardupilot.switches(log),
        codes=ardupilot.codes(log),
        said=ardupilot.said(log, kind) + _messages(log),
    )


def _common(log: FlightLog, names: Names) -> Tracks:
    """What the table alone can read, for either autopilot."""
    baro = pick(log, names["baro_m"])
    force = sensors.force(log)
    _let_go(log, *(name for name, _ in ACCELEROMETERS[log.format]), "BARO")
    ratio = sensors.ratio(log)
    _let_go(log, *RATIOS)
    fixes = sensors.gps(log)
    _let_go(log, *(gps.table for gps in GPS))
    estimate = pick(log, names["estimate_m"])
    climb = pick(log, names["estimate_climb_m_s"])
    voltage, current = sensors.battery(log, names)
    used = pick(log, names["used_mah"], "largest")
    _let_go(log, "POS", "XKF1", "NKF1", "BAT", "CURR")
    return Tracks(
        force_m_s2=force,
        baro_m=baro,
        estimate_m=estimate,
        estimate_climb_m_s=climb,
        gps_m=fixes.gps_m,
        gps_climb_m_s=fixes.gps_climb_m_s,
        ground_speed_m_s=fixes.ground_speed_m_s,
        lat_deg=fixes.lat_deg,
        lon_deg=fixes.lon_deg,
        voltage_v=voltage,
        current_a=current,
        used_mah=used,
        clips=sensors.clips(log),
        estimator_ratio=ratio,
    )


def _let_go(log: FlightLog, *tables: str) -> None:
    for name in tables:
        log.tables.pop(name, None)


def _messages(log: FlightLog) -> tuple[Said, ...]:
    return tuple(
        Said(one.boot_us, "message", one.text.strip(), one.level, _weight(one.text, one.level))
        for one in log.messages
        if one.text.strip()
    )


def _weight(text: str, level: int | None) -> int:
    small = text.lower()
    if any(word in small for word in _GRAVE):
        return 3
    if any(word in small for word in _SERIOUS):
        return 2
    return 0 if level is None or level > _WARNING else 1
