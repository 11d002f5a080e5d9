"""How much a drone, or an account's drones, flew: flights in each of the last 52 weeks."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from windsock.collector.explain.markup import tag, void
from windsock.collector.explain.quantities import plural
from windsock.collector.roster.owners import CLAIMS, FOREVER_US

WEEKS: Final = 52
_WEEK_US: Final = 7 * 86_400_000_000
_HEIGHT_PX: Final = 90
_FLIGHTS: Final = f"""
WITH {CLAIMS}, mine (serial) AS (
    SELECT :subject WHERE :kind = 'drone'
    UNION SELECT subject FROM links WHERE :kind = 'customer' AND kind = 'drone_customer'
        AND object = :subject AND from_us <= :now_us
        AND :now_us < coalesce(until_us, {FOREVER_US})
)
SELECT (:now_us - start_us) / {_WEEK_US} AS ago, count(*) AS number
FROM mine JOIN claims USING (serial) JOIN live_flights USING (drone_uid)
WHERE airborne_s >= 10 AND start_us <= :now_us AND start_us > :now_us - {WEEKS * _WEEK_US}
    AND start_us >= claims.from_us AND start_us < claims.until_us
GROUP BY ago
"""  # noqa: S608 - numbers and a query of ours


def flights_a_week(
    ledger: sqlite3.Connection, subject_kind: str, subject: str, now_us: int
) -> list[int]:
    """Of a drone or a customer, the oldest week first; empty for a station."""
    if subject_kind not in ("drone", "customer"):
        return []
    values = {"kind": subject_kind, "subject": subject, "now_us": now_us}
    weeks = [0] * WEEKS
    for row in ledger.execute(_FLIGHTS, values):
        weeks[WEEKS - 1 - row["ago"]] += row["number"]
    return weeks


def weeks_figure(weeks: Sequence[int]) -> str:
    """A bar a week."""
    most = max(weeks, default=0)
    width = 100 / max(len(weeks), 1)
    bars = (
        _bar(week * width, width, number / most) for week, number in enumerate(weeks) if number
    )
    about = (
        f"{plural(sum(weeks), 'flight')} in {len(weeks)} weeks, a bar for each, the newest on the"
        f" right; {most:,} in the busiest."
    )
    drawing = tag(
        "svg", "".join(bars), class_="plot", height=_HEIGHT_PX, role="img", aria_label=about
    )
    return tag("figure", drawing + tag("figcaption", about), class_="weeks")


def _bar(left: float, width: float, share: float) -> str:
    """Its place and width in per cent, its height as a share of the drawing's."""
    down, height = round(_HEIGHT_PX * (1 - share), 1), round(_HEIGHT_PX * share, 1)
    across = {"x": f"{left:.2f}%", "width": f"{0.75 * width:.2f}%"}
    return void("rect", class_="week", y=down, height=height, **across)
