-- What wears; `collector/fleet/wear` reads this by name, as fleet.sql.

-- name: wear
-- The facts of the last :flights flights of each drone, newest first.
WITH {claims}, dated AS (
    SELECT id, drone_uid,
        min(coalesce(start_us, start_latest_us, received_us), received_us) AS at_us
    FROM live_flights WHERE airborne_s >= 10 AND simulated <= :simulated
), ranked AS (
    SELECT claims.serial, id,
        row_number() OVER (PARTITION BY claims.serial ORDER BY at_us DESC, id DESC) AS nth
    FROM claims JOIN dated ON dated.drone_uid = claims.drone_uid
        AND at_us >= claims.from_us AND at_us < claims.until_us AND at_us <= :now_us
)
SELECT serial, nth, facts FROM ranked JOIN flights ON flights.id = ranked.id WHERE nth <= :flights
