-- What we can see of the drones; `collector/fleet/contact` reads these by name, as fleet.sql.

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
