"""The Drone dashboard: one autopilot's life, and one flight of it where you zoom in."""

from tools.dashboards.board import UIDS, Board, Row, Variable
from tools.dashboards.fleet import AS_OF, CUSTOMER, RELEASES
from tools.dashboards.parts import (
    ORANGE,
    RED,
    SIGHT,
    SOFTWARE,
    STATES,
    YELLOW,
    About,
    Annotation,
    Panel,
    Query,
    VisibilityMode,
    lanes,
    link,
    mapping,
    number,
    override,
    rows,
    series,
    word,
)

HERE = "\"drone\" = '$drone' AND $timeFilter"
NO_ROW = "No row of this drone in this time."
NO_FLIGHT = "No flight in this time."
PICK = "Pick one flight: click its time in the table of flights."
_ZOOM = (
    "/d/windsock-drone/?var-customer=All&var-drone=${drone}"
    "&from=${__data.fields.from_ms.numeric}&to=${__data.fields.until_ms.numeric}"
)
_VERDICTS = {
    "crash": ("crash", RED),
    "crash-like": ("crash-like", ORANGE),
    "unknown": ("unknown", YELLOW),
    "none": ("none", "green"),
}


def _state(name: str) -> Query:
    return Query(f'SELECT last("{name}") AS "{name}" FROM "drone_state" WHERE {HERE}')


def _summary() -> list[tuple[int, Panel]]:
    return [
        (4, word(About("State", "How it stands with its customer.", NO_ROW), STATES,
                 _state("standing"))),
        (3, number(About("Days since last flight", "Under its present customer.", NO_ROW,
                         thresholds={14: YELLOW, 30: RED}),
                   _state("days_since_flight"), calc="lastNotNull", spark=False).decimals(0)),
        (3, number(About("Flights", "Of 10 s and more, under its present customer.", NO_ROW),
                   _state("flights"), calc="lastNotNull", spark=False)),
        (3, number(About("Hours", "In the air, under its present customer.", NO_ROW, "h"),
                   _state("airborne_h"), calc="lastNotNull", spark=False).decimals(1)),
        (4, word(About("Software", "Against the releases, as of when it was last seen.", NO_ROW),
                 SOFTWARE, _state("software"))),
        (4, word(About("Sight", "How far its state can be believed.", NO_ROW), SIGHT,
                 _state("data_state"))),
        (3, word(About("Open cases", "Rules whose cases are open.", "none"), {},
                 _state("rules"))),
    ]  # fmt: skip


def _standing() -> Panel:
    panel = lanes(About(
        "State and sight", "How the drone stood, and how well it was seen.", NO_ROW,
    ), STATES | SIGHT, Query(
        'SELECT last("standing") AS "state", last("data_state") AS "sight" FROM "drone_state"'
        f" WHERE {HERE} GROUP BY time($__interval) fill(none)", "$col",
    ))  # fmt: skip
    return panel.interval("1h")


def _flown() -> Panel:
    panel = series(About(
        "Flights and hours per day", "Flights of 10 s and more, by UTC day of their start.",
        NO_FLIGHT,
    ), Query(
        'SELECT sum("flights") AS "flights", sum("airborne_s") / 3600 AS "hours" FROM "drone_day"'
        f" WHERE {HERE} GROUP BY time(1d) fill(0)", "$col",
    ), style="bars")  # fmt: skip
    return override(
        panel, "hours", custom__drawStyle="line", custom__axisPlacement="right", unit="h",
        custom__fillOpacity=0, custom__lineWidth=2, color={"mode": "fixed", "fixedColor": ORANGE},
    )  # fmt: skip


def _counted() -> Panel:
    return series(About(
        "Counted by the autopilot, and seen by us", "Hours flown per week: how much its own"
        " counter rose, and the flights we have. More counted than seen: logs are missing.",
        "The counter was not read twice in this time.", "h",
    ), Query(
        'SELECT non_negative_difference(last("flight_time_s")) / 3600 AS "counted"'
        f' FROM "sighting" WHERE {HERE} GROUP BY time(7d) fill(previous)', "counted",
    ), Query(
        'SELECT sum("airborne_s") / 3600 AS "seen" FROM "drone_day"'
        f" WHERE {HERE} GROUP BY time(7d) fill(0)", "seen", ref="B",
    ), style="bars")  # fmt: skip


