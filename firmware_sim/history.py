"""The last months of a small fleet, as its stations would have told them. Pure and seeded.

Flights that no aircraft made, for the demo: facts without logs, marked as simulated. Truth is
known: `Life.stopped_days_ago` says which drone stopped flying.
"""

import hashlib
import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from windsock.protocol.facts import FACTS_VERSION, rounded
from windsock.protocol.messages import (
    Counters,
    Firmware,
    Flight,
    FlightRecord,
    LogRecord,
    Message,
    Sighting,
    Station,
    Utc,
)

DAY_US: Final = 86_400_000_000
HOUR_US: Final = 3_600_000_000
_FIRMWARE: Final = Firmware(
    autopilot="px4", vehicle="multicopter", version="1.16.0", version_code=0x011000FF
)


class Life(NamedTuple):
    """One drone's habits. Days count backwards from now."""

    serial: str
    flight_days_a_week: float
    stopped_days_ago: float = 0.0
    powered_days_ago: float = 1.0
    """Last time on the bench: its counters prove what it has flown."""

    @property
    def uid(self) -> str:
        """Its autopilot, made from its serial."""
        return "px4:" + hashlib.sha256(self.serial.encode()).hexdigest()[:24]


def tell(life: Life, now_us: int, days: int, seed: int = 1) -> Iterator[Message]:
    """The messages of one drone's last *days*: flights, and its counters before and after."""
    chance = random.Random(f"{life.serial}/{seed}")  # noqa: S311 - a simulation
    seconds = 0.0
    records: list[LogRecord] = []
    for day in range(days, int(life.stopped_days_ago), -1):
        if chance.random() < life.flight_days_a_week / 7:
            start_us = now_us - day * DAY_US + int(chance.uniform(0, 8) * HOUR_US)
            airborne_s = chance.uniform(300, 1500)
            records.append(_record(life, start_us, airborne_s, chance))
            seconds += airborne_s
    yield _look(life, now_us - (days + 1) * DAY_US, 0.0)
    if records:
        yield Flight(logs=records)
    yield _look(life, now_us - int(life.powered_days_ago * DAY_US), seconds)


def station_hours(now_us: int, days: int, agent_version: str) -> Iterator[Message]:
    """A fixed station's hourly reports: it was there all the time."""
    for hour in range(days * 24, 0, -1):
        yield Station(
            boot_id="demo",
            wall_us=now_us - hour * HOUR_US,
            monotonic_us=(days * 24 - hour) * HOUR_US,
            agent_version=agent_version,
        )


def _look(life: Life, at_us: int, flown_s: float) -> Sighting:
    """At the bench."""
    return Sighting(
        drone_uid=life.uid,
        seen=_gps(at_us),
        source="serial",
        firmware=_FIRMWARE,
        counters=Counters(flight_time_s=round(flown_s, 1)),
        armed=False,
    )


def _record(life: Life, start_us: int, airborne_s: float, chance: random.Random) -> LogRecord:
    log_id = hashlib.sha256(f"{life.serial}/{start_us}".encode()).hexdigest()[:32]
    flight = FlightRecord(
        flight=1,
        armed_boot_us=20_000_000,
        end_boot_us=20_000_000 + int((airborne_s + 12) * 1e6),
        disarmed_boot_us=20_000_000 + int((airborne_s + 12) * 1e6),
        start=_gps(start_us),
        lat_deg=47.4,
        lon_deg=8.5,
        facts=_facts(airborne_s, chance),
    )
    return LogRecord(
        log_id=log_id,
        drone_uid=life.uid,
        facts_version=FACTS_VERSION,
        format="facts",
        size_bytes=0,
        bytes_seen=0,
        simulated=True,
        firmware=_FIRMWARE,
        flights=[flight],
    )


def _facts(airborne_s: float, chance: random.Random) -> dict[str, float]:
    """What a normal flight measures."""
    return rounded(
        {
            "armed_s": airborne_s + 12,
            "airborne_s": airborne_s,
            "takeoff_boot_s": 26.0,
            "height_max_m": chance.uniform(30, 110),
            "peak_force_m_s2": chance.uniform(16, 28),
            "peak_force_boot_s": 26.0 + airborne_s,
            "contact_boot_s": 26.0 + airborne_s,
            "sink_at_contact_m_s": chance.uniform(0.4, 0.9),
            "tilt_max_deg": chance.uniform(12, 28),
            "tilt_over_60_s": 0.0,
            "rest_tilt_deg": chance.uniform(0, 3),
            "ends_in_air": 0.0,
            "end_height_m": 0.0,
            "disarm_in_air": 0.0,
            "disarm_height_m": 0.0,
            "voltage_start_v": chance.uniform(16.4, 16.8),
            "voltage_min_v": chance.uniform(14.6, 15.2),
            "attitude_hz": 50.0,
            "force_hz": 100.0,
            "height_hz": 10.0,
        }
    )


def _gps(us: int) -> Utc:
    return Utc(quality="gps", us=us, earliest_us=us - 50_000, latest_us=us + 50_000)
