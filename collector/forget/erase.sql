-- What goes when a drone or a customer is forgotten, rows that others name last. Tables forget_* say what is
-- theirs; only this connection sees them. A moment is a flight's as far as it is known, else when it came.

CREATE TEMP TABLE forget_flights AS
SELECT flights.id FROM flights JOIN forget_spans AS span ON span.drone_uid = flights.drone_uid
    AND span.from_us <= coalesce(start_us, start_latest_us, received_us)
    AND coalesce(start_us, start_latest_us, received_us) < span.until_us;
INSERT INTO forget_flights SELECT id FROM flights
    WHERE merged_into IN (SELECT id FROM forget_flights);

CREATE TEMP TABLE forget_logs AS
SELECT log_id FROM logs WHERE CASE
    WHEN EXISTS (SELECT 1 FROM flights WHERE flights.log_id = logs.log_id)
    THEN NOT EXISTS (SELECT 1 FROM flights WHERE flights.log_id = logs.log_id
        AND id NOT IN (SELECT id FROM forget_flights))
    ELSE EXISTS (SELECT 1 FROM forget_spans AS span WHERE span.drone_uid = logs.drone_uid
        AND span.from_us <= logs.received_us AND logs.received_us < span.until_us) END;

CREATE TEMP TABLE forget_cases AS
SELECT id FROM cases
WHERE subject_kind = 'drone' AND subject IN (SELECT serial FROM forget_drones)
    OR subject_kind = 'customer' AND subject IN (SELECT account FROM forget_accounts)
    OR json_extract(facts, '$.who.customer') IN (SELECT account FROM forget_accounts)
    OR id IN (SELECT case_id FROM incidents WHERE flight_id IN (SELECT id FROM forget_flights));

UPDATE incidents SET withdrawn_by = NULL WHERE withdrawn_by IN (SELECT id FROM forget_flights);

DELETE FROM overruled WHERE answer_id IN (
    SELECT id FROM answers WHERE case_id IN (SELECT id FROM forget_cases));
DELETE FROM answers WHERE case_id IN (SELECT id FROM forget_cases);
DELETE FROM hubspot_tasks WHERE case_id IN (SELECT id FROM forget_cases);
DELETE FROM outcomes WHERE case_id IN (SELECT id FROM forget_cases);
DELETE FROM case_events WHERE case_id IN (SELECT id FROM forget_cases);
DELETE FROM outbox WHERE case_id IN (SELECT id FROM forget_cases);
DELETE FROM call_cases WHERE case_id IN (SELECT id FROM forget_cases) OR call_id IN (
    SELECT id FROM calls WHERE account IN (SELECT account FROM forget_accounts));
DELETE FROM calls WHERE account IN (SELECT account FROM forget_accounts);
DELETE FROM incidents WHERE flight_id IN (SELECT id FROM forget_flights)
    OR drone IN (SELECT serial FROM forget_drones)
    OR case_id IN (SELECT id FROM forget_cases)
    OR ticket IN (SELECT ticket FROM tickets WHERE account IN (SELECT account FROM forget_accounts)
        OR drone IN (SELECT serial FROM forget_drones));
DELETE FROM cases WHERE id IN (SELECT id FROM forget_cases);

DELETE FROM unjudged WHERE flight_id IN (SELECT id FROM forget_flights);
DELETE FROM verdicts WHERE flight_id IN (SELECT id FROM forget_flights);
DELETE FROM windows WHERE rowid IN (
    SELECT windows.rowid FROM windows
    LEFT JOIN flights USING (drone_uid, log_id, armed_boot_us)
    LEFT JOIN forget_spans AS span ON span.drone_uid = windows.drone_uid
        AND span.from_us <= windows.received_us AND windows.received_us < span.until_us
    WHERE CASE WHEN flights.id IS NULL THEN span.drone_uid IS NOT NULL
        ELSE flights.id IN (SELECT id FROM forget_flights) END);
