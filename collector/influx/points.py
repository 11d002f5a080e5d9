"""Which rows InfluxDB gets of a message or of the ledger."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from windsock.collector.fleet.states import DroneState
from windsock.collector.influx import window_points
from windsock.collector.influx.digits import Steps
from windsock.collector.influx.lines import Columns, Points, Rows, Value
from windsock.collector.influx.measurements import (
    DRONE_STATE,
    FLIGHT,
    SERIES,
    SIGHTING,
    STATION,
    VERDICT,
)
from windsock.collector.influx.unpacking import Packed, Unpacked, unpack
from windsock.protocol.columns import in_table
from windsock.protocol.errors import WireError
from windsock.protocol.facts import NAMES
from windsock.protocol.messages import (
    Firmware,
    Flight,
    Message,
    Series,
    Sighting,
    Station,
    TimeQuality,
    Utc,
    Window,
)
from windsock.protocol.signals import BY_NAME

HOUR_US: Final = 3_600_000_000
OF_LOG: Final = "logs.firmware, CASE flight WHEN 1 THEN logs.parameters_changed END AS changed"
"""What a flight's row says of its log."""
_OF_ONE_LOG: Final = f"""
SELECT live_flights.*, {OF_LOG} FROM live_flights JOIN logs USING (log_id)
WHERE log_id = ? AND start_quality IN (?, ?) ORDER BY start_us
"""  # noqa: S608 - our columns
_BEFORE_MS: Final = 10_000
_AFTER_MS: Final = 5_000
"""As much as a window has around its event: what a link shows."""
_TEXT_LENGTH: Final = 2000
TRUSTED: Final[tuple[TimeQuality, ...]] = ("gps", "boot_utc")
"""Flights without such a time stay in the ledger: a row at a guessed time misleads a chart."""


class Said(NamedTuple):
    """A message that stands for itself, who said it and when that came."""

    message: Message
    agent: str
    received_us: int


def of_messages(said: Sequence[Said]) -> Iterator[list[Rows] | WireError]:
    """The rows of each, or why there are none; flights come from the ledger."""
    unpacked = unpack([_packed(one.message) for one in said])
    for one, columns in zip(said, unpacked, strict=True):
        try:
            yield columns if isinstance(columns, WireError) else _of_message(one, columns)
        except WireError as error:
            yield error


def of_message(message: Message, agent: str, received_us: int) -> list[Rows]:
    """The same of one. Raises WireError for columns that are none."""
    (rows,) = of_messages([Said(message, agent, received_us)])
    if isinstance(rows, WireError):
        raise rows
    return rows


def _packed(message: Message) -> Packed:
    match message:
        case Series():
            columns = [data for name, data in message.columns.items() if name in BY_NAME]
            return Packed(columns, [message.rows] * len(columns))
        case Window():
            return window_points.packed(message)
        case _:
            return Packed()


def _of_message(said: Said, columns: Unpacked) -> list[Rows]:
    """Raises WireError for columns that can't be."""
    match said.message:
        case Series() as series:
            return _of_series(series, columns)
        case Window() as window:
            return window_points.of_window(window, columns, _trusted_us(window.start))
        case Sighting() as sighting:
            return [_of_sighting(sighting, said.received_us)]
        case Station() as station:
            return [of_station(station, said.agent, said.received_us)]
        case _:
            return []


def _of_series(series: Series, columns: Unpacked) -> list[Rows]:
    start_us = _trusted_us(series.start)
    if start_us is None:
        return []
    names = [name for name in series.columns if name in BY_NAME]
    steps, present = in_table(*columns, (len(names), series.rows))
    times_us = start_us + series.interval_us * np.arange(series.rows)
    fields = {
        name: Steps(values, BY_NAME[name].scale, there)
        for name, values, there in zip(names, steps, present, strict=True)
    }
    return [Columns(SERIES, {"drone": series.drone_uid}, times_us, fields)]


def _trusted_us(start: Utc) -> int | None:
    return start.us if start.quality in TRUSTED else None


def of_flights(ledger: sqlite3.Connection, message: Flight) -> Iterator[Points]:
    """The flights that now stand for the logs of *message*."""
    for log in message.logs:
        rows = ledger.execute(_OF_ONE_LOG, (log.log_id, *TRUSTED)).fetchall()
        for row in rows:
            yield of_flight(row)


