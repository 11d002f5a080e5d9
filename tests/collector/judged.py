"""A world judged: settings, flights' facts, and what became of them."""

import msgspec

from tests.collector.world import HOUR, T0
from windsock.collector.cases.judge import judge_fleet, judge_new
from windsock.collector.settings import Judge, Notify, Settings, Smtp

SETTINGS = Settings(
    judge=Judge(required=()),  # what is missing is asked for in test_missing
    notify=Notify(support="support@maker", smtp=Smtp(host="mail", sender="windsock@maker")),
)
CRASH = {
    "contact_force_m_s2": 138.0,
    "tilt_at_contact_deg": 97.0,
    "contact_boot_s": 600.0,
    "attitude_hz": 50.0,
    "force_hz": 50.0,
    "height_hz": 10.0,
}
FINE = {"attitude_hz": 50.0, "force_hz": 50.0, "height_hz": 10.0}
CUT = FINE | {"ends_in_air": 1.0, "end_height_m": 20.0, "end_boot_s": 600.0}
HARD = FINE | {"contact_force_m_s2": 40.0, "sink_at_contact_m_s": 3.2, "contact_boot_s": 600.0}
STRICT = msgspec.structs.replace(SETTINGS, judge=Judge(crash_like_notice_severity=1))
"""Settings with which a severe crash-like event is told."""


def new(world, now_us=T0 + HOUR, settings=SETTINGS):
    return judge_new(world.ledger, now_us, settings)


def fleet(world, now_us, settings=SETTINGS):
    return judge_fleet(world.ledger, now_us, settings)


def cases(world, rule=None):
    return world.rows("SELECT * FROM cases WHERE ?1 IS NULL OR rule = ?1 ORDER BY id", rule)


def open_cases(world, rule):
    return world.rows("SELECT * FROM cases WHERE rule = ? AND state <> 'resolved'", rule)


def of(world, rule):
    """Whom they are about."""
    return [case["subject"] for case in open_cases(world, rule)]


def facts(world, rule):
    """What the only open case of a rule rests on."""
    (case,) = open_cases(world, rule)
    return facts_of(case)


def events(world, rule=None):
    rows = world.rows(
        "SELECT transition, decision FROM case_events JOIN cases ON cases.id = case_id"
        " WHERE ?1 IS NULL OR rule = ?1 ORDER BY case_events.id",
        rule,
    )
    return [f"{row['transition']}: {row['decision']}" for row in rows]


def headlines(world):
    rows = world.rows("SELECT recipient, notice FROM outbox ORDER BY id")
    return [
        (row["recipient"], msgspec.json.decode(row["notice"])["headline"].partition(":")[0])
        for row in rows
    ]


def facts_of(case):
    return msgspec.json.decode(case["facts"])