def _flights() -> Panel:
    panel = rows(About(
        "Flights", "A click on its time shows one flight below.", NO_FLIGHT,
    ), Query(
        'SELECT "airborne_s", "height_max_m", "distance_max_m", "tilt_max_deg", "peak_force_m_s2",'
        ' "voltage_min_v", "used_mah", "vibration_m_s2", "firmware", "from_ms", "until_ms"'
        f' FROM "flight" WHERE {HERE} ORDER BY time DESC LIMIT 500', table=True,
    ))  # fmt: skip
    override(panel, "Time", links=link("Show this flight", _ZOOM), custom__width=190)
    _hide_moments(panel)
    names = {
        "airborne_s": ("in the air", "s"), "height_max_m": ("height", "lengthm"),
        "distance_max_m": ("distance", "lengthm"), "tilt_max_deg": ("tilt", "degree"),
        "peak_force_m_s2": ("force", "accMS2"), "voltage_min_v": ("least voltage", "volt"),
        "used_mah": ("used", "mAh"), "vibration_m_s2": ("vibration", "accMS2"),
    }  # fmt: skip
    for field, (name, unit) in names.items():
        override(panel, field, displayName=name, unit=unit, decimals=1)
    return override(panel, "firmware", displayName="software")


def _verdicts() -> Panel:
    panel = rows(About(
        "Crashes and the like", "What was judged of its flights; a click on the time shows the"
        " moment. Not confirmed by anybody unless a case says so.",
        "No flight of this time was judged a crash or like one.",
    ), Query(
        'SELECT "verdict", "kind", "severity", "from_ms", "until_ms" FROM "verdict"'
        f" WHERE (\"verdict\" = 'crash' OR \"verdict\" = 'crash-like') AND {HERE}",
        table=True,
    ))  # fmt: skip
    override(panel, "Time", links=link("Show this moment", _ZOOM))
    override(panel, "verdict", mappings=mapping(_VERDICTS),
             custom__cellOptions={"type": "color-text"})  # fmt: skip
    return _hide_moments(panel)


def _hide_moments(panel: Panel) -> Panel:
    for name in ("from_ms", "until_ms"):
        override(panel, name, custom__hidden=True)
    return panel


def _battery() -> Panel:
    return series(About(
        "Battery", "Of each flight: at arming, and the least while armed. A falling least at the"
        " same start is wear.", NO_FLIGHT, "volt",
    ), Query(
        'SELECT "voltage_start_v" AS "at arming", "voltage_min_v" AS "least" FROM "flight"'
        f" WHERE {HERE}", "$col",
    ), points=True).axis_soft_min(10)  # fmt: skip


def _vibration() -> Panel:
    return series(About(
        "Vibration", "Of each flight: 95th percentile of the autopilot's own metric. ArduPilot"
        " calls 30 m/s² bearable and 60 too much.", NO_FLIGHT, "accMS2",
        thresholds={30: YELLOW, 60: RED},
    ), Query(
        f'SELECT "vibration_m_s2" AS "vibration" FROM "flight" WHERE {HERE}', "$col",
    ), points=True, limits=True)  # fmt: skip


def _height() -> Panel:
    panel = series(About(
        "Height", "Above the place of arming, one value a second.", PICK, "lengthm",
    ), Query(
        'SELECT max("height_m") AS "height" FROM "series"'
        f" WHERE {HERE} GROUP BY time($__interval) fill(none)", "$col",
    ))  # fmt: skip
    return _alone(panel.interval("1s"))


