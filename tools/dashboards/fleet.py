"""The Fleet dashboard: how all drones stand, and who needs attention first."""

from tools.dashboards.board import DRONE_URL, UIDS, Board, Row, Variable
from tools.dashboards.parts import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SIGHT,
    SOFTWARE,
    STATES,
    YELLOW,
    About,
    Annotation,
    Panel,
    Query,
    link,
    mapping,
    number,
    override,
    places,
    rows,
    series,
)

AS_OF = "time > ${__to}ms - 66m AND time <= ${__to}ms"
"""The newest hourly rows of drones at the end of the time range; for six minutes after the full
hour those of two hours. Grouping by drone would be without that, and ten times as slow."""
CHOSEN = f'"customer" =~ /^$customer$/ AND {AS_OF}'
NOT_JUDGED = "No row of today yet: is the collector running?"
NO_SHARE = "No drone's counters were read twice, or no row of today: is the collector running?"
NO_DRONES = "No drone of these customers had a row in the last hour of the time range."
_STATE_FIELDS = {
    "active": GREEN, "slowing": YELLOW, "new": "light-blue", "inactive": ORANGE, "lost": RED,
    "unseen": PURPLE, "never_flown": BLUE, "out_of_service": "#56a5a5", "unclaimed": "#8e8e8e",
}  # fmt: skip


def _of_day(*names: str) -> Query:
    """A sum of counts of each day: null where a day was not judged."""
    total = " + ".join(f'last("{name}")' for name in names)
    return Query(
        f'SELECT {total} AS "drones" FROM "fleet_day" WHERE $timeFilter'
        " GROUP BY time(1d) fill(null)"
    )


def _numbers() -> list[tuple[int, Panel]]:
    return [
        (4, number(About(
            "Active", "Drones in service that fly: active, flying rarely or new.", NOT_JUDGED,
        ), _of_day("active", "slowing", "new"))),
        (4, number(About(
            "Inactive", "Not flown for a month, or nobody could see whether it did: inactive,"
            " lost or unseen.", NOT_JUDGED, thresholds={1: ORANGE},
        ), _of_day("inactive", "lost", "unseen"))),
        (4, number(About(
            "Possible crashes", "Incidents of the last 30 days that nobody confirmed or took"
            " back.", NOT_JUDGED, thresholds={1: RED},
        ), _of_day("possible_crashes"))),
        (4, number(About(
            "Overdue software", "Drones that a mandatory release waited for too long.", NOT_JUDGED,
            thresholds={1: YELLOW},
        ), _of_day("overdue"))),
        (4, number(About(
            "Silent stations", "Stations that should have been heard of by now: what their drones"
            " do is not seen.", NOT_JUDGED, thresholds={1: RED},
        ), _of_day("silent_stations"))),
        (4, number(About(
            "Flown time seen", "Of the time that the autopilots' own counters say was flown, the"
            " share whose logs we have.", NO_SHARE, "percentunit",
            thresholds={0.8: YELLOW, 0.9: GREEN}, base=RED,
        ), _of_day("seen_share"))),
    ]  # fmt: skip


def _states() -> Panel:
    fields = ", ".join(f'last("{name}") AS "{name}"' for name in _STATE_FIELDS)
    panel = series(About(
        "Drones by state", "How the whole fleet stood when each day was last judged.", NOT_JUDGED,
    ), Query(
        f'SELECT {fields} FROM "fleet_day" WHERE $timeFilter GROUP BY time(1d) fill(none)',
        "$col",
    ), stack=True)  # fmt: skip
    for name, color in _STATE_FIELDS.items():
        fixed = {"mode": "fixed", "fixedColor": color}
        override(panel, name, color=fixed, displayName=name.replace("_", " "))
    return panel


def _flown() -> Panel:
    panel = series(About(
        "Flights and hours per day", "Flights of 10 s and more in the air, by UTC day of their"
        " start; rewritten when logs come late.", "No flight in this time.",
    ), Query(
        'SELECT sum("flights") AS "flights", sum("airborne_s") / 3600 AS "hours"'
        ' FROM "fleet_day" WHERE $timeFilter GROUP BY time(1d) fill(0)', "$col",
    ), style="bars")  # fmt: skip
    return override(
        panel, "hours", custom__drawStyle="line", custom__axisPlacement="right", unit="h",
        custom__fillOpacity=0, custom__lineWidth=2, color={"mode": "fixed", "fixedColor": ORANGE},
    )  # fmt: skip


def _seen() -> Panel:
    panel = series(About(
        "Share of flown time seen", "Whole fleet: flown time in the logs we have, of what the"
        " autopilots counted. Logs and counters see take-off differently: 0.9 is all of it.",
        NO_SHARE, "percentunit", thresholds={0.8: YELLOW, 0.9: GREEN}, base=RED,
    ), Query(
        'SELECT last("seen_share") AS "seen" FROM "fleet_day" WHERE $timeFilter'
        " GROUP BY time(1d) fill(none)", "$col",
    ), limits=True)  # fmt: skip
    return panel.max(1).min(0)


def _rollout() -> Panel:
    return series(About(
        "Software roll-out", "Drones whose last flight until that day was with each version.",
        "No flight told its software.",
    ), Query(
        'SELECT last("drones") AS "drones" FROM "firmware_day" WHERE $timeFilter'
        ' GROUP BY time(1d), "firmware" fill(none)', "$tag_firmware",
    ), stack=True)  # fmt: skip


