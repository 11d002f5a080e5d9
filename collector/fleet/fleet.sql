-- What the Fleet is made of, one query a paragraph; `collector/fleet/queries` reads them by name.
-- {claims} stands for the table of which drone an autopilot was, and when (collector/roster/owners),
-- {left} for the moment at which a drone's last customer gave it away.

-- name: claims
-- Which drone each autopilot was, and when.
WITH {claims} SELECT drone_uid, serial, from_us, until_us FROM claims

-- name: drones
-- As `owner_of` has it of one, but for who stands in for whom.
SELECT drones.serial, product,
    CASE WHEN coalesce(service.object, 'in_service') = 'in_service' AND (
        EXISTS (SELECT 1 FROM pauses WHERE subject_kind = 'drone' AND subject = drones.serial
            AND from_us <= :now_us AND :now_us < until_us)
        OR EXISTS (SELECT 1 FROM pauses WHERE subject_kind = 'customer' AND subject = owner.object
            AND from_us <= :now_us AND :now_us < until_us)
    ) THEN 'paused' ELSE coalesce(service.object, 'in_service') END AS service_state,
    owner.object AS customer, account.email AS customer_email,
    account.kind AS customer_kind,
    CASE WHEN EXISTS (SELECT 1 FROM traits WHERE kind = 'stage' AND account = owner.object)
        THEN stage.value ELSE account.stage END AS stage,
    CASE WHEN EXISTS (SELECT 1 FROM traits WHERE kind = 'region' AND account = owner.object)
        THEN region.value ELSE account.region END AS region,
    distributor.object AS distributor, dealer.email AS distributor_email,
    people.name AS csm, csm.object AS csm_email, seller.name AS sales, sales.object AS sales_email,
    tier.value AS tier,
    max(coalesce(owner.from_us, {left}, 0), coalesce(delivered_us, 0)) AS owned_from_us
FROM drones
LEFT JOIN links AS service ON service.kind = 'drone_service' AND service.subject = drones.serial
    AND service.from_us <= :now_us AND (service.until_us IS NULL OR :now_us < service.until_us)
LEFT JOIN links AS owner ON owner.kind = 'drone_customer' AND owner.subject = drones.serial
    AND owner.from_us <= :now_us AND (owner.until_us IS NULL OR :now_us < owner.until_us)
LEFT JOIN accounts AS account ON account.account = owner.object
LEFT JOIN traits AS stage ON stage.kind = 'stage' AND stage.account = owner.object
    AND stage.from_us <= :now_us AND (stage.until_us IS NULL OR :now_us < stage.until_us)
LEFT JOIN traits AS region ON region.kind = 'region' AND region.account = owner.object
    AND region.from_us <= :now_us AND (region.until_us IS NULL OR :now_us < region.until_us)
LEFT JOIN traits AS tier ON tier.kind = 'tier' AND tier.account = owner.object
    AND tier.from_us <= :now_us AND (tier.until_us IS NULL OR :now_us < tier.until_us)
LEFT JOIN links AS distributor
    ON distributor.kind = 'customer_distributor' AND distributor.subject = owner.object
    AND distributor.from_us <= :now_us
    AND (distributor.until_us IS NULL OR :now_us < distributor.until_us)
LEFT JOIN accounts AS dealer ON dealer.account = distributor.object
LEFT JOIN links AS csm ON csm.kind = 'account_csm' AND csm.subject = owner.object
    AND csm.from_us <= :now_us AND (csm.until_us IS NULL OR :now_us < csm.until_us)
LEFT JOIN people ON people.email = csm.object
LEFT JOIN links AS sales ON sales.kind = 'account_sales' AND sales.subject = owner.object
    AND sales.from_us <= :now_us AND (sales.until_us IS NULL OR :now_us < sales.until_us)
LEFT JOIN people AS seller ON seller.email = sales.object
ORDER BY drones.serial

-- name: online
-- For each [station, first hour, end]: in how many hours it was up.
SELECT (SELECT count(*) FROM presence
        WHERE agent = json_extract(gap.value, '$[0]')
            AND hour >= json_extract(gap.value, '$[1]')
            AND hour < json_extract(gap.value, '$[2]'))
FROM json_each(:gaps) AS gap ORDER BY gap.key

-- name: last_flight
WITH {claims}
SELECT live_flights.* FROM claims JOIN live_flights ON live_flights.drone_uid = claims.drone_uid
    AND start_us >= claims.from_us AND start_us < claims.until_us
WHERE claims.serial = ? AND start_us >= ? AND airborne_s >= 10
ORDER BY start_us DESC LIMIT 1

