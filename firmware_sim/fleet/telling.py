"""A simulated fleet's years as its stations would have told them: facts only, many a message."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.fleet.lives import Lives
from windsock.firmware_sim.fleet.troubles import Rates, Troubles, befall
from windsock.firmware_sim.fleet.wear import Felt, Wear, Wearing, feel, wearing
from windsock.protocol.facts import FACTS_VERSION
from windsock.protocol.messages import (
    Counters,
    Firmware,
    Flight,
    FlightRecord,
    LogRecord,
    Message,
    Sighting,
    Utc,
)

DAY_US: Final = 86_400_000_000
STATION_DRONES: Final = 20
TOLD_EVERY_DAYS: Final = 14
FLIGHTS_A_MESSAGE: Final = 400
WEAR: Final = Wear()
_FIRMWARE: Final = Firmware(
    autopilot="px4", vehicle="multicopter", version="1.16.0", version_code=0x011000FF
)
_FACTS: Final = {
    "height_max_m": 60.0, "peak_force_m_s2": 20.0, "contact_boot_s": 600.0,
    "sink_at_contact_m_s": 0.6, "tilt_max_deg": 20.0, "tilt_over_60_s": 0.0, "rest_tilt_deg": 1.0,
    "ends_in_air": 0.0, "disarm_in_air": 0.0, "attitude_hz": 50.0, "force_hz": 100.0,
    "height_hz": 10.0,
}  # fmt: skip


class Told(NamedTuple):
    """One message, from which station, when it came."""

    station: str
    at_us: int
    message: Message


class Story(NamedTuple):
    """Lives, what goes wrong, and when the first day was."""

    lives: Lives
    troubles: Troubles
    rates: Rates
    wears: Wearing
    first_us: int
    seed: int

    @classmethod
    def of(cls, lives: Lives, first_us: int, seed: int, rates: Rates = Rates()) -> "Story":  # noqa: B008 - a tuple can't change
        """Draw the troubles of *lives*, and what wears."""
        drones = len(lives.stops)
        stations = -(-drones // STATION_DRONES)
        troubles = befall(drones, stations, rates, np.random.default_rng((seed, 1)))
        wears = wearing(lives, WEAR, np.random.default_rng((seed, 3)))
        return cls(lives, troubles, rates, wears, first_us, seed)


def serial(drone: int) -> str:
    """As printed on it."""
    return f"F{drone:06}"


def uid(drone: int) -> str:
    """Its autopilot."""
    return "px4:" + hashlib.sha256(serial(drone).encode()).hexdigest()[:24]


def tell(story: Story) -> Iterator[Told]:
    """All messages, in order of arrival."""
    rng = np.random.default_rng((story.seed, 2))
    days, drones = story.lives.flew.shape
    airborne_s = np.round(rng.uniform(300, 1500, (days, drones)), 1).astype(np.float32)
    lost = rng.random((days, drones)) < story.rates.lost_share
    arrives = _arrivals(story, rng)
    counted_s = _counters(story, airborne_s)
    feels = _Feels.of(story)
    for until in range(TOLD_EVERY_DAYS, days + TOLD_EVERY_DAYS, TOLD_EVERY_DAYS):
        last = min(until, days)
        due = story.lives.flew & ~lost & (arrives >= until - TOLD_EVERY_DAYS) & (arrives < last)
        at_us = story.first_us + last * DAY_US
        yield from _flights(story, due, airborne_s, feels, at_us)
        yield from _readings(story, last, counted_s[last - 1], at_us)


def _arrivals(story: Story, rng: np.random.Generator) -> npt.NDArray[Any]:
    """The day on which each flight comes in; beyond all days where it never does."""
    days, drones = story.lives.flew.shape
    day = np.arange(days)[:, None]
    late = rng.random((days, drones)) < story.rates.late_share
    arrives = day + np.where(late, rng.integers(1, 61, (days, drones)), 0)
    station = np.arange(drones) // STATION_DRONES
    begin, end = story.troubles.outage_from[station], story.troubles.outage_until[station]
    arrives = np.where((arrives >= begin) & (arrives < end), end, arrives)
    return np.where(story.troubles.never_connected, days, arrives)


def _counters(story: Story, airborne_s: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Flight time as each autopilot counts it, at the end of each day."""
    total = np.cumsum(np.where(story.lives.flew, airborne_s, 0), axis=0, dtype=np.float64)
    days = np.arange(len(total))[:, None]
    reset = np.minimum(story.troubles.reset, len(total) - 1)
    before = total[reset, np.arange(total.shape[1])]
    return np.where(days >= story.troubles.reset, total - before, total)