DELETE FROM flights WHERE id IN (SELECT id FROM forget_flights);

-- Days: whose they were is forgotten; that the fleet's are wrong now is noted without a name.
CREATE TEMP TABLE forget_days AS
SELECT DISTINCT drone_uid, day FROM drone_days JOIN forget_spans AS span USING (drone_uid)
WHERE (day + 1) * 86400000000 > span.from_us AND day * 86400000000 < span.until_us;
INSERT OR IGNORE INTO stale_days (drone_uid, day) SELECT DISTINCT '', day FROM forget_days;
DELETE FROM drone_days WHERE (drone_uid, day) IN (SELECT drone_uid, day FROM forget_days);
DELETE FROM stale_days WHERE EXISTS (SELECT 1 FROM forget_spans AS span
    WHERE span.drone_uid = stale_days.drone_uid
    AND (day + 1) * 86400000000 > span.from_us AND day * 86400000000 < span.until_us);
DELETE FROM drawn_events WHERE EXISTS (SELECT 1 FROM forget_spans AS span
    WHERE span.drone_uid = drawn_events.drone
    AND span.from_us <= at_us AND at_us < span.until_us);
DROP TABLE forget_days;
DELETE FROM logs WHERE log_id IN (SELECT log_id FROM forget_logs);
DELETE FROM sightings WHERE EXISTS (SELECT 1 FROM forget_spans AS span
    WHERE span.drone_uid = sightings.drone_uid
    AND span.from_us <= seen_us AND seen_us < span.until_us);
DELETE FROM stale_rows WHERE EXISTS (SELECT 1 FROM forget_spans AS span
    WHERE span.drone_uid = stale_rows.drone_uid
    AND span.from_us <= start_us AND start_us < span.until_us);

-- What is packed of autopilots whose rows went: the triggers noted them, by name.
DELETE FROM packed WHERE (source, drone_uid) IN (SELECT source, drone_uid FROM unpacked);
DELETE FROM unpacked WHERE drone_uid IN (SELECT drone_uid FROM forget_spans)
    AND NOT EXISTS (SELECT 1 FROM flights WHERE flights.drone_uid = unpacked.drone_uid)
    AND NOT EXISTS (SELECT 1 FROM sightings WHERE sightings.drone_uid = unpacked.drone_uid);

DELETE FROM tickets WHERE drone IN (SELECT serial FROM forget_drones)
    OR account IN (SELECT account FROM forget_accounts);
DELETE FROM surveys WHERE account IN (SELECT account FROM forget_accounts);
DELETE FROM contacts WHERE account IN (SELECT account FROM forget_accounts);
DELETE FROM traits WHERE account IN (SELECT account FROM forget_accounts);
DELETE FROM update_mails WHERE account IN (SELECT account FROM forget_accounts);
DELETE FROM hubspot_companies WHERE account IN (SELECT account FROM forget_accounts);
DELETE FROM tasks WHERE account IN (SELECT account FROM forget_accounts);
DELETE FROM pauses
WHERE subject_kind = 'drone' AND subject IN (SELECT serial FROM forget_drones)
    OR subject_kind = 'customer' AND subject IN (SELECT account FROM forget_accounts);
DELETE FROM links
WHERE kind = 'uid_drone' AND object IN (SELECT serial FROM forget_drones)
    OR kind IN ('drone_customer', 'drone_service')
        AND subject IN (SELECT serial FROM forget_drones)
    OR kind IN ('customer_distributor', 'account_csm', 'account_sales')
        AND subject IN (SELECT account FROM forget_accounts)
    OR kind IN ('drone_customer', 'customer_distributor', 'station_account')
        AND object IN (SELECT account FROM forget_accounts);
DELETE FROM drones WHERE serial IN (SELECT serial FROM forget_drones);
DELETE FROM accounts WHERE account IN (SELECT account FROM forget_accounts);

DROP TABLE forget_flights;
DROP TABLE forget_logs;
DROP TABLE forget_cases;
