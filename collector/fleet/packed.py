"""What is packed of which table. Pure.

Every column that is read here is in a trigger of schema_5.sql which notes the autopilot in
`unpacked`; tests/collector/fleet/test_checkpoint.py asks SQLite which they are.
"""

from typing import Final

from windsock.collector.fleet.arrays import MISSING_US
from windsock.collector.fleet.packing import WORD, Packing

FLIGHTS: Final = Packing(
    "flights",
    f"""
    SELECT drone_uid, flight.id, coalesce(start_us, {MISSING_US}),
        coalesce(start_earliest_us, {MISSING_US}), coalesce(start_latest_us, {MISSING_US}),
        received_us, coalesce(airborne_s, -1.0), simulated, agent
    FROM json_each(:uids) AS named CROSS JOIN flights AS flight ON drone_uid = named.value
    WHERE retracted = 0 AND merged_into IS NULL
    ORDER BY named.key, flight.id
    """,  # noqa: S608 - a number of ours
    [
        ("id", "<i8"), ("start_us", "<i8"), ("start_earliest_us", "<i8"),
        ("start_latest_us", "<i8"), ("received_us", "<i8"), ("airborne_s", "<f8"),
        ("simulated", "<i1"), (WORD, "<i4"),
    ],
)  # fmt: skip
"""The flights that stand. Their word is the station; `MISSING_US`: no such moment; -1 s in the
air: not measured."""

SIGHTINGS: Final = Packing(
    "sightings",
    """
    SELECT drone_uid, seen_us, received_us, flight_time_s,
        source = 'serial' OR quality IN ('gps', 'boot_utc', 'list_date')
    FROM json_each(:uids) AS named CROSS JOIN sightings ON drone_uid = named.value
    ORDER BY named.key, seen_us, source
    """,
    [("seen_us", "<i8"), ("received_us", "<i8"), ("flight_time_s", "<f8"), ("certain", "<i1")],
)
"""When autopilots were met, in order of time. NaN: they did not say how long they had flown.
Certain: switched on then, by a connection or by the drone's own clock."""
