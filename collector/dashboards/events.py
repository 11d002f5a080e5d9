"""``event``: annotations of incidents, releases and cases.

The ledger keeps which of them InfluxDB has, so what changed is the difference: an incident that
was taken back goes, one that moved moves, a case that closed says so. No row names a person.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import NamedTuple

from windsock.collector.influx.lines import Points
from windsock.collector.influx.measurements import EVENT
from windsock.collector.influx.spans import Span
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction


class Place(NamedTuple):
    """What makes an annotation another one."""

    kind: str
    about: str
    drone: str
    """Empty: of none."""
    at_us: int


Events = Mapping[Place, tuple[str, str]]
"""Title and text of each."""


def redraw_events(
    ledger: sqlite3.Connection, telemetry: Telemetry, uids: Mapping[str, str], now_us: int
) -> None:
    """Make InfluxDB's annotations those of the ledger; *uids*: the tag of each drone's rows.

    Raises StoreDown; then the same is tried again.
    """
    drawn = _events(ledger.execute("SELECT * FROM drawn_events"))
    query = (files("windsock.collector.dashboards") / "events.sql").read_text("utf-8")
    values = {"now_us": now_us, "uids": json.dumps(uids)}
    wanted = _events(ledger.execute(query, values))
    gone, news = changes(drawn, wanted)
    if not gone and not news:
        return
    telemetry.erase([_span(place) for place in gone], now_us)
    telemetry.write([_of_event(place, *news[place]) for place in news], now_us)
    with transaction(ledger):
        ledger.executemany(
            "DELETE FROM drawn_events WHERE kind = ? AND about = ? AND drone = ? AND at_us = ?",
            gone,
        )
        ledger.executemany(
            "INSERT OR REPLACE INTO drawn_events VALUES (?, ?, ?, ?, ?, ?)",
            [(*place, *said) for place, said in news.items()],
        )


def changes(drawn: Events, wanted: Events) -> tuple[list[Place], Events]:
    """Which annotations have to go, and which have to be written.

    A deletion takes all of its drone and millisecond with it: what belongs there comes again.
    """
    gone = [place for place in drawn if place not in wanted]
    cleared = {place.at_us // 1000 for place in gone}
    news = {
        place: said
        for place, said in wanted.items()
        if drawn.get(place) != said or place.at_us // 1000 in cleared
    }
    return gone, news


def _events(rows: Iterable[sqlite3.Row]) -> Events:
    return {Place(*row[:4]): (row[4], row[5]) for row in rows}


def _span(place: Place) -> Span:
    return Span(EVENT, place.drone or None, place.at_us, place.at_us)


def _of_event(place: Place, title: str, text: str) -> Points:
    tags = {"drone": place.drone, "kind": place.kind, "about": place.about}
    return Points(EVENT, tags, [place.at_us], {"title": [title], "text": [text]})
