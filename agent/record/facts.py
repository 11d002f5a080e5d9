"""All facts of one flight, by the catalogue of `protocol.facts`."""

from typing import Final, Literal

import numpy as np

from windsock.agent.record.airborne import Stay, in_air, stays
from windsock.agent.record.contact import hardest
from windsock.agent.record.flights import Armed
from windsock.agent.record.grid import STEP_US
from windsock.agent.record.ground import Facts, contact_facts, end_facts, rest_facts
from windsock.agent.record.health import health_facts, rate_facts, said_facts
from windsock.agent.record.held import held_facts
from windsock.agent.record.homeward import DEGREE_M, homeward_facts
from windsock.agent.record.motion import Motion
from windsock.agent.record.tilting import tilt_facts
from windsock.agent.record.tracks import Tracks
from windsock.protocol.facts import rounded

Positions = Literal["coarse", "full", "none"]
GROUND_VEHICLES: Final = ("rover", "boat", "submarine")
"""They gain height, too, but never leave the ground."""
TRACK_FACTS: Final = (
    "distance_max_m",
    "ground_speed_max_m_s",
    "return_away_m",
    "failsafe_landing_m",
)
"""Left out with `positions = "none"`, as the series that they come from."""


def flight_facts(tracks: Tracks, seen: Motion, positions: Positions) -> dict[str, float]:
    """The facts of one flight, rounded; what could not be measured is absent."""
    flight = seen.flight
    found = [] if tracks.vehicle in GROUND_VEHICLES else stays(seen)
    contact = hardest(tracks, seen, found)
    facts: Facts = {
        "armed_s": (flight.end_us - flight.armed_us) / 1e6,
        **_airborne(seen, found),
        **_travel(tracks, flight),
        **contact_facts(tracks, seen, found, contact),
        **rest_facts(seen, flight, found, contact),
        **tilt_facts(tracks, seen, found),
        **held_facts(tracks, seen, contact),
        **homeward_facts(tracks, seen, found),
        **end_facts(seen, flight, found),
        **said_facts(tracks, seen, flight, found),
        **health_facts(tracks, seen, flight, found),
        **rate_facts(tracks, flight),
    }
    if positions == "none":
        facts = {name: value for name, value in facts.items() if name not in TRACK_FACTS}
    return rounded(facts)


def _airborne(seen: Motion, found: list[Stay]) -> Facts:
    """Time in the air; absent where neither height nor thrust says anything."""
    flying = in_air(seen, found)
    heights = seen.height_m[np.isfinite(seen.height_m)]
    if not len(heights) and not seen.throttle_known:
        return {}
    facts: Facts = {"airborne_s": float(flying.sum()) * STEP_US / 1e6}
    if len(heights):
        facts["height_max_m"] = float(heights.max())
    if found:
        facts["takeoff_boot_s"] = seen.grid.time_us(found[0].takeoff) / 1e6
    return facts


def _travel(tracks: Tracks, flight: Armed) -> Facts:
    """Greatest distance (flat-earth, fine below 100 km) and speed over ground while armed."""
    start, end = flight.armed_us, flight.end_us
    facts: Facts = {}
    speed = tracks.ground_speed_m_s.between(start, end)
    if len(speed):
        facts["ground_speed_max_m_s"] = float(speed.values.max())
    lat, lon = tracks.lat_deg.between(start, end), tracks.lon_deg.between(start, end)
    if len(lat) and len(lat) == len(lon):
        north = (lat.values - lat.values[0]) * DEGREE_M
        east = (lon.values - lon.values[0]) * DEGREE_M * np.cos(np.radians(lat.values[0]))
        facts["distance_max_m"] = float(np.hypot(north, east).max())
    return facts
