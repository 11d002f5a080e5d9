"""The catalogue of series signals: what a FlightRecord's columns are called and how fine they are.

A signal travels as integers: ``round(value * scale)``, so its step is ``1 / scale``. The steps
are those of the sensors, not of the number format: finer ones would send noise.
"""

from typing import NamedTuple


class Signal(NamedTuple):
    """One column: ``scale`` integers to one unit."""

    name: str
    unit: str
    scale: int
    about: str


SIGNALS = (
    Signal("height_m", "m", 10, "height above the place of arming"),
    Signal("climb_m_s", "m/s", 10, "vertical speed, up is positive"),
    Signal("ground_speed_m_s", "m/s", 10, "horizontal speed over ground"),
    Signal("roll_deg", "deg", 10, "right wing down is positive"),
    Signal("pitch_deg", "deg", 10, "nose up is positive"),
    Signal("yaw_deg", "deg", 2, "heading, clockwise from north, 0 to 360"),
    Signal("voltage_v", "V", 100, "battery voltage"),
    Signal("current_a", "A", 10, "battery current"),
    Signal("lat_deg", "deg", 1_000_000, "WGS 84 latitude"),
    Signal("lon_deg", "deg", 1_000_000, "WGS 84 longitude"),
)
WINDOW = (
    Signal("force_m_s2", "m/s2", 10, "specific force, norm of the accelerometers; 9.8 at rest"),
    Signal("tilt_deg", "deg", 10, "angle between the drone's and the world's vertical"),
    Signal("height_m", "m", 100, "height above the place of arming"),
    Signal("climb_m_s", "m/s", 100, "vertical speed, up is positive"),
    Signal("roll_deg", "deg", 10, "right wing down is positive"),
    Signal("pitch_deg", "deg", 10, "nose up is positive"),
    Signal("throttle_pct", "%", 10, "mean motor output, 0 idle, 100 full"),
    Signal("voltage_v", "V", 100, "battery voltage"),
)
"""The signals of a window, finer than in a series where a crash is told by them."""
BY_NAME = {signal.name: signal for signal in SIGNALS}
WINDOW_BY_NAME = {signal.name: signal for signal in WINDOW}
SERIES_INTERVAL_US = 1_000_000
WINDOW_INTERVAL_US = 20_000

POSITIONS = ("lat_deg", "lon_deg")
TRACK_DRAWING = ("yaw_deg", "ground_speed_m_s")
"""From heading and speed a track can be drawn: ``positions = "none"`` drops them too."""
