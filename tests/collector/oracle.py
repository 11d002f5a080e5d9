"""What drones flew and said, asked of the rows in SQL: slower than packed columns, and simpler."""

import json
from collections import Counter

import numpy as np

from windsock.collector.detect.counters import Explained, Readings, quiet_stretches
from windsock.collector.fleet.arrays import MISSING_US
from windsock.collector.roster.owners import CLAIMS

_LEFT = """(SELECT max(ended.until_us) FROM links AS ended
    WHERE ended.kind = 'drone_customer' AND ended.subject = drones.serial
        AND ended.until_us <= :now_us)"""
_OWNED = f"""owned AS (
    SELECT serial, max(coalesce(from_us, {_LEFT}, 0), coalesce(delivered_us, 0)) AS owned_from_us
    FROM drones
    LEFT JOIN links ON kind = 'drone_customer' AND subject = serial
        AND from_us <= :now_us AND (until_us IS NULL OR :now_us < until_us)
)"""
_FLOWN = f"""
WITH {CLAIMS}, {_OWNED}, dated AS (
    SELECT id, drone_uid, agent, airborne_s,
        min(coalesce(start_us, start_latest_us, received_us), received_us) AS at_us,
        min(coalesce(start_latest_us, start_us, received_us), received_us) AS latest_us
    FROM live_flights WHERE airborne_s >= 10 AND simulated <= :simulated
), ranked AS (
    SELECT claims.serial, agent, latest_us, id,
        row_number() OVER (PARTITION BY claims.serial ORDER BY latest_us DESC, id DESC) AS nth,
        count(*) OVER drone AS flights, sum(airborne_s) OVER drone AS airborne_s
    FROM claims
    JOIN dated ON dated.drone_uid = claims.drone_uid
        AND at_us >= claims.from_us AND at_us < claims.until_us
    JOIN owned ON owned.serial = claims.serial AND at_us >= owned_from_us
    WINDOW drone AS (PARTITION BY claims.serial)
)
SELECT serial, nth, agent, latest_us, flights, airborne_s, id FROM ranked WHERE nth <= 3
ORDER BY serial, nth
"""
_DAYS = f"""
WITH {CLAIMS}, {_OWNED}, dated AS (
    SELECT drone_uid, min(coalesce(start_us, start_latest_us, received_us), received_us) AS at_us
    FROM live_flights WHERE airborne_s >= 10 AND simulated <= :simulated
)
SELECT DISTINCT claims.serial, at_us / 86400000000 AS day
FROM claims
JOIN dated ON dated.drone_uid = claims.drone_uid
    AND at_us >= claims.from_us AND at_us < claims.until_us
JOIN owned ON owned.serial = claims.serial AND at_us >= owned_from_us
WHERE at_us >= :since_us AND at_us <= :now_us
ORDER BY claims.serial, day
"""

_CONTACTS = f"""
WITH {CLAIMS}
SELECT serial, max(at_us) FROM (
    SELECT claims.serial, max(min(seen_us, received_us)) AS at_us
    FROM claims JOIN sightings ON sightings.drone_uid = claims.drone_uid
        AND seen_us >= claims.from_us AND seen_us < claims.until_us
    WHERE min(seen_us, received_us) <= :now_us GROUP BY claims.serial
    UNION ALL
    SELECT claims.serial, max(received_us)
    FROM claims JOIN live_flights ON live_flights.drone_uid = claims.drone_uid
        AND coalesce(start_us, received_us) >= claims.from_us
        AND coalesce(start_us, received_us) < claims.until_us
    WHERE received_us <= :now_us AND simulated <= :simulated GROUP BY claims.serial
) GROUP BY serial
"""
_POWERED = f"""
WITH {CLAIMS}
SELECT serial, max(at_us) FROM (
    SELECT claims.serial, max(min(seen_us, received_us)) AS at_us
    FROM claims JOIN sightings ON sightings.drone_uid = claims.drone_uid
        AND seen_us >= claims.from_us AND seen_us < claims.until_us
    WHERE (source = 'serial' OR quality IN ('gps', 'boot_utc', 'list_date'))
        AND min(seen_us, received_us) <= :now_us
    GROUP BY claims.serial
    UNION ALL
    SELECT claims.serial, max(min(coalesce(start_earliest_us, start_us), received_us))
    FROM claims JOIN live_flights ON live_flights.drone_uid = claims.drone_uid
        AND start_us >= claims.from_us AND start_us < claims.until_us
    WHERE simulated <= :simulated
    GROUP BY claims.serial
) GROUP BY serial
"""
_COUNTED = f"""
WITH {CLAIMS}, {_OWNED}, readings AS (
    SELECT claims.serial, claims.drone_uid, seen_us, flight_time_s,
        lag(seen_us) OVER autopilot AS before_us, lag(flight_time_s) OVER autopilot AS before_s
    FROM claims JOIN owned ON owned.serial = claims.serial
    JOIN sightings ON sightings.drone_uid = claims.drone_uid
        AND seen_us >= claims.from_us AND seen_us < claims.until_us
        AND seen_us >= owned_from_us AND seen_us <= :now_us
    WHERE flight_time_s IS NOT NULL
    WINDOW autopilot AS (PARTITION BY claims.serial, claims.drone_uid ORDER BY seen_us)
), steps AS (
    SELECT serial, drone_uid, before_us, seen_us, seen_us > :recent_us AS recent,
        flight_time_s - before_s AS rise_s
    FROM readings WHERE flight_time_s >= before_s
), seen AS (
    SELECT serial, sum(airborne_s) AS airborne_s, sum(recent * airborne_s) AS recent_airborne_s,
        sum(recent) AS recent_flights
    FROM steps JOIN live_flights ON live_flights.drone_uid = steps.drone_uid
        AND start_us >= before_us AND start_us < seen_us AND airborne_s > 0
    GROUP BY serial
)
SELECT steps.serial, sum(rise_s), coalesce(airborne_s, 0), sum(recent * rise_s),
    coalesce(recent_airborne_s, 0), coalesce(recent_flights, 0)
FROM steps LEFT JOIN seen ON seen.serial = steps.serial GROUP BY steps.serial
"""

