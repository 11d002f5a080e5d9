"""Whether the account flew again within 30 days of each closed case.

*Yes* as soon as it did, *no* once the 30 days have passed; a flight that comes in later, from a
card, still makes it a yes. A case that was reopened has none. In a transaction of its caller.
"""

import sqlite3
from typing import Final

from windsock.collector.roster.owners import CLAIMS, FOREVER_US

WITHIN_US: Final = 30 * 86_400_000_000

_REOPENED: Final = """
DELETE FROM outcomes WHERE case_id IN (SELECT id FROM cases WHERE state <> 'resolved')
"""
_DECIDE: Final = f"""
WITH {CLAIMS}, closed AS (
    SELECT id, json_extract(facts, '$.who.customer') AS account, closed_us
    FROM cases LEFT JOIN outcomes ON case_id = cases.id
    WHERE state = 'resolved' AND flew_again IS NOT 1
        AND json_extract(facts, '$.who.customer') IS NOT NULL
), told AS (
    SELECT id, closed_us, EXISTS (
        SELECT 1 FROM links AS owned
        JOIN claims ON claims.serial = owned.subject
        JOIN live_flights AS flight ON flight.drone_uid = claims.drone_uid
            AND flight.start_us > closed_us AND flight.start_us <= closed_us + :within_us
            AND flight.start_us >= claims.from_us AND flight.start_us < claims.until_us
            AND flight.start_us >= owned.from_us
            AND flight.start_us < coalesce(owned.until_us, {FOREVER_US})
        WHERE owned.kind = 'drone_customer' AND owned.object = account
            AND flight.airborne_s >= 10 AND flight.simulated <= :simulated
            AND flight.start_us <= :now_us) AS flew
    FROM closed
)
INSERT INTO outcomes (case_id, flew_again, decided_us)
SELECT id, flew, :now_us FROM told WHERE flew OR closed_us + :within_us <= :now_us
ON CONFLICT (case_id) DO UPDATE SET flew_again = excluded.flew_again,
    decided_us = excluded.decided_us WHERE excluded.flew_again > flew_again
"""  # noqa: S608 - numbers and conditions of ours


def decide_outcomes(ledger: sqlite3.Connection, now_us: int, *, simulated: bool) -> None:
    """Write down what is known by *now_us*; a case without an account has no outcome."""
    ledger.execute(_REOPENED)
    ledger.execute(
        _DECIDE, {"within_us": WITHIN_US, "now_us": now_us, "simulated": int(simulated)}
    )