def _tilt() -> Panel:
    """Tilt of roll and pitch: the angle between the drone's and the world's vertical."""
    panel = series(About(
        "Tilt", "Angle between the drone's and the world's vertical, of roll and pitch, one value"
        " a second. Over 60 degrees outside of aerobatics is lost control.", PICK, "degree",
        thresholds={60: RED},
    ), Query(
        'SELECT max("tilt") AS "tilt" FROM (SELECT acos(cos("roll_deg" * 0.0174532925)'
        ' * cos("pitch_deg" * 0.0174532925)) * 57.2957795 AS "tilt" FROM "series"'
        f" WHERE {HERE}) WHERE $timeFilter GROUP BY time($__interval) fill(none)", "$col",
    ), limits=True)  # fmt: skip
    return _alone(panel.interval("1s").min(0))


def _window() -> Panel:
    panel = series(About(
        "Around the strongest moment", "10 s before to 5 s after it: the greatest of each 20 ms."
        " Force 9.8 m/s² is rest.", PICK, "accMS2",
    ), Query(
        'SELECT max("force_m_s2_max") AS "force", max("tilt_deg_max") AS "tilt",'
        ' max("height_m_max") AS "height" FROM "window"'
        f" WHERE {HERE} GROUP BY time($__interval) fill(none)", "$col",
    ))  # fmt: skip
    override(panel, "tilt", unit="degree", custom__axisPlacement="right")
    override(panel, "height", unit="lengthm", custom__axisPlacement="right")
    return _alone(panel.interval("20ms"))


def _alone(panel: Panel) -> Panel:
    """Seen from afar a flight is one point: it is drawn, too."""
    return panel.show_points(VisibilityMode.AUTO).span_nulls(span_nulls=True)


def _software() -> Panel:
    panel = lanes(About(
        "Software flown", "Of each day's last flight.", "No flight told its software.",
    ), {}, Query(
        'SELECT last("firmware") AS "software" FROM "drone_day"'
        f" WHERE {HERE} GROUP BY time(1d) fill(none)", "$col",
    ))  # fmt: skip
    return panel.interval("1d")


def _parameters() -> Panel:
    panel = rows(About(
        "Parameters changed", "Against this autopilot's log before: the first question after a"
        " crash. Without what it counts and learns by itself.",
        "No parameter changed in this time.",
    ), Query(
        'SELECT "parameters_changed" FROM "flight"'
        f" WHERE \"parameters_changed\" <> '' AND {HERE}", table=True,
    ))  # fmt: skip
    override(panel, "Time", custom__width=190)
    return override(panel, "parameters_changed", displayName="changed")


def _cases() -> Panel:
    panel = rows(About(
        "Cases", "Opened in this time, and how they stand: docs/cases.md says what each rule"
        " means.", "No case of this drone was opened in this time.",
    ), Query(
        'SELECT "title", "text" FROM "event"'
        f" WHERE \"kind\" = 'case' AND {HERE}", table=True,
    ))  # fmt: skip
    override(panel, "Time", displayName="opened", custom__width=190)
    return override(panel, "title", displayName="case", custom__width=140)


DRONE = Variable(
    "drone",
    "Drone",
    f'SELECT "label" FROM "drone_state" WHERE "customer" =~ /^$customer$/ AND {AS_OF}',
    many=False,
    pairs=True,
)
INCIDENTS = (
    "Possible crashes",
    RED,
    Annotation(
        f'SELECT "title", "text", "about" FROM "event" WHERE "kind" = \'incident\' AND {HERE}',
        ref="Incidents",
    ),
)


def board() -> Board:
    """The dashboard."""
    return Board(
        uid=UIDS["drone"],
        title="windsock: Drone",
        about="One drone: its flights, wear, software and cases; one flight where you zoom in.",
        since="now-90d",
        variables=[CUSTOMER, DRONE],
        annotations=[RELEASES, INCIDENTS],
        rows=[
            Row(4, _summary()),
            Row(5, [(24, _standing())]),
            Row(8, [(12, _flown()), (12, _counted())]),
            Row(8, [(12, _battery()), (12, _vibration())]),
            Row(9, [(16, _flights()), (8, _verdicts())], "Flights: click a time to zoom in"),
            Row(8, [(8, _height()), (8, _tilt()), (8, _window())]),
            Row(5, [(12, _software()), (12, _parameters())], "Changes"),
            Row(6, [(24, _cases())]),
        ],
    )