_READINGS = f"""
WITH {CLAIMS}, flown AS (
    SELECT json_extract(value, '$[0]') AS serial, json_extract(value, '$[1]') AS flown_us
    FROM json_each(:flown)
)
SELECT claims.serial, claims.drone_uid, seen_us, flight_time_s
FROM flown JOIN claims ON claims.serial = flown.serial
JOIN sightings ON sightings.drone_uid = claims.drone_uid
    AND seen_us >= claims.from_us AND seen_us < claims.until_us AND seen_us <= :now_us
    AND seen_us >= coalesce((
        SELECT max(base.seen_us) FROM sightings AS base
        WHERE base.drone_uid = claims.drone_uid AND base.flight_time_s IS NOT NULL
            AND base.seen_us <= flown_us AND base.seen_us >= claims.from_us), 0)
WHERE flight_time_s IS NOT NULL
ORDER BY claims.serial, seen_us, claims.drone_uid
"""
_EXPLAINED = """
SELECT
    (SELECT sum(airborne_s) FROM live_flights
     WHERE drone_uid = json_extract(base.value, '$[0]') AND airborne_s > 0
        AND start_us >= json_extract(base.value, '$[1]')),
    (SELECT count(*) FROM live_flights
     WHERE drone_uid = json_extract(base.value, '$[0]') AND airborne_s > 0
        AND start_us >= json_extract(base.value, '$[1]'))
FROM json_each(:bases) AS base ORDER BY base.key
"""


def flown(ledger, now_us, *, simulated):
    """By serial: last three stations, newest first, latest moment, flights, s, id."""
    said = {}
    for serial, _, agent, *rest in ledger.execute(
        _FLOWN, {"now_us": now_us, "simulated": int(simulated)}
    ):
        said.setdefault(serial, ([], *rest))[0].append(agent)
    return said


def flight_days(ledger, now_us, *, simulated):
    """(serial, day since 1970), in order."""
    values = {"now_us": now_us, "since_us": now_us - 5 * 365 * 86_400_000_000}
    rows = ledger.execute(_DAYS, values | {"simulated": int(simulated)})
    return [tuple(row) for row in rows]


def home(agents):
    """The most frequent of the last three stations, the newest where all differ."""
    return max(agents, key=lambda agent: (Counter(agents)[agent], agent == agents[0]))


def contacts(ledger, now_us, *, simulated):
    """By serial: when it was last in reach."""
    return _by_serial(ledger, _CONTACTS, now_us=now_us, simulated=int(simulated))


def powered(ledger, now_us, *, simulated):
    """By serial: when it was last switched on for certain."""
    return _by_serial(ledger, _POWERED, now_us=now_us, simulated=int(simulated))


def counted(ledger, now_us, recent_us):
    """By serial: seconds counted, seen, the same of late, flights of late."""
    return _by_serial(ledger, _COUNTED, now_us=now_us, recent_us=recent_us)


def quiet(ledger, serials, flown_us, now_us):
    """From the readings of each drone since its last flight, one query, and what explains them."""
    flown = [[serial, at_us] for serial, at_us in zip(serials, flown_us.tolist(), strict=True)
             if at_us != MISSING_US]  # fmt: skip
    rows = ledger.execute(_READINGS, {"flown": json.dumps(flown), "now_us": now_us}).fetchall()
    place = {serial: row for row, serial in enumerate(serials)}
    uids = sorted({row[1] for row in rows})
    readings = Readings(
        np.array([place[row[0]] for row in rows], np.int32),
        np.array([uids.index(row[1]) for row in rows], np.int32),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.float64),
    )
    explained = Explained(np.zeros(len(serials)), np.zeros(len(serials), np.int64))
    firsts = {place[row[0]]: [row[1], row[2]] for row in reversed(rows)}
    bases = {"bases": json.dumps(list(firsts.values()))}
    for row, (airborne_s, flights) in zip(firsts, ledger.execute(_EXPLAINED, bases), strict=True):
        explained.airborne_s[row], explained.flights[row] = airborne_s or 0.0, flights
    return quiet_stretches(readings, flown_us, explained)


def _by_serial(ledger, query, **values):
    found = {row[0]: row[1:] for row in map(tuple, ledger.execute(query, values))}
    return {serial: row[0] if len(row) == 1 else row for serial, row in found.items()}
