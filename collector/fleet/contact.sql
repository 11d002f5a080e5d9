-- What we can see of the drones; `collector/fleet/contact` reads these by name, as fleet.sql.

-- name: contacts
-- When each drone, or its card, was last in reach of a station.
WITH {claims}
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

-- name: ahead
-- For each flight: how much after its arrival it began, by its own clock.
SELECT (SELECT start_us - received_us FROM flights WHERE id = flight.value)
FROM json_each(:flights) AS flight ORDER BY flight.key

-- name: stations
-- Every station that is known, or named.
SELECT named.agent, coalesce(kind, 'fixed') AS kind,
    coalesce(json_extract(report, '$.clock_synchronised') = 0, 0) AS unsynchronised,
    max(CASE WHEN last_seen_us <= :now_us THEN last_seen_us ELSE 0 END,
        coalesce((SELECT max(hour) FROM presence
            WHERE presence.agent = named.agent AND hour <= :now_us / 3600000000), 0) * 3600000000
    ) AS heard_us
FROM (SELECT value AS agent FROM json_each(:agents) UNION SELECT agent FROM stations) AS named
LEFT JOIN stations ON stations.agent = named.agent
ORDER BY named.agent

-- name: counted
-- From each reading of flight time to the next of the same autopilot, where it did not fall: what it
-- counted under the drone's customer, and what we have of that. The next two columns are
-- the same since :recent_us, the last one is the flights in it.
WITH {claims}, owned AS (
    SELECT serial, max(coalesce(from_us, {left}, 0), coalesce(delivered_us, 0)) AS owned_from_us
    FROM drones
    LEFT JOIN links ON kind = 'drone_customer' AND subject = serial
        AND from_us <= :now_us AND (until_us IS NULL OR :now_us < until_us)
), readings AS (
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
