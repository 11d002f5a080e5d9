"""What drones flew, asked of the ledger's rows in SQL: slower than packed columns, and simpler."""

from collections import Counter

from windsock.collector.roster.owners import CLAIMS

_LEFT = """(SELECT max(ended.until_us) FROM links AS ended
    WHERE ended.kind = 'drone_customer' AND ended.subject = drones.serial
        AND ended.until_us <= :now_us)"""
_FLOWN = f"""
WITH {CLAIMS}, owned AS (
    SELECT serial, max(coalesce(from_us, {_LEFT}, 0), coalesce(delivered_us, 0)) AS owned_from_us
    FROM drones
    LEFT JOIN links ON kind = 'drone_customer' AND subject = serial
        AND from_us <= :now_us AND (until_us IS NULL OR :now_us < until_us)
), dated AS (
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
WITH {CLAIMS}, owned AS (
    SELECT serial, max(coalesce(from_us, {_LEFT}, 0), coalesce(delivered_us, 0)) AS owned_from_us
    FROM drones
    LEFT JOIN links ON kind = 'drone_customer' AND subject = serial
        AND from_us <= :now_us AND (until_us IS NULL OR :now_us < until_us)
), dated AS (
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
