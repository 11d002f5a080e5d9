"""Flights written down as curves, and the FlightLogs that an autopilot would have made of them.

For look-alikes and accidents of which no recording exists. Curves are sampled at 50 Hz.
"""

from dataclasses import dataclass, field

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, LogMessage, Table
from windsock.agent.logs.rows import GivenTimes

HZ = 50
GRAVITY = 9.81
BANNER = "ArduCopter V4.5.5 (0123abcd)"


@dataclass
class Script:
    """Curves over `seconds`, each a number or an array of 50 values a second."""

    seconds: float
    height_m: object = 0.0
    roll_deg: object = 0.0
    pitch_deg: object = 0.0
    force: object = GRAVITY
    throttle: object = 0.0
    speed_m_s: object = 0.0
    armed: tuple = (1.0, None)
    """When it is armed and disarmed, in seconds."""
    mode: list = field(default_factory=lambda: [(0.0, 0)])
    landed: list = field(default_factory=list)
    """(second, 1 or 0) as the firmware believes."""
    errors: list = field(default_factory=list)
    """(second, subsystem, code)."""
    messages: list = field(default_factory=list)
    parameters: dict = field(default_factory=dict)
    wanted_roll_deg: object = None
    transition: object = False
    """True where a VTOL changes between hover and wings."""

    @property
    def times(self):
        return np.arange(int(self.seconds * HZ)) / HZ

    def curve(self, name):
        value = getattr(self, name)
        value = self.roll_deg if value is None else value
        return np.broadcast_to(np.asarray(value, float), self.times.shape).copy()


def steps(seconds, *points):
    """A curve through (second, value) points, straight between them."""
    moments, values = zip(*points, strict=True)
    return np.interp(np.arange(int(seconds * HZ)) / HZ, moments, values)


def bumped(curve, second, value, samples=2):
    """The curve with a bump of a few samples."""
    curve = np.array(curve, float)
    place = int(second * HZ)
    curve[place : place + samples] = value
    return curve


def dataflash(script, banner=BANNER):
    us = np.rint(script.times * 1e6).astype(np.int64)
    roll, pitch = script.curve("roll_deg"), script.curve("pitch_deg")
    wanted = script.curve("wanted_roll_deg")
    level = np.zeros_like(roll)
    climb = np.gradient(script.curve("height_m"), 1 / HZ)
    plane = "Plane" in banner
    tables = {
        "ATT": table("ATT", us, Roll=roll, Pitch=pitch, Yaw=level, DesRoll=wanted, DesPitch=pitch),
        "IMU": table("IMU", us, AccX=level, AccY=level, AccZ=-script.curve("force")),
        "BARO": table("BARO", us[::5], Alt=script.curve("height_m")[::5]),
        "CTUN": table(
            "CTUN",
            us[::5],
            ThO=(script.curve("throttle") * (100 if plane else 1))[::5],
            Alt=script.curve("height_m")[::5],
            CRt=100 * climb[::5],
        ),
        "MODE": rows("MODE", script.mode, "ModeNum"),
        "EV": rows("EV", _events(script), "Id"),
    }
    if script.errors:
        times = [(second, system) for second, system, _ in script.errors]
        tables["ERR"] = rows("ERR", times, "Subsys")
        code = np.array([code for _, _, code in script.errors])
        tables["ERR"] = table(
            "ERR", tables["ERR"].boot_us, Subsys=tables["ERR"]["Subsys"], ECode=code
        )
    return log("dataflash", tables, script, [(0.0, banner), *script.messages])


def _events(script):
    armed, disarmed = script.armed
    events = [(armed, 10), (disarmed, 11)]
    events += [(second, 18 if landed else 28) for second, landed in script.landed]
    return sorted((second, event) for second, event in events if second is not None)


