"""Incidents: the events behind verdicts, in the ledger.

An incident outlives the measurement it was found by: when a better one replaces its flight, it
goes on with the new flight. It is *possible* until somebody confirms it, and *withdrawn* when no
verdict backs it any more, a normal flight of the same drone followed within a day, or only its log
ended in the air and the counters of the next start show that it landed.
Functions work in their caller's transaction.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from windsock.collector.roster.owners import serial_of
from windsock.collector.sql import Value, insert

NEWEST_VERDICT: Final = (
    "verdicts.id = (SELECT max(id) FROM verdicts WHERE verdicts.flight_id = flights.id)"
)
_CRASHES: Final = f"""
SELECT flights.*, verdicts.event_us FROM live_flights AS flights JOIN verdicts ON {NEWEST_VERDICT}
WHERE flights.id IN (SELECT value FROM json_each(:flights))
    AND verdict IN ('crash', 'crash-like') AND simulated <= :simulated
"""  # noqa: S608 - a condition of ours

_NORMAL: Final = """{0}.airborne_s >= 10.0 AND {0}.simulated <= flights.simulated
        AND (SELECT verdict = 'none' FROM verdicts AS said WHERE said.flight_id = {0}.id
             ORDER BY said.id DESC LIMIT 1)"""
"""True of a flight, 10 s and more in the air, in which nothing was found."""
_RISEN: Final = "json_extract(next.counters, '$.{0}') - json_extract(cut.counters, '$.{0}')"
_LANDED: Final = f"""
    SELECT later.id FROM live_flights AS later
    JOIN logs AS next ON next.log_id = later.log_id JOIN logs AS cut ON cut.log_id = flights.log_id
    WHERE kind = 'in-flight-log-end' AND later.drone_uid = flights.drone_uid
        AND ({_RISEN.format("boot_count")} = 1 OR {_RISEN.format("flight_uuid")} =
            (SELECT count(*) FROM live_flights AS own WHERE own.log_id = flights.log_id))
        AND {_RISEN.format("flight_time_s")} >=
            (SELECT sum(airborne_s) FROM live_flights AS own WHERE own.log_id = flights.log_id)
        AND {_NORMAL.format("later")}
    ORDER BY later.armed_boot_us LIMIT 1
"""  # noqa: S608 - conditions of ours
"""A normal flight of the autopilot's very next start, before which it had counted all of the
flight whose log ended in the air: so it kept its power, and landed. PX4 counts flight time at
landings, ArduPilot every 30 s."""

_STANDINGS: Final = f"""
SELECT incidents.*, verdict IN ('crash', 'crash-like')
        AND retracted = 0 AND merged_into IS NULL AND simulated <= :simulated AS backed, (
    SELECT normal.id FROM live_flights AS normal
    WHERE normal.drone_uid = flights.drone_uid AND normal.id <> flights.id
        AND {_NORMAL.format("normal")}
        AND (normal.log_id = flights.log_id AND normal.armed_boot_us > event_boot_s * 1e6
                AND normal.armed_boot_us <= event_boot_s * 1e6 + :withdraw_us
            OR normal.start_earliest_us > incidents.event_us
                    + coalesce(flights.start_latest_us - flights.start_us, 0)
                AND normal.start_us <= incidents.event_us + :withdraw_us)
    ORDER BY normal.start_us LIMIT 1) AS normal_id, ({_LANDED}) AS landed_id
FROM incidents JOIN flights ON flights.id = incidents.flight_id
JOIN verdicts ON {NEWEST_VERDICT}
WHERE incidents.state <> 'confirmed' AND ticket IS NULL AND incidents.answered_by IS NULL
    AND flights.drone_uid IN (SELECT value FROM json_each(:uids))
"""  # noqa: S608 - numbers and a condition of ours


def note_incidents(
    ledger: sqlite3.Connection, flights: Sequence[sqlite3.Row], now_us: int, *, simulated: bool
) -> None:
    """An incident for each live flight of *flights* that is a crash or like one."""
    among = json.dumps([flight["id"] for flight in flights])
    values = {"flights": among, "simulated": int(simulated)}
    rows = ledger.execute(_CRASHES, values).fetchall()
    for row in rows:
        known = _incident_of(ledger, row)
        event: dict[str, Value] = {
            "flight_id": row["id"],
            "drone_uid": row["drone_uid"],
            "event_us": row["event_us"],
        }
        if known is None:
            insert(ledger, "incidents", event | {"state": "possible", "opened_us": now_us})
        else:
            ledger.execute(
                "UPDATE incidents SET flight_id = :flight_id, drone_uid = :drone_uid,"
                " event_us = :event_us WHERE id = :id",
                event | {"id": known},
            )


def settle_incidents(
    ledger: sqlite3.Connection, uids: Iterable[str], withdraw_us: int, *, simulated: bool
) -> None:
    """What the incidents of the autopilots *uids* are now: possible, or withdrawn and by what."""
    values = {
        "uids": json.dumps(sorted(uids)),
        "withdraw_us": withdraw_us,
        "simulated": int(simulated),
    }
    for row in ledger.execute(_STANDINGS, values).fetchall():
        by = (row["normal_id"] or row["landed_id"]) if row["backed"] else None
        state = "possible" if row["backed"] and by is None else "withdrawn"
        if (state, by) != (row["state"], row["withdrawn_by"]):
            ledger.execute(
                "UPDATE incidents SET state = ?, withdrawn_by = ? WHERE id = ?",
                (state, by, row["id"]),
            )


def claim_incidents(ledger: sqlite3.Connection, uids: Iterable[str] | None) -> set[str]:
    """Write down which drone each incident happened to, as the roster has it now.

    Of the autopilots *uids*, or of all. Returns the drones that have or had one of them: their
    cases may have changed.
    """
    rows = ledger.execute(
        "SELECT incidents.id, drone, incidents.drone_uid,"
        " coalesce(event_us, start_us, start_latest_us, flights.received_us) AS at_us"
        " FROM incidents JOIN flights ON flights.id = flight_id"
        " WHERE ?1 IS NULL OR incidents.drone_uid IN (SELECT value FROM json_each(?1))",
        (None if uids is None else json.dumps(sorted(uids)),),
    ).fetchall()
    drones: set[str | None] = set()
    for row in rows:
        serial = serial_of(ledger, row["drone_uid"], row["at_us"])
        drones |= {row["drone"], serial}
        if serial != row["drone"]:
            ledger.execute("UPDATE incidents SET drone = ? WHERE id = ?", (serial, row["id"]))
    return {drone for drone in drones if drone is not None}


def _incident_of(ledger: sqlite3.Connection, flight: sqlite3.Row) -> int | None:
    """Its own, or the one of a flight that *flight* replaces."""
    row = ledger.execute(
        "SELECT incidents.id FROM incidents JOIN flights ON flights.id = flight_id"
        " WHERE flight_id = :id OR ((retracted = 1 OR merged_into IS NOT NULL)"
        " AND (merged_into = :id OR log_id = :log_id))"
        " ORDER BY flight_id <> :id, abs(armed_boot_us - :armed_boot_us) LIMIT 1",
        {key: flight[key] for key in ("id", "log_id", "armed_boot_us")},
    ).fetchone()
    return None if row is None else int(row["id"])