def _crashes() -> Panel:
    panel = rows(About(
        "Crashes per 1,000 flights by software", "Until the end of the time range, since each"
        " version first flew; the truth lies between least and most with 95 %. Missing below 50"
        " flights. Unconfirmed crashes count, those taken back don't.",
        "No flight told its software.",
    ), Query(
        'SELECT last("flights") AS "flights", "crashes", "crashes_per_1000", "crashes_lower",'
        ' "crashes_upper" FROM "firmware_day" WHERE $timeFilter GROUP BY "firmware"', table=True,
    ), order="software")  # fmt: skip
    override(panel, "Time", custom__hidden=True)
    override(panel, "firmware", displayName="software")
    limits = {"mode": "absolute", "steps": [
        {"value": None, "color": GREEN}, {"value": 2, "color": YELLOW}, {"value": 5, "color": RED},
    ]}  # fmt: skip
    override(panel, "crashes_per_1000", displayName="per 1,000", decimals=1, thresholds=limits,
             custom__cellOptions={"type": "color-text"})  # fmt: skip
    override(panel, "crashes_lower", displayName="at least", decimals=1)
    return override(panel, "crashes_upper", displayName="at most", decimals=1)


def _attention() -> Panel:
    panel = rows(About(
        "Attention first", "Drones with open cases, the gravest first; a click opens the drone."
        " From the newest hourly rows: for six minutes after the full hour a drone may stand here"
        " twice.",
        "No drone of these customers has an open case, or no row came in the last hour: see"
        " Drones by state.",
    ), Query(
        'SELECT "severity", "serial", "customer", "standing", "rules", "days_since_flight",'
        ' "software", "data_state", "drone" FROM "drone_state"'
        f' WHERE "open_cases" > 0 AND {CHOSEN}', table=True,
    ), order="severity")  # fmt: skip
    for hidden in ("Time", "drone"):
        override(panel, hidden, custom__hidden=True)
    colored = {"type": "color-text"}
    override(panel, "serial", displayName="drone no.", links=link("Open this drone", DRONE_URL))
    override(panel, "standing", displayName="state", mappings=mapping(STATES),
             custom__cellOptions=colored)  # fmt: skip
    override(panel, "days_since_flight", displayName="days idle", decimals=0)
    override(panel, "software", mappings=mapping(SOFTWARE), custom__cellOptions=colored)
    return override(panel, "data_state", displayName="sight", mappings=mapping(SIGHT),
                    custom__cellOptions=colored)  # fmt: skip


def _map() -> Panel:
    panel = places(About(
        "Where they last flew", "Start of each drone's last flight, to 0.1 degree, coloured by its"
        " state. Stations set to send no positions leave no dot.", NO_DRONES,
    ), STATES, Query(
        'SELECT "lat_deg", "lon_deg", "standing", "serial", "customer", "drone" FROM "drone_state"'
        f" WHERE {CHOSEN}", table=True,
    ))  # fmt: skip
    return override(panel, "serial", links=link("Open this drone", DRONE_URL))


def _customers() -> Panel:
    panel = rows(About(
        "Customers", "Of each chosen customer, when the day was last judged: its drones, those"
        " that don't fly, open cases, hours, and the share of flown time seen.", NOT_JUDGED,
    ), Query(
        'SELECT "customer", "drones", "not_flying", "overdue", "open_cases", "airborne_h",'
        ' "seen_share" FROM "customer_day" WHERE "customer" =~ /^$customer$/'
        " AND time > ${__to}ms - 1d AND time <= ${__to}ms", table=True,
    ), order="cases")  # fmt: skip
    override(panel, "Time", custom__hidden=True)
    override(panel, "not_flying", displayName="not flying")
    override(panel, "open_cases", displayName="cases")
    override(panel, "airborne_h", unit="h", decimals=0, displayName="hours")
    limits = {"mode": "absolute", "steps": [
        {"value": None, "color": RED}, {"value": 0.8, "color": YELLOW},
        {"value": 0.9, "color": GREEN},
    ]}  # fmt: skip
    return override(panel, "seen_share", unit="percentunit", displayName="flown time seen",
                    thresholds=limits, custom__cellOptions={"type": "color-text"})  # fmt: skip


CUSTOMER = Variable(
    "customer", "Customer", 'SHOW TAG VALUES FROM "drone_state" WITH KEY = "customer"'
)
RELEASES = (
    "Releases",
    BLUE,
    Annotation(
        'SELECT "title", "text", "about" FROM "event" WHERE "kind" = \'release\' AND $timeFilter',
        ref="Releases",
    ),
)
INCIDENTS = (
    "Possible crashes",
    RED,
    Annotation(
        'SELECT "title", "text", "about" FROM "event" WHERE "kind" = \'incident\' AND $timeFilter',
        ref="Incidents",
    ),
)


def board() -> Board:
    """The dashboard."""
    return Board(
        uid=UIDS["fleet"],
        title="windsock: Fleet",
        about="Who flies, who stopped, what crashed and what runs old software.",
        since="now-90d",
        variables=[CUSTOMER],
        annotations=[RELEASES, INCIDENTS],
        rows=[
            Row(5, _numbers(), "Whole fleet"),
            Row(9, [(12, _states()), (12, _flown())]),
            Row(9, [(24, _attention())], "Customer: $customer"),
            Row(10, [(12, _map()), (12, _customers())]),
            Row(9, [(8, _rollout()), (9, _crashes()), (7, _seen())], "Software and sight"),
        ],
    )