def ulog(script, *, vehicle_type=1, mav_type=2, tailsitter=False, hardware="PX4_FMU_V5"):
    us = np.rint(script.times * 1e6).astype(np.int64)
    roll, pitch = np.radians(script.curve("roll_deg")), np.radians(script.curve("pitch_deg"))
    height = script.curve("height_m")
    level = np.zeros_like(roll)
    armed, disarmed = script.armed
    arming = np.where((script.times >= armed) & (script.times < (disarmed or 1e9)), 2, 1)
    mode = np.array([script.mode[0][1]] * len(us))
    for second, number in script.mode:
        mode[script.times >= second] = number
    q = np.stack(
        (
            np.cos(roll / 2) * np.cos(pitch / 2),
            np.sin(roll / 2) * np.cos(pitch / 2),
            np.cos(roll / 2) * np.sin(pitch / 2),
            -np.sin(roll / 2) * np.sin(pitch / 2),
        )
    )
    kinds = np.broadcast_to(np.asarray(vehicle_type), us.shape)
    status = {
        "arming_state": arming,
        "nav_state": mode,
        "system_type": np.full(len(us), mav_type),
        "vehicle_type": kinds,
        "is_vtol": np.full(len(us), tailsitter),
        "in_transition_mode": np.isin(np.arange(len(us)), np.flatnonzero(script.transition)),
        "is_vtol_tailsitter": np.full(len(us), tailsitter),
    }
    tables = {
        "vehicle_status": table(
            "vehicle_status", us[::10], **{name: value[::10] for name, value in status.items()}
        ),
        "vehicle_attitude": table("vehicle_attitude", us, **quaternion("q", q)),
        "sensor_combined": table(
            "sensor_combined",
            us,
            **{
                "accelerometer_m_s2[0]": level,
                "accelerometer_m_s2[1]": level,
                "accelerometer_m_s2[2]": -script.curve("force"),
            },
        ),
        "vehicle_air_data": table("vehicle_air_data", us[::5], baro_alt_meter=500 + height[::5]),
        "vehicle_local_position": table(
            "vehicle_local_position", us[::5], z=-height[::5], vz=-np.gradient(height, 1 / HZ)[::5]
        ),
        "actuator_motors": table(
            "actuator_motors",
            us[::5],
            **{"control[0]": 0.08 + 0.92 * script.curve("throttle")[::5]},
        ),
    }
    if script.landed:
        tables["vehicle_land_detected"] = rows("vehicle_land_detected", script.landed, "landed")
    info = {"sys_name": "PX4", "ver_hw": hardware, "ver_sw_release": 0x010F00FF}
    return log("ulog", tables, script, script.messages, info)


def quaternion(name, q):
    return {f"{name}[{part}]": values for part, values in enumerate(q)}


def table(name, boot_us, **fields):
    return Table(name, 0, GivenTimes(np.asarray(boot_us, np.int64)), fields)


def rows(name, pairs, field_name):
    seconds = np.array([second for second, _ in pairs], float)
    us = np.rint(seconds * 1e6).astype(np.int64)
    return table(name, us, **{field_name: np.array([value for _, value in pairs])})


def log(kind, tables, script, messages, info=None):
    ends = [int(one.boot_us[-1]) for one in tables.values() if len(one)]
    return FlightLog(
        format=kind,
        tables={name: {0: one} for name, one in tables.items() if len(one)},
        parameters=dict(script.parameters),
        parameter_defaults={},
        parameter_changes=(),
        messages=[LogMessage(round(at * 1e6), None, text) for at, text in messages],
        info=info or {},
        dropouts=(),
        size_bytes=1000,
        damaged_bytes=0,
        first_boot_us=0,
        last_boot_us=max(ends, default=0),
    )


def normal(**changes):
    """Take-off to 10 m, a hover, a soft landing, disarmed, all within a minute."""
    height = steps(60, (5, 0), (15, 10), (40, 10), (52, 0))
    throttle = steps(60, (4, 0), (4.1, 0.4), (52, 0.4), (52.5, 0))
    curves = {"height_m": height, "throttle": throttle, "armed": (1.0, 55.0)}
    return Script(60, **(curves | {"landed": [(4.5, 0), (53.0, 1)]} | changes))


def cut(script, second):
    """The same flight in a log that ends at a second."""
    kept = int(second * HZ)
    script.seconds = second
    for name in ("height_m", "roll_deg", "force", "throttle", "wanted_roll_deg"):
        value = getattr(script, name)
        if isinstance(value, np.ndarray):
            setattr(script, name, value[:kept])
    script.landed = [one for one in script.landed if one[0] < second]
    return script
