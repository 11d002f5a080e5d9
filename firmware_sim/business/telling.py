"""A company's days as its stations would have told them, in order of arrival. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from windsock.firmware_sim.business.plot import CUPBOARD_DAYS, OUT_OF_SIGHT, Plot
from windsock.firmware_sim.fleet.telling import DAY_US, FLIGHTS_A_MESSAGE, Told, uid
from windsock.protocol.facts import FACTS_VERSION
from windsock.protocol.messages import (
    Counters,
    Firmware,
    Flight,
    FlightRecord,
    LogRecord,
    Sighting,
    Station,
    Utc,
)

HOUR_US: Final = 3_600_000_000
STATIONS: Final = 12
EVENING: Final = 20
"""The hour, UTC, at which stations send what was flown on a day."""
READ_EVERY_DAYS: Final = 7
OLD, NEW = "1.4.0", "2.0.0"
_VIBRATION: Final = (8.0, 0.4, 16.0)
"""m/s2: usual, its deviation, and of a drone that is worn."""
_FINE: Final = {
    "height_max_m": 60.0, "peak_force_m_s2": 20.0, "contact_boot_s": 600.0,
    "sink_at_contact_m_s": 0.6, "tilt_max_deg": 20.0, "tilt_over_60_s": 0.0, "rest_tilt_deg": 1.0,
    "ends_in_air": 0.0, "disarm_in_air": 0.0, "attitude_hz": 50.0, "force_hz": 100.0,
    "height_hz": 10.0,
}  # fmt: skip
_HURT: Final = {
    "contact_force_m_s2": 138.0, "tilt_at_contact_deg": 97.0, "contact_boot_s": 600.0,
    "height_max_m": 60.0, "attitude_hz": 50.0, "force_hz": 100.0, "height_hz": 10.0,
}  # fmt: skip


class Teller(NamedTuple):
    """Tells *plot* from *first_us* on, hour by hour."""

    plot: Plot
    first_us: int
    seed: int

    def tell(self) -> Iterator[Told]:
        """All messages of all stations."""
        waiting: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for day in range(self.plot.company.days):
            for drone in np.flatnonzero(self.plot.flew[day]).tolist():
                waiting[self.station_of(drone)].append((day, drone))
            for hour in range(24):
                at_us = self.first_us + day * DAY_US + hour * HOUR_US
                for station in self._up(day):
                    yield Told(station, at_us, self._here(at_us))
                    if hour == EVENING:
                        yield from self._flights(station, waiting.pop(station, []), at_us)
                        yield from self._readings(station, day, at_us)

    def station_of(self, drone: int) -> str:
        """Where it is read: one for all drones of an account."""
        account = int(self.plot.lives.account[drone])
        if account in self.plot.cut_off:
            return OUT_OF_SIGHT
        return f"dock-{account % STATIONS:02}"

    def _up(self, day: int) -> list[str]:
        if self.plot.blackout[0] <= day < self.plot.blackout[1]:
            return []
        docks = [f"dock-{number:02}" for number in range(STATIONS)]
        out = self.plot.outage[0] <= day < self.plot.outage[1]
        return docks if out or not self.plot.cut_off else [*docks, OUT_OF_SIGHT]

    def _here(self, at_us: int) -> Station:
        return Station(
            boot_id="sim", wall_us=at_us, monotonic_us=at_us - self.first_us, agent_version="sim"
        )

    def _flights(self, station: str, flown: list[tuple[int, int]], at_us: int) -> Iterator[Told]:
        records = [self._record(day, drone) for day, drone in flown]
        for begin in range(0, len(records), FLIGHTS_A_MESSAGE):
            yield Told(station, at_us, Flight(logs=records[begin : begin + FLIGHTS_A_MESSAGE]))

    def _readings(self, station: str, day: int, at_us: int) -> Iterator[Told]:
        for drone in range(day % READ_EVERY_DAYS, self.plot.flew.shape[1], READ_EVERY_DAYS):
            if self.station_of(drone) != station or not self._is_at_hand(drone, day):
                continue
            flights = int(self.plot.flew[: day + 1, drone].sum())
            counters = Counters(flight_time_s=flights * _airborne_s(drone))
            message = Sighting(drone_uid=uid(drone), seen=_gps(at_us), source="serial",
                               counters=counters, firmware=self._firmware(drone, day),
                               armed=False)  # fmt: skip
            yield Told(station, at_us, message)

    def _is_at_hand(self, drone: int, day: int) -> bool:
        lives, stopped = self.plot.lives, self.plot.stopped.get(drone)
        paused = lives.paused_from[drone] <= day < lives.paused_until[drone]
        if paused or lives.delivered[drone] > day or not self.plot.flew[:, drone].any():
            return False
        return stopped is None or day < stopped + CUPBOARD_DAYS

    def _firmware(self, drone: int, day: int) -> Firmware:
        runs = NEW if day >= self.plot.updated[drone] else OLD
        return Firmware(
            autopilot="px4", vehicle="multicopter", version="1.16.0", version_code=0x011000FF,
            vendor_version=runs,
        )  # fmt: skip

    def _record(self, day: int, drone: int) -> LogRecord:
        crash = any((one.drone, one.day) == (drone, day) for one in self.plot.crashes)
        hour = 6 + drone % 8 + (4 if crash else 0)
        start_us = self.first_us + day * DAY_US + hour * HOUR_US
        airborne_s = _airborne_s(drone)
        end_boot_us = 20_000_000 + int((airborne_s + 12) * 1e6)
        facts = {
            "armed_s": airborne_s + 12,
            "airborne_s": airborne_s,
            "vibration_m_s2": self._vibration(day, drone),
            **(_HURT if crash else _FINE),
        }
        flight = FlightRecord(
            flight=1, armed_boot_us=20_000_000, end_boot_us=end_boot_us,
            disarmed_boot_us=end_boot_us, start=_gps(start_us), facts=facts,
        )  # fmt: skip
        return LogRecord(
            log_id=hashlib.sha256(f"{drone}/{start_us}".encode()).hexdigest()[:32],
            drone_uid=uid(drone), facts_version=FACTS_VERSION, format="facts", size_bytes=0,
            bytes_seen=0, simulated=True, firmware=self._firmware(drone, day), flights=[flight],
        )  # fmt: skip

    def _vibration(self, day: int, drone: int) -> float:
        usual, deviation, worn = _VIBRATION
        if day >= self.plot.worn.get(drone, self.plot.company.days):
            usual = worn
        chance = np.random.default_rng((self.seed, 5, day, drone))
        return round(float(chance.normal(usual, deviation)), 2)


def _airborne_s(drone: int) -> float:
    return 480.0 + drone % 7 * 60


def _gps(us: int) -> Utc:
    return Utc(quality="gps", us=us, earliest_us=us - 50_000, latest_us=us + 50_000)
