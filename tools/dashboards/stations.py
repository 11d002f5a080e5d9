"""The dashboard of stations and pipeline: whether everything arrives, and what did not."""

from tools.dashboards.board import UIDS, Board, Row, Variable
from tools.dashboards.parts import (
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    About,
    Panel,
    Query,
    lanes,
    mapping,
    number,
    override,
    rows,
    series,
)

CHOSEN = '"agent" =~ /^$station$/ AND $timeFilter'
NO_STATION = "No word from or about these stations in this time."
NO_COLLECTOR = "The collector wrote nothing in this time: is it running?"
_UP = {"0": ("up", GREEN), "1": ("silent", RED)}


def _now(name: str, measurement: str = "pipeline") -> Query:
    return Query(f'SELECT last("{name}") AS "{name}" FROM "{measurement}" WHERE $timeFilter')


def _count(title: str, text: str, query: Query, thresholds: dict[float, str]) -> Panel:
    about = About(title, text, NO_COLLECTOR, thresholds=thresholds)
    return number(about, query, calc="lastNotNull", spark=False)


def _numbers() -> list[tuple[int, Panel]]:
    alarm: dict[float, str] = {1: RED}
    mild: dict[float, str] = {1: YELLOW}
    up = Query(
        'SELECT count("up") AS "up" FROM (SELECT last("silent") AS "up" FROM "station"'
        ' WHERE $timeFilter GROUP BY "agent") WHERE "up" = 0 AND $timeFilter'
    )
    return [
        (4, number(About("Stations up", "Heard of when they should have been.",
                         "No station is up, or nothing was written."), up,
                   calc="lastNotNull", spark=False)),
        (4, _count("Batches missing", "Sequence numbers of all stations that never came and"
                   " that no tombstone explains.", _now("gaps"), mild)),
        (4, _count("Quarantined", "Batches that nobody could decode, kept byte for byte.",
                   _now("quarantined"), alarm)),
        (4, _count("Dead letters", "Rows that InfluxDB refused for good.",
                   _now("dead_letters"), alarm)),
        (4, _count("Notices parked", "Refused for good by a mail server or webhook: nobody was"
                   " told.", _now("notices_parked"), alarm)),
        (4, _count("Flights to judge", "Stored, and waiting to be judged.", _now("unjudged"),
                   {100: YELLOW, 10_000: RED})),
    ]  # fmt: skip


def _lanes() -> Panel:
    panel = lanes(About(
        "Stations", "By the collector's clock: a fixed station is silent when it was not heard for"
        " a day, a field laptop after 30.", NO_STATION,
    ), _UP, Query(
        'SELECT max("silent") AS "silent" FROM "station"'
        f' WHERE {CHOSEN} GROUP BY time($__interval), "agent" fill(none)', "$tag_agent",
    ))  # fmt: skip
    return panel.interval("10m")


def _table() -> Panel:
    panel = rows(About(
        "Stations now", "The last word from and about each station of this time.", NO_STATION,
    ), Query(
        'SELECT last("silent") AS "silent", last("heard_ms") AS "heard_ms",'
        ' last("spool_batches") AS "spool_batches", last("spool_bytes") AS "spool_bytes",'
        ' last("disk_free_bytes") AS "disk_free_bytes", last("missing") AS "missing",'
        ' last("agent_version") AS "agent_version" FROM "station"'
        f' WHERE {CHOSEN} GROUP BY "agent"', table=True,
    ), order="state")  # fmt: skip
    override(panel, "Time", custom__hidden=True)
    override(panel, "agent", displayName="station")
    override(panel, "silent", displayName="state", mappings=mapping(_UP),
             custom__cellOptions={"type": "color-text"})  # fmt: skip
    override(panel, "heard_ms", displayName="heard", unit="dateTimeAsIso")
    override(panel, "spool_batches", displayName="spool")
    override(panel, "spool_bytes", displayName="spool size", unit="bytes")
    override(panel, "disk_free_bytes", displayName="disk free", unit="bytes")
    override(panel, "missing", displayName="batches missing")
    return override(panel, "agent_version", displayName="version")


def _of_stations(about: About, what: str) -> Panel:
    panel = series(about, Query(
        f'SELECT {what} AS "value" FROM "station"'
        f' WHERE {CHOSEN} GROUP BY time($__interval), "agent" fill(none)', "$tag_agent",
    ))  # fmt: skip
    return panel.interval("10m")


def _of_collector(about: About, what: str, *, style: str = "line") -> Panel:
    panel = series(about, Query(
        f'SELECT {what} FROM "pipeline" WHERE $timeFilter'
        " GROUP BY time($__interval) fill(none)", "$col",
    ), style=style)  # fmt: skip
    return panel.interval("5m")


def _pipeline() -> list[Row]:
    return [
        Row(8, [
            (8, _of_collector(About("Batches", "Taken in, per minute.", NO_COLLECTOR),
                              'non_negative_derivative(max("batches"), 1m) AS "per minute"')),
            (8, _of_collector(About("Bytes", "Taken in, per second.", NO_COLLECTOR, "Bps"),
                              'non_negative_derivative(max("bytes"), 1s) AS "rate"')),
            (8, _of_collector(About(
                "Lag", "Longest way of news (urgent, flights, sightings) from the station's making"
                " of the batch to the collector, by the station's clock.", NO_COLLECTOR, "s",
                thresholds={600: YELLOW, 3600: ORANGE},
            ), 'max("lag_s") AS "lag"')),
        ], "Collector"),
        Row(8, [
            (8, _of_collector(About(
                "Store errors", "Times that InfluxDB did not take rows: they are sent again.",
                NO_COLLECTOR, thresholds={1: YELLOW},
            ), 'non_negative_difference(max("store_errors")) AS "errors"', style="bars")),
            (8, _of_collector(About(
                "Set aside", "Ever: batches in quarantine, dead letters, missing batches.",
                NO_COLLECTOR,
            ), 'max("quarantined") AS "quarantined", max("dead_letters") AS "dead letters",'
               ' max("gaps") AS "missing"')),
            (8, _of_collector(About(
                "Waiting", "Flights to be judged, and notices in the outbox.", NO_COLLECTOR,
            ), 'max("unjudged") AS "flights", max("notices_waiting") AS "notices"')),
        ]),
    ]  # fmt: skip


STATION = Variable("station", "Station", 'SHOW TAG VALUES FROM "station" WITH KEY = "agent"')


def board() -> Board:
    """The dashboard."""
    return Board(
        uid=UIDS["stations"],
        title="windsock: Stations and pipeline",
        about="Which stations are heard, what waits there, what the collector could not take.",
        since="now-24h",
        variables=[STATION],
        rows=[
            Row(4, _numbers()),
            Row(7, [(10, _lanes()), (14, _table())], "Stations: $station"),
            Row(8, [
                (12, _of_stations(About("Spool", "Batches that wait on the station.", NO_STATION),
                                  'max("spool_batches")')),
                (12, _of_stations(About("Disk free", "On the station's spool.", NO_STATION,
                                        "bytes"), 'min("disk_free_bytes")')),
            ]),
            *_pipeline(),
        ],
    )  # fmt: skip