-- name: labels
-- For each [drone, its last flight]: the autopilot in it, what that ran when last seen, the verdict.
WITH {claims}, drone AS (
    SELECT key, json_extract(value, '$[0]') AS serial, json_extract(value, '$[1]') AS flight_id
    FROM json_each(:drones)
), known AS (
    SELECT drone.key, flight_id, log_id, coalesce(flights.drone_uid, (
        SELECT drone_uid FROM claims WHERE claims.serial = drone.serial
            AND from_us <= :now_us AND :now_us < until_us
        ORDER BY drone_uid LIKE 'as:%', from_us DESC LIMIT 1)) AS uid
    FROM drone LEFT JOIN flights ON flights.id = flight_id
)
SELECT uid, coalesce(
        (SELECT firmware FROM sightings WHERE drone_uid = uid AND firmware IS NOT NULL
         ORDER BY seen_us DESC LIMIT 1),
        (SELECT firmware FROM logs WHERE logs.log_id = known.log_id)) AS firmware,
    (SELECT verdict FROM verdicts WHERE verdicts.flight_id = known.flight_id
     ORDER BY id DESC LIMIT 1) AS verdict,
    (SELECT kind FROM verdicts WHERE verdicts.flight_id = known.flight_id
     ORDER BY id DESC LIMIT 1) AS kind
FROM known ORDER BY key

-- name: unclaimed
-- Autopilots that are no drone's now, with their flights.
WITH {claims}, seen (drone_uid) AS (
    SELECT drone_uid FROM live_flights UNION SELECT drone_uid FROM sightings
    EXCEPT
    SELECT drone_uid FROM claims WHERE from_us <= :now_us AND :now_us < until_us
), dated AS (
    SELECT id, drone_uid, agent, airborne_s,
        min(coalesce(start_latest_us, start_us, received_us), received_us) AS latest_us
    FROM live_flights WHERE airborne_s >= 10 AND drone_uid IN (SELECT drone_uid FROM seen)
), ranked AS (
    SELECT id, drone_uid, agent, latest_us,
        row_number() OVER (PARTITION BY drone_uid ORDER BY latest_us DESC, id DESC) AS nth,
        count(*) OVER autopilot AS flights, sum(airborne_s) OVER autopilot AS airborne_s
    FROM dated WINDOW autopilot AS (PARTITION BY drone_uid)
)
SELECT seen.drone_uid, coalesce(flights, 0) AS flights, coalesce(airborne_s, 0) AS airborne_s,
    latest_us AS flown_us, agent AS station,
    coalesce(
        (SELECT firmware FROM sightings WHERE sightings.drone_uid = seen.drone_uid
            AND firmware IS NOT NULL ORDER BY seen_us DESC LIMIT 1),
        (SELECT firmware FROM logs WHERE logs.drone_uid = seen.drone_uid
            AND firmware IS NOT NULL ORDER BY received_us DESC LIMIT 1)) AS firmware,
    (SELECT verdict FROM verdicts WHERE flight_id = ranked.id ORDER BY id DESC LIMIT 1) AS verdict,
    (SELECT kind FROM verdicts WHERE flight_id = ranked.id ORDER BY id DESC LIMIT 1) AS kind
FROM seen LEFT JOIN ranked ON ranked.drone_uid = seen.drone_uid AND nth = 1
ORDER BY seen.drone_uid

-- name: nobodys
-- Autopilots that fly and are no drone's now, each with the station of its last flight.
WITH {claims}, seen (drone_uid) AS (
    SELECT DISTINCT drone_uid FROM flights
    EXCEPT
    SELECT drone_uid FROM claims WHERE from_us <= :now_us AND :now_us < until_us
), placed AS (
    SELECT drone_uid, (
        SELECT agent FROM live_flights AS flight WHERE flight.drone_uid = seen.drone_uid
            AND airborne_s >= 10 AND simulated <= :simulated
        ORDER BY start_us DESC LIMIT 1) AS agent
    FROM seen
)
SELECT drone_uid, agent FROM placed WHERE agent IS NOT NULL ORDER BY drone_uid

-- name: pauses
-- Planned pauses that are over: drones not in service for a while, and what somebody said of them or
-- of their customer.
SELECT subject, from_us, until_us FROM (
    SELECT subject, from_us, until_us FROM links
    WHERE kind = 'drone_service' AND object IN ('paused', 'repair', 'stock')
    UNION ALL
    SELECT subject, from_us, until_us FROM pauses WHERE subject_kind = 'drone'
    UNION ALL
    SELECT owner.subject, pauses.from_us, pauses.until_us
    FROM pauses JOIN links AS owner ON owner.kind = 'drone_customer'
        AND owner.object = pauses.subject
        AND owner.from_us <= :now_us AND (owner.until_us IS NULL OR :now_us < owner.until_us)
    WHERE subject_kind = 'customer'
) WHERE until_us IS NOT NULL AND until_us > :since_us AND until_us <= :now_us
    AND subject IN (SELECT serial FROM drones)
ORDER BY subject, from_us