class _Feels(NamedTuple):
    """How each flight felt, as facts of its log."""

    felt: Felt
    row: npt.NDArray[np.int32]
    """(days, drones): where that day's flight is."""

    @classmethod
    def of(cls, story: Story) -> "_Feels":
        felt = feel(story.lives, story.wears, WEAR, np.random.default_rng((story.seed, 4)))
        row = np.zeros(story.lives.flew.shape, np.int32)
        row[felt.day, felt.drone] = np.arange(len(felt.day))
        return cls(felt, row)

    def facts(self, day: int, drone: int) -> dict[str, float]:
        row = self.row[day, drone]
        vibration_m_s2, asymmetry_pct, sag_pct, ratio = self.felt.values[row].tolist()
        full_v = float(self.felt.full_v[row])
        return {
            "vibration_m_s2": round(vibration_m_s2, 3),
            "motor_asymmetry_pct": round(asymmetry_pct, 2),
            "voltage_start_v": round(full_v, 2),
            "voltage_min_v": round(full_v * (1 - min(sag_pct, 60.0) / 100), 2),
            "estimator_ratio_max": round(ratio, 4),
        }


def _flights(
    story: Story,
    due: npt.NDArray[Any],
    airborne_s: npt.NDArray[Any],
    feels: _Feels,
    at_us: int,
) -> Iterator[Told]:
    of: dict[int, list[LogRecord]] = defaultdict(list)
    for day, drone in zip(*(index.tolist() for index in np.nonzero(due)), strict=True):
        start_us = story.first_us + day * DAY_US + (6 + drone % 12) * 3_600_000_000
        more = {"airborne_s": float(airborne_s[day, drone]), **feels.facts(day, drone)}
        record = _record(drone, start_us, more)
        of[drone // STATION_DRONES].append(record)
    for station, records in of.items():
        for begin in range(0, len(records), FLIGHTS_A_MESSAGE):
            logs = records[begin : begin + FLIGHTS_A_MESSAGE]
            yield Told(f"fleet-{station:04}", at_us, Flight(logs=logs))


def _readings(
    story: Story,
    last: int,
    counted_s: npt.NDArray[Any],
    at_us: int,
) -> Iterator[Told]:
    """Each delivered drone's counter, where its station is up and has ever met it."""
    for drone in np.flatnonzero(~story.troubles.never_connected).tolist():
        station = drone // STATION_DRONES
        down = story.troubles.outage_from[station] < last <= story.troubles.outage_until[station]
        if down or story.lives.delivered[drone] >= last:
            continue
        counters = Counters(flight_time_s=round(float(counted_s[drone]), 1))
        seen = _gps(at_us - 3_600_000_000)
        message = Sighting(drone_uid=uid(drone), seen=seen, source="serial", counters=counters,
                           firmware=_FIRMWARE, armed=False)  # fmt: skip
        yield Told(f"fleet-{station:04}", at_us, message)


def _record(drone: int, start_us: int, more: dict[str, float]) -> LogRecord:
    log_id = hashlib.sha256(f"{drone}/{start_us}".encode()).hexdigest()[:32]
    armed_s = more["airborne_s"] + 12
    end_boot_us = 20_000_000 + int(armed_s * 1e6)
    facts = {"armed_s": armed_s, **_FACTS, **more}
    flight = FlightRecord(
        flight=1, armed_boot_us=20_000_000, end_boot_us=end_boot_us, disarmed_boot_us=end_boot_us,
        start=_gps(start_us), facts=facts,
    )  # fmt: skip
    return LogRecord(
        log_id=log_id, drone_uid=uid(drone), facts_version=FACTS_VERSION, format="facts",
        size_bytes=0, bytes_seen=0, simulated=True, firmware=_FIRMWARE, flights=[flight],
    )  # fmt: skip


def _gps(us: int) -> Utc:
    return Utc(quality="gps", us=us, earliest_us=us - 50_000, latest_us=us + 50_000)
