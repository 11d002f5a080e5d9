"""Half a year of a fleet worth looking at: what dashboards are drawn and tested with. Pure.

Lives come from `live`; here they get customers, places, software that spreads in waves, wear,
accidents and stations of which one falls silent. Facts without logs, marked as simulated.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from windsock.firmware_sim.fleet.lives import Lives, live
from windsock.firmware_sim.fleet.telling import DAY_US, Told
from windsock.firmware_sim.fleet.world import World
from windsock.protocol.facts import FACTS_VERSION, rounded
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
STATION_DRONES: Final = 8
SILENT_DAYS: Final = 3
"""So long ago the first station fell silent."""
LOST_SHARE: Final = 0.04
"""Of the flights: no log ever comes, but the autopilot counted them."""
_EVENING_US: Final = 20 * HOUR_US
"""When the day's flights reach the station."""
_RELEASES: Final = (("7.0.3", 400, 0.005), ("7.1.0", 100, 0.002), ("7.2.0", 40, 0.001))
"""Version, days ago, crashes a flight."""
_UPDATE_DAYS: Final = 18.0
_NEVER_UPDATED_SHARE: Final = 0.15
_CUSTOMERS: Final = (
    ("Alpine Survey", "Nordwind Drones", 46.9, 8.6),
    ("Roche & Fils (Lyon)", "Aero Sud", 45.2, 5.7), ("Hafen Inspect", "", 53.5, 9.9),
    ("Terra Maps", "Nordwind Drones", 48.2, 11.5), ("Vigna Sensing", "Aero Sud", 44.5, 11.3),
    ("Solo Aerial", "", 51.0, 7.0), ("Fjord Power", "", 60.4, 5.5),
    ("Meseta Agro", "Aero Sud", 41.6, -4.7),
)  # fmt: skip
"""Name, distributor, where they fly."""
_CRASH: Final = {
    "contact_force_m_s2": 138.0, "tilt_at_contact_deg": 97.0, "peak_force_m_s2": 152.0,
    "tilt_max_deg": 97.0, "rest_tilt_deg": 84.0,
}  # fmt: skip
_HARD: Final = {"contact_force_m_s2": 44.0, "sink_at_contact_m_s": 3.4}
_CHANGED: Final[dict[str, tuple[float | None, float | None]]] = {
    "MPC_XY_VEL_MAX": (12.0, 8.0),
    "BAT1_V_EMPTY": (3.5, 3.6),
}
_ROSTER_HEAD: Final = (
    "serial,uid,product,delivered,customer,customer_email,stage,region,"
    "distributor,distributor_email,csm,csm_email,service_state,valid_from"
)


