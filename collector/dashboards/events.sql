-- The annotations as they should be; `collector/dashboards/events` compares them with those drawn.
WITH drones (serial, uid) AS (SELECT key, value FROM json_each(:uids))
SELECT 'incident' AS kind, coalesce(verdicts.kind, 'ticket') AS about,
    coalesce(incidents.drone_uid, drones.uid, '') AS drone, incidents.event_us AS at_us,
    CASE WHEN incidents.state = 'confirmed' THEN 'Crash'
         WHEN verdicts.verdict = 'crash-like' THEN 'Possible crash-like event'
         ELSE 'Possible crash' END AS title,
    coalesce(incidents.drone, incidents.drone_uid, '') || ': '
        || coalesce(verdicts.kind, 'ticket') AS text
FROM incidents LEFT JOIN verdicts ON verdicts.id = (
    SELECT max(id) FROM verdicts WHERE verdicts.flight_id = incidents.flight_id)
LEFT JOIN drones ON drones.serial = incidents.drone
WHERE incidents.state <> 'withdrawn' AND incidents.event_us IS NOT NULL
UNION ALL
SELECT 'release', version, '', released_us, 'Release ' || version,
    group_concat(trim(product || ' ' || channel) || CASE
        WHEN withdrawn_us IS NOT NULL THEN ', withdrawn' ELSE '' END, '; ')
FROM releases WHERE released_us <= :now_us GROUP BY version, released_us
UNION ALL
SELECT 'case', rule, coalesce(drones.uid, ''), opened_us, rule || ' ' || state,
    CASE subject_kind WHEN 'drone' THEN 'drone ' ELSE subject_kind || ' ' END || subject
        || ', severity ' || severity || coalesce(', ' || basis, '')
        || CASE WHEN closed_us IS NULL THEN '' ELSE
            ', closed ' || strftime('%Y-%m-%d', closed_us / 1000000, 'unixepoch')
            || CASE closed_by WHEN 'facts' THEN ' by facts' ELSE ' by a person' END END
FROM cases LEFT JOIN drones ON drones.serial = subject AND subject_kind = 'drone'
