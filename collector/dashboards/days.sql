-- What was flown on UTC days; `collector/dashboards/days` reads these by name.

-- name: forget
DELETE FROM drone_days WHERE (drone_uid, day) IN (
    SELECT drone_uid, day FROM stale_days WHERE id <= :last_id)

-- name: add
-- The flights of 10 s and more on each stale day; a crash that was taken back is none.
INSERT INTO drone_days
SELECT drone_uid, day, firmware, count(*), sum(airborne_s),
    sum(verdict = 'crash' AND stands), sum(verdict = 'crash-like' AND stands)
FROM (
    SELECT stale_days.drone_uid, day, airborne_s, last_value(
            coalesce(json_extract(firmware, '$.vendor_version'), json_extract(firmware, '$.version'))
        ) OVER (
            PARTITION BY stale_days.drone_uid, day ORDER BY start_us
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS firmware,
        coalesce((SELECT verdict FROM verdicts WHERE flight_id = flights.id
            ORDER BY id DESC LIMIT 1), '') AS verdict,
        NOT EXISTS (SELECT 1 FROM incidents
            WHERE flight_id = flights.id AND incidents.state = 'withdrawn') AS stands
    FROM stale_days
    CROSS JOIN live_flights AS flights ON flights.drone_uid = stale_days.drone_uid
        AND start_us >= day * 86400000000 AND start_us < (day + 1) * 86400000000
        AND start_quality IN ('gps', 'boot_utc')
    LEFT JOIN logs ON logs.log_id = flights.log_id
    WHERE stale_days.id <= :last_id AND airborne_s >= 10 AND flights.simulated <= :simulated
)
GROUP BY drone_uid, day

-- name: drone_days
-- The stale days as they are now: zeros where nothing is left. A day without a drone is the fleet's: somebody in it
-- was forgotten.
SELECT stale_days.drone_uid, stale_days.day, firmware, coalesce(flights, 0) AS flights,
    coalesce(airborne_s, 0.0) AS airborne_s, coalesce(crashes, 0) AS crashes,
    coalesce(crash_likes, 0) AS crash_likes
FROM stale_days LEFT JOIN drone_days USING (drone_uid, day)
WHERE stale_days.id <= :last_id AND drone_uid <> ''

-- name: fleet_days
SELECT named.value AS day, count(flights) AS drones, coalesce(sum(flights), 0) AS flights,
    coalesce(sum(airborne_s), 0.0) AS airborne_s, coalesce(sum(crashes), 0) AS crashes,
    coalesce(sum(crash_likes), 0) AS crash_likes, counts
FROM json_each(:days) AS named
LEFT JOIN drone_days ON drone_days.day = named.value
LEFT JOIN fleet_standings ON fleet_standings.day = named.value
GROUP BY named.value

-- name: firmware_flown
-- What each software flew on each day.
SELECT day, firmware, sum(flights), sum(crashes), sum(crash_likes) FROM drone_days
WHERE firmware IS NOT NULL GROUP BY day, firmware

-- name: firmware_changes
-- How many autopilots flew with other software than the time before, and what that was.
SELECT day, firmware, before, count(*) FROM (
    SELECT day, firmware, lag(firmware) OVER (PARTITION BY drone_uid ORDER BY day) AS before
    FROM drone_days WHERE firmware IS NOT NULL
)
WHERE before IS NOT firmware GROUP BY day, firmware, before