class Showcase(NamedTuple):
    """A fleet until *now_us*; with the same seed the same."""

    now_us: int
    drones: int = 40
    days: int = 180
    seed: int = 7

    @property
    def first_us(self) -> int:
        """Midnight of the first day; the last one is today."""
        return (self.now_us // DAY_US - self.days + 1) * DAY_US

    def lives(self) -> Lives:
        """On which days each drone flew."""
        world = World(
            drones=self.drones, days=self.days, flight_days_a_year=140, rate_shape=2.5,
            seasonal_share=0.0, stop_rate=0.35, never_flown_share=0.03, drop_rate=0.15, regions=3,
        )  # fmt: skip
        return live(world, self.seed)

    def tell(self) -> Iterator[Told]:
        """All messages, in order of arrival."""
        silent_us = self.now_us - SILENT_DAYS * DAY_US
        heard = (
            one
            for one in self._all()
            if one.at_us <= (silent_us if one.station == station(0) else self.now_us)
        )
        return iter(sorted(heard, key=lambda one: one.at_us))

    def _all(self) -> Iterator[Told]:
        lives = self.lives()
        rng = np.random.default_rng((self.seed, 3))
        drones = [_Drone(self, number, rng) for number in range(self.drones)]
        for day in range(self.days):
            at_us = self.first_us + day * DAY_US
            for drone in drones:
                flies = bool(lives.flew[day, drone.number])
                yield from drone.live(day, at_us, flies=flies)
            yield from self._stations(at_us, rng)

    def roster(self) -> str:
        """As a file."""
        return "\n".join([_ROSTER_HEAD, *map(self._roster_row, range(self.drones)), ""])

    def releases(self) -> str:
        """As a file."""
        now = datetime.fromtimestamp(self.now_us / 1e6, UTC)
        rows = [
            f"Kite 4,{version},{(now - timedelta(days=days)):%Y-%m-%d}"
            for version, days, _ in _RELEASES
        ]
        return "\n".join(["product,version,released_at", *rows, ""])

    def _roster_row(self, number: int) -> str:
        customer, distributor, *_ = _CUSTOMERS[number // 5 % len(_CUSTOMERS)]
        state = "in_service" if (number + 1) % 17 else "repair"
        return ",".join(
            [serial(number), uid(number), "Kite 4", "2025-01-01", customer, "", "customer", "DACH",
             distributor, "", "Mara Lind", "mara@example.com", state, "2025-01-01"]
        )  # fmt: skip

    def _stations(self, at_us: int, rng: np.random.Generator) -> Iterator[Told]:
        """Every hour's report of each station; spools fill up while the network is slow."""
        for number in range(-(-self.drones // STATION_DRONES)):
            depth = 0
            for hour in range(24):
                wall_us = at_us + hour * HOUR_US
                depth = max(0, depth + int(rng.integers(-20, 14)))
                report = Station(
                    boot_id="showcase", wall_us=wall_us, monotonic_us=wall_us - self.first_us,
                    agent_version="0.1.0", spool_batches=depth, spool_bytes=depth * 41_000,
                    disk_free_bytes=int(2e10 - depth * 4e6), clock_synchronised=True,
                )  # fmt: skip
                yield Told(station(number), wall_us, report)


def serial(number: int) -> str:
    """As printed on the drone."""
    return f"K4-{number + 1:04}"


def uid(number: int) -> str:
    """Its autopilot."""
    return "px4:" + hashlib.sha256(serial(number).encode()).hexdigest()[:24]


def station(number: int) -> str:
    """Its agent."""
    return f"dock-{number + 1}"


class _Drone:
    """One drone's software, wear and counters while the days go by."""

    def __init__(self, showcase: Showcase, number: int, rng: np.random.Generator) -> None:
        self.number, self._rng, self._days = number, rng, showcase.days
        *_, lat, lon = _CUSTOMERS[number // 5 % len(_CUSTOMERS)]
        self._place = lat + rng.normal(0, 0.5), lon + rng.normal(0, 0.7)
        self._vibration = rng.uniform(4, 11)
        stubborn = rng.random() < _NEVER_UPDATED_SHARE
        self._updates = [
            (showcase.days - days + rng.exponential(_UPDATE_DAYS), version, risk)
            for version, days, risk in _RELEASES[1:]
            if not stubborn
        ]
        self._grounded_until = 0
        self._counted_s = 3600.0
        self._flights = 0

    def live(self, day: int, at_us: int, *, flies: bool) -> Iterator[Told]:
        """The messages of one day."""
        station_of, told_us = station(self.number // STATION_DRONES), at_us + _EVENING_US
        records = list(self._flown(day, at_us)) if flies else []
        seen = [one for one in records if self._rng.random() >= LOST_SHARE]
        if seen:
            yield Told(station_of, told_us, Flight(logs=seen))
        if (day + self.number) % 7 == 0 or flies:
            sighting = Sighting(
                drone_uid=uid(self.number), seen=_gps(told_us), source="serial",
                firmware=self._firmware(day), armed=False,
                counters=Counters(flight_time_s=round(self._counted_s, 1)),
            )  # fmt: skip
            yield Told(station_of, told_us, sighting)

    def _flown(self, day: int, at_us: int) -> Iterator[LogRecord]:
        """Up to three flights; after a crash none for a while."""
        for nth in range(int(self._rng.integers(1, 4))):
            if day < self._grounded_until:
                return
            start_us = at_us + round((7 + 2.5 * nth + self._rng.random()) * HOUR_US)
            record = self._record(day, start_us)
            if record.flights[0].facts["tilt_max_deg"] == _CRASH["tilt_max_deg"]:
                self._grounded_until = day + int(self._rng.integers(4, 15))
            yield record

    def _firmware(self, day: int) -> Firmware:
        return Firmware(
            autopilot="px4", vehicle="multicopter", version="1.16.0", version_code=0x011000FF,
            vendor_version=self._software(day)[0],
        )  # fmt: skip

    def _software(self, day: int) -> tuple[str, float]:
        version, _, risk = _RELEASES[0]
        for from_day, newer, less in self._updates:
            if day >= from_day:
                version, risk = newer, less
        return version, risk

    def _record(self, day: int, start_us: int) -> LogRecord:
        airborne_s = float(self._rng.uniform(300, 1500))
        self._counted_s += airborne_s
        self._flights += 1
        log_id = hashlib.sha256(f"{self.number}/{start_us}".encode()).hexdigest()[:32]
        end_boot_us = 20_000_000 + int((airborne_s + 12) * 1e6)
        flight = FlightRecord(
            flight=1, armed_boot_us=20_000_000, end_boot_us=end_boot_us,
            disarmed_boot_us=end_boot_us, start=_gps(start_us),
            lat_deg=round(self._place[0], 1), lon_deg=round(self._place[1], 1),
            facts=self._facts(day, airborne_s),
        )  # fmt: skip
        changed = {} if self._flights % 10 else _CHANGED
        return LogRecord(
            log_id=log_id, drone_uid=uid(self.number), facts_version=FACTS_VERSION,
            format="facts", size_bytes=0, bytes_seen=0, simulated=True,
            firmware=self._firmware(day), parameters_changed=changed, flights=[flight],
        )  # fmt: skip

    def _facts(self, day: int, airborne_s: float) -> dict[str, float]:
        rng, age = self._rng, day / self._days
        facts = {
            "armed_s": airborne_s + 12, "airborne_s": airborne_s, "takeoff_boot_s": 26.0,
            "height_max_m": rng.uniform(30, 110), "distance_max_m": rng.uniform(100, 900),
            "ground_speed_max_m_s": rng.uniform(6, 14), "peak_force_m_s2": rng.uniform(16, 28),
            "contact_boot_s": 26.0 + airborne_s, "sink_at_contact_m_s": rng.uniform(0.4, 0.9),
            "tilt_max_deg": rng.uniform(12, 28), "tilt_over_60_s": 0.0,
            "rest_tilt_deg": rng.uniform(0, 3), "ends_in_air": 0.0, "disarm_in_air": 0.0,
            "voltage_start_v": rng.uniform(16.5, 16.8) - 0.1 * age,
            "voltage_min_v": rng.uniform(14.7, 15.2) - 0.5 * age * (self.number % 3),
            "used_mah": airborne_s * rng.uniform(2.6, 3.2), "attitude_hz": 50.0,
            "vibration_m_s2": self._vibration * rng.uniform(0.8, 1.2) * (1 + age),
            "force_hz": 100.0, "height_hz": 10.0,
        }  # fmt: skip
        chance = rng.random()
        risk = self._software(day)[1]
        return rounded(facts | (_CRASH if chance < risk else _HARD if chance < 2 * risk else {}))


def _gps(us: int) -> Utc:
    return Utc(quality="gps", us=us, earliest_us=us - 50_000, latest_us=us + 50_000)