def of_flight(row: sqlite3.Row) -> Points:
    """One flight: a row of `flights` with its log's firmware."""
    # Through text: the shortest decimal that is this float32, as the agent wrote it.
    facts = np.frombuffer(row["facts"], "<f4").astype(str).astype(float).tolist()
    firmware = msgspec.json.decode(row["firmware"], type=Firmware)
    fields: dict[str, Sequence[Value]] = {
        "flight_id": [flight_id(row["log_id"], row["armed_boot_us"])],
        "log_id": [row["log_id"]],
        "firmware": [firmware.vendor_version or firmware.version],
        "simulated": [bool(row["simulated"])],
        "lat_deg": [row["lat_deg"]],
        "lon_deg": [row["lon_deg"]],
        **_around(row["start_us"], row["start_us"] + row["end_boot_us"] - row["armed_boot_us"]),
        "parameters_changed": [_changes(row["changed"])],
        **{name: [value] for name, value in zip(NAMES, facts, strict=False)},
    }
    return Points(FLIGHT, {"drone": row["drone_uid"]}, [row["start_us"]], fields)


def of_verdict(row: sqlite3.Row) -> Points:
    """One judged flight: a row of `verdicts` joined with its flight."""
    fields: dict[str, Sequence[Value]] = {
        "flight_id": [flight_id(row["log_id"], row["armed_boot_us"])],
        "verdict": [row["verdict"]],
        "kind": [row["kind"]],
        "severity": [row["severity"]],
        **_around(row["event_us"], row["event_us"]),
        "rules_version": [row["rules_version"]],
    }
    return Points(VERDICT, {"drone": row["drone_uid"]}, [row["start_us"]], fields)


def of_state(state: DroneState, now_us: int) -> Points:
    """One drone as it stands, in the row of the hour: a later one of the hour replaces it."""
    tags = state_tags(state)
    fields: dict[str, Sequence[Value]] = {
        "serial": [state.serial],
        "label": [f"{state.serial or 'unclaimed'} {tags['drone']}"],
        "standing": [state.state],
        "days_since_flight": [state.days_since_flight],
        "flights": [state.flights],
        "airborne_h": [state.airborne_s / 3600],
        "open_cases": [state.open_cases],
        "rules": [state.rules],
        "severity": [state.severity],
        "possible_crashes": [state.possible_crashes],
        "lat_deg": [state.lat_deg],
        "lon_deg": [state.lon_deg],
        "firmware": [state.firmware],
        "data_state": [state.data],
        "seen_share": [state.seen_share],
        "counted_h": [state.counted_s / 3600],
        "counted_seen_h": [min(state.counted_seen_s, state.counted_s) / 3600],
        "software": [state.software],
    }
    return Points(DRONE_STATE, tags, [now_us // HOUR_US * HOUR_US], fields)


def state_tags(state: DroneState) -> dict[str, str | None]:
    """Of the row of one drone as it stands."""
    return {
        "drone": drone_tag(state),
        "customer": state.customer,
        "distributor": state.distributor,
        "region": state.region,
        "product": state.product,
        "state": state.state,
    }


def drone_tag(state: DroneState) -> str:
    """Under which name a drone's state is kept: its autopilot's, or made of its serial."""
    return state.drone_uid or f"as:{state.serial}"


def _around(first_us: int | None, last_us: int | None) -> dict[str, Sequence[Value]]:
    """The moments to look at."""
    if first_us is None or last_us is None:
        return {}
    return {
        "from_ms": [first_us // 1000 - _BEFORE_MS],
        "until_ms": [last_us // 1000 + _AFTER_MS],
    }


def _changes(changed: str | None) -> str | None:
    """``MC_ROLL_P 6.5 → 7``; an em dash for a parameter that one of the logs lacks."""
    if not changed:
        return None
    parameters: dict[str, tuple[float | None, float | None]] = msgspec.json.decode(changed)
    said = (f"{name} {_number(was)} → {_number(now)}" for name, (was, now) in parameters.items())
    return ", ".join(said)[:_TEXT_LENGTH]


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.7g}"


def flight_id(log_id: str, armed_boot_us: int) -> str:
    """How a flight is called where its drone is known."""
    return f"{log_id}/{armed_boot_us}"


def of_station(station: Station, agent: str, received_us: int) -> Points:
    """A station's report, at the time the collector had it: its own clock may be wrong."""
    fields: dict[str, Sequence[Value]] = {
        "online": [station.online],
        "spool_batches": [station.spool_batches],
        "spool_bytes": [station.spool_bytes],
        "disk_free_bytes": [station.disk_free_bytes],
        "agent_version": [station.agent_version],
    }
    return Points(STATION, {"agent": agent}, [received_us], fields)


def _of_sighting(sighting: Sighting, received_us: int) -> Points:
    counters, firmware, seen = sighting.counters, sighting.firmware, sighting.seen
    fields: dict[str, Sequence[Value]] = {
        "source": [sighting.source],
        "firmware": [firmware.vendor_version or firmware.version],
        "version_code": [firmware.version_code],
        "flight_time_s": [counters.flight_time_s],
        "flight_uuid": [counters.flight_uuid],
        "boot_count": [counters.boot_count],
        "armed": [sighting.armed],
    }
    at_us = seen.us if seen.us is not None and seen.quality in TRUSTED else received_us
    return Points(SIGHTING, {"drone": sighting.drone_uid}, [at_us], fields)
