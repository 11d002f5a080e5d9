"""Cases as rules find them, for tests of what is said about them."""

from tests.collector.world import DAY, HOUR, T0
from windsock.collector.notify.compose import Beside, Step, compose
from windsock.collector.notify.wording import load_wording

NOW = T0 + 31 * DAY
OWNER = {
    "serial": "WX-0002",
    "product": "Surveyor 4",
    "customer": "Fjord Inspection",
    "customer_email": "ops@fjord.example",
    "distributor": "Northern Drones",
    "distributor_email": "service@northern.example",
}
CRASH = {
    "who": OWNER,
    "variant": "crash",
    "of_incidents": [1],
    "kind": "impact",
    "severity": 84,
    "event_us": NOW - 3 * HOUR,
    "quality": "gps",
    "lat_deg": 59.91,
    "lon_deg": 10.7,
    "height_max_m": 62.3,
    "airborne_s": 840.0,
    "simulated": False,
    "flights_before": 212,
    "changed": ["firmware 1.14.3 to 1.15.4"],
    "evidence": [
        {"fact": "contact_force_m_s2", "value": 138.2, "threshold": 30.0, "boot_s": 1.0},
        {"fact": "tilt_at_contact_deg", "value": 97.1, "threshold": 60.0, "boot_s": 1.0},
    ],
}
INACTIVE = {
    "who": OWNER,
    "variant": "presumed",
    "flown_us": T0,
    "read_us": None,
    "online_share": 0.972,
    "station": "dock-7",
    "flights": 212,
    "airborne_s": 172_800.0,
    "limit": "30 days",
    "siblings": 3,
    "siblings_flying": 2,
    "changed": [],
}
UNSEEN = {
    "who": None,
    "variant": "unseen",
    "station": "dock-7",
    "station_kind": "fixed",
    "heard_us": T0,
    "version": "0.1.0",
    "online_share": 0.12,
    "drones": [{"serial": "WX-0002", "customer": "Fjord Inspection", "flown_us": T0}],
    "silent": 9,
    "known": 10,
}
OUTDATED = {
    "who": OWNER,
    "variant": "overdue",
    "runs": "7.0.0 (1.15.4)",
    "seen_us": NOW - DAY,
    "version": "7.1.0",
    "next": "7.0.5",
    "since_us": T0,
    "grace_days": 14.0,
    "powered_us": NOW - DAY,
    "mailed_us": None,
}
DEAF = {
    "who": OWNER,
    "variant": "mailed",
    "customer": "Fjord Inspection",
    "version": "7.1.0",
    "mailed_us": T0,
    "grace_days": 14.0,
    "of_drones": 9,
    "drones": [{"serial": f"WX-{n}", "runs": "7.0.0"} for n in range(7)],
}
WORN = {
    "who": OWNER,
    "variant": "worn",
    "signs": [{"sign": "vibration_m_s2", "now": 14.2, "usual": 5.1, "score": 9.0}],
}
HABIT = {
    "recent": 2,
    "expected": 9.3,
    "window_days": 42,
    "a_year": 31.0,
    "usual_a_year": 80.9,
    "score": 1.2,
}
RARE = {"who": OWNER, "variant": "own", **HABIT}
ACCOUNT = {"who": OWNER, "variant": "presumed", "flown_us": T0, "drones": 3, "limit": "30 days"}
UNFLOWN = {
    "who": OWNER,
    "variant": "unflown",
    "serials": ["WX-0002", "WX-0003"],
    "delivered_us": T0,
    "limit": "60 days",
}
CROWD = {
    "who": OWNER,
    "variant": "incidents",
    "incidents": [
        {"at_us": NOW - 20 * DAY, "drone": "WX-0002", "ticket": "T-3"},
        {"at_us": NOW - 9 * DAY, "drone": "WX-0003", "ticket": None},
        {"at_us": NOW - DAY, "drone": None, "ticket": "T-9"},
    ],
    "unconfirmed": 1,
}
UNHAPPY = {
    "who": OWNER,
    "variant": "scores",
    "scores": [{"score": 3.0, "at_us": NOW - 9 * DAY}, {"score": 5.0, "at_us": NOW - DAY}],
    "ever_good": False,
}
MISSING = {
    "who": OWNER,
    "variant": "missing",
    "missing": ["sales owner", "delivery date"],
    "drones": ["WX-0002"],
    "autopilots": [],
}
FACTS = {
    "X1": CRASH,
    "D1a": INACTIVE,
    "D1b": RARE,
    "C1": ACCOUNT | HABIT,
    "C5": UNFLOWN,
    "X2": UNSEEN,
    "D3": OUTDATED,
    "C3": DEAF,
    "X3": WORN,
    "D2": CROWD,
    "C2": CROWD,
    "C4": UNHAPPY,
    "M1": MISSING,
}
LINK = "https://windsock.maker.example/case/WzE3LCJhbm5h.c2lnbmVk"
BESIDE = Beside(
    wrong="Wrong 3 times in 20 answers.",
    tickets="1 open ticket (T-17, critical, WX-0002, 30 January 2026);"
    " CES 5 of 7 on 12 January 2026.",
    answer=LINK,
    links="CS: Trouble Call End User https://wiki.maker.example/cs-trouble-call-end-user",
)


def notice(rule="X1", variant=None, wording=None, **facts):
    """The notice of a case that *rule* opened."""
    found = FACTS[rule] | facts
    step = Step(
        case=17,
        transition="1-open",
        rule=rule,
        subject="WX-0002",
        severity=84,
        basis=None,
        playbook=None if rule == "X2" else "CS: Trouble Call End User",
        variant=variant or found["variant"],
        facts=found,
        opened_us=NOW,
        due_us=NOW + 2 * DAY,
        beside=Beside(answer="`windsock-collector answer 17 KIND`") if rule == "X2" else BESIDE,
    )
    return compose(step, wording or load_wording(None), NOW)
