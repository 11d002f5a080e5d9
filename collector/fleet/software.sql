-- What the drones run; `collector/fleet/software` reads these by name, as fleet.sql.

-- name: software
-- For each [drone, its last flight]: what it ran when last seen, and what the roster says of it.
WITH {claims}, drone AS (
    SELECT key, json_extract(value, '$[0]') AS serial, json_extract(value, '$[1]') AS flight_id
    FROM json_each(:drones)
), seen (serial, at_us, firmware) AS (
    SELECT claims.serial, min(seen_us, received_us), firmware
    FROM claims JOIN sightings ON sightings.drone_uid = claims.drone_uid
        AND seen_us >= claims.from_us AND seen_us < claims.until_us
    WHERE firmware IS NOT NULL AND firmware <> '{{}}' AND min(seen_us, received_us) <= :now_us
    UNION ALL
    SELECT drone.serial, min(coalesce(start_us, flights.received_us), flights.received_us), firmware
    FROM drone JOIN flights ON flights.id = flight_id JOIN logs ON logs.log_id = flights.log_id
    WHERE firmware IS NOT NULL AND firmware <> '{{}}'
), newest AS (SELECT serial, max(at_us) AS at_us, firmware FROM seen GROUP BY serial)
SELECT newest.firmware, newest.at_us, drones.hardware, drones.companion, drones.channel,
    drones.cohort
FROM drone JOIN drones ON drones.serial = drone.serial
LEFT JOIN newest ON newest.serial = drone.serial
ORDER BY drone.key

-- name: versions
-- Flights of each product and firmware, and how many of them were crashes or like one and were not
-- taken back.
WITH {claims}
SELECT product, firmware, count(*) AS flights, count(DISTINCT drones.serial) AS drones,
    sum(verdict = 'crash' AND stands) AS crashes,
    sum(verdict = 'crash-like' AND stands) AS crash_likes
FROM (
    SELECT log_id, drone_uid, coalesce(start_us, start_latest_us, received_us) AS at_us,
        (SELECT verdict FROM verdicts WHERE flight_id = flights.id ORDER BY id DESC LIMIT 1)
            AS verdict,
        NOT EXISTS (SELECT 1 FROM incidents
            WHERE flight_id = flights.id AND incidents.state = 'withdrawn') AS stands
    FROM live_flights AS flights WHERE airborne_s >= 10 AND simulated <= :simulated
) AS flown
JOIN claims ON claims.drone_uid = flown.drone_uid
    AND at_us >= claims.from_us AND at_us < claims.until_us
JOIN drones ON drones.serial = claims.serial
JOIN logs ON logs.log_id = flown.log_id
WHERE firmware IS NOT NULL AND firmware <> '{{}}'
GROUP BY product, firmware
