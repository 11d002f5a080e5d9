"""A simulated company's months through the real collector, hour by hour on an injected clock.

Batches are ingested when they arrive, exports are taken in the morning of their day, and `Rounds`
judges, writes digests and sends to a file. CSMs answer what their digest spells out, and do tasks.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import msgspec

from windsock.collector.answers.answer import apply_answer
from windsock.collector.answers.said import Answer
from windsock.collector.calls.tasks import close_task, task_rows
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.outside.take import take
from windsock.collector.receive.batch_file import read_batches
from windsock.collector.receive.ingest import Ingest
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Cadence, File, Judge, Notify, Settings

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
MORNING = 5
"""The hour, UTC, at which other systems' exports are taken."""
PATIENCE_DAYS = 3
"""So long a CSM takes to answer what a digest spelt out."""
CADENCE = (
    Cadence(kind="call", of="distributor", every_days=60, playbook="CS: Trouble Call Distributor"),
    Cadence(kind="health-check", of="distributor", every_days=90,
            playbook="CS: Check Distributor Health"),
    Cadence(kind="health-check", of="direct", every_days=120, playbook="CS: Check Health"),
)  # fmt: skip


def settings_for(folder):
    """As an operator would have them, but for simulated flights and a fleet judged once a day."""
    return Settings(
        ledger=folder / "ledger",
        judge=Judge(simulated=True, interval_s=86_400.0),
        cadence=CADENCE,
        notify=Notify(support="support@maker.example", safety="safety@maker.example",
                      file=File(path=folder / "notices.jsonl")),
    )  # fmt: skip


def replay(folder):
    """Live through the world in *folder*; the ledger that comes of it stands beside it."""
    truth = json.loads((folder / "truth.json").read_text())
    settings = settings_for(folder)
    ledger = open_ledger(settings.ledger)
    ledger.execute("PRAGMA synchronous = OFF")
    telemetry = Telemetry(ledger, None)
    ingest, rounds = Ingest(ledger, telemetry), Rounds(settings, ledger, telemetry)
    exports = _exports(folder / "imports")
    arrivals = read_batches(folder / "batches.msgpack")
    first_us = _first_us(truth)
    coming = next(arrivals, None)
    for hour in range(truth["days"] * 24):
        now_us = first_us + hour * HOUR_US
        while coming and coming[0] <= now_us:
            ingest.take(coming[1], coming[0])
            coming = next(arrivals, None)
        if hour % 24 == MORNING:
            for path, kind in exports.pop(hour // 24, ()):
                taken = take(ledger, kind, path.read_bytes(), path.name, now_us)
                assert not taken.errors, taken.errors
        rounds.make(now_us)
        if hour % 24 == MORNING:
            _people_work(ledger, now_us)
    return ledger


def _first_us(truth):
    from datetime import UTC, date, datetime  # noqa: PLC0415

    first = datetime.combine(date.fromisoformat(truth["first"]), datetime.min.time(), UTC)
    return int(first.timestamp()) * 1_000_000


def _exports(folder):
    days = defaultdict(list)
    for path in sorted(folder.iterdir()):
        day, _, kind = path.stem.split("-")
        days[int(day)].append((path, kind))
    return days


def _people_work(ledger, now_us):
    """Answer the calls of a digest some days after it, and do what is due."""
    until_us = now_us - PATIENCE_DAYS * DAY_US
    with transaction(ledger):
        answered = ledger.execute(
            "SELECT cases.id, calls.csm FROM calls JOIN call_cases ON call_id = calls.id"
            " JOIN cases ON cases.id = case_id WHERE cases.state = 'open' AND calls.opened_us <= ?"
            " GROUP BY cases.id", (until_us,)
        ).fetchall()  # fmt: skip
        for case in answered:
            said = Answer("acknowledge", None, "", case["csm"], "command")
            apply_answer(ledger, case["id"], said, now_us)
        for task in sorted(task_rows(ledger), key=lambda task: task.parent is None):
            if task.due_us <= until_us:
                close_task(ledger, task.task, task.csm or "nobody", now_us)


class Found(NamedTuple):
    """What came of one rule."""

    rule: str
    planted: int
    once: int
    """Planted triggers that became exactly one case, with the right CSM and playbook."""
    cases: int
    right: int
    """Cases of which the world says that they are so."""
    withdrawn: int
    """Of the others, those that closed within a day."""


class Outcome(NamedTuple):
    """All that the issue asks of a replay."""

    rules: list[Found]
    wrong: list[str]
    """Planted triggers that did not become exactly one right case, in words."""
    calls_a_day: int
    """The most calls that one account had on one day, by what was sent."""
    interrupts_a_day: int
    """The most interrupts that are rationed, of one CSM on one day."""
    digests_a_day: int
    """The most digests that one person had on one day."""
    notices: Counter
    csm_days: int
    """Days on which a CSM got anything at all."""


def judged(ledger, folder):
    """Hold what is in *ledger* and in the file channel against the truth of the world."""
    truth = json.loads((folder / "truth.json").read_text())
    first_us = _first_us(truth)
    cases = [_Case.of(row, first_us) for row in ledger.execute(_CASES)]
    world = _World(truth)
    wrong, once = [], Counter()
    for trigger in truth["triggers"]:
        why = _why_not(trigger, cases, ledger, first_us)
        once[trigger["rule"]] += not why
        wrong += [f"{trigger['rule']} {trigger['subject']} day {trigger['day']}: {why}"] if why else []
    planted = Counter(trigger["rule"] for trigger in truth["triggers"])
    rules = [
        Found(rule, planted[rule], once[rule], len(of), sum(map(world.is_so, of)),
              sum(case.brief and not world.is_so(case) for case in of))
        for rule in sorted({case.rule for case in cases} | set(planted))
        for of in [[case for case in cases if case.rule == rule]]
    ]  # fmt: skip
    return Outcome(rules, wrong, *_what_was_sent(ledger, folder))


_CASES = """
SELECT cases.*, opening.detail AS opening FROM cases JOIN case_events AS opening
    ON opening.id = (SELECT min(id) FROM case_events WHERE case_id = cases.id)
"""


class _Case(NamedTuple):
    id: int
    rule: str
    subject: str
    day: int
    csm: str
    playbook: str
    brief: bool

    @classmethod
    def of(cls, row, first_us):
        closed_us = row["closed_us"]
        brief = closed_us is not None and closed_us - row["opened_us"] <= 2 * DAY_US
        csm = json.loads(row["opening"]).get("csm", "")
        day = (row["opened_us"] - first_us) // DAY_US
        return cls(row["id"], row["rule"], row["subject"], day, csm, row["playbook"] or "", brief)


def _why_not(trigger, cases, ledger, first_us):
    """Why a planted trigger is not exactly one right case; empty: it is."""
    if trigger["rule"] == "lost":
        return _why_not_told(trigger, ledger, first_us)
    until = trigger["day"] + trigger["within"]
    own = [
        case for case in cases
        if (case.rule, case.subject) == (trigger["rule"], trigger["subject"])
        and trigger["day"] - 1 <= case.day <= until
    ]  # fmt: skip
    if len(own) != 1:
        days = [case.day for case in cases
                if (case.rule, case.subject) == (trigger["rule"], trigger["subject"])]  # fmt: skip
        return f"{len(own)} cases until day {until} (all: {days})"
    if own[0].csm != trigger["csm"]:
        return f"CSM {own[0].csm}, not {trigger['csm']}"
    if own[0].playbook != trigger["playbook"]:
        return f"playbook {own[0].playbook}, not {trigger['playbook']}"
    return ""


def _why_not_told(trigger, ledger, first_us):
    """The first drone that a large account lost interrupts."""
    rows = ledger.execute(
        "SELECT case_events.at_us, decision FROM case_events JOIN cases ON cases.id = case_id"
        " WHERE rule = 'D1a' AND subject = ? AND news = 'lost' AND transition <> 'digest'"
        " AND decision <> 'resolved' ORDER BY case_events.id LIMIT 1", (trigger["subject"],)
    ).fetchall()  # fmt: skip
    days = [(row["at_us"] - first_us) // DAY_US for row in rows]
    if not days or not trigger["day"] <= days[0] <= trigger["day"] + trigger["within"]:
        return f"lost on {days}"
    ok = rows[0]["decision"] in ("notify", "rationed", "same-call")
    return "" if ok else f"decision {rows[0]['decision']}"


class _World:
    """What is so, whoever planted it."""

    def __init__(self, truth):
        self.flown = {serial: set(days) for serial, days in truth["flown"].items()}
        self.accounts = truth["accounts"]
        self.triggers = defaultdict(list)
        for trigger in truth["triggers"]:
            self.triggers[trigger["rule"], trigger["subject"]].append(trigger)

    def is_so(self, case):
        """The world agrees with *case* as of the day on which it was opened."""
        if case.rule == "D1a":
            return self._idle(case.subject, case.day)
        if case.rule == "C1" and all(self._idle(drone, case.day) or not self.flown[drone]
                                     for drone in self.accounts[case.subject]):  # fmt: skip
            return True
        return any(
            one["day"] - 1 <= case.day <= one["day"] + max(one["within"], 60)
            for one in self.triggers[case.rule, case.subject]
        )

    def _idle(self, serial, day):
        """It really did not fly for thirty days."""
        return not self.flown[serial] & set(range(day - 30, day))


def _what_was_sent(ledger, folder):
    """From the file channel, as people got it."""
    threads, rationed, digests = defaultdict(set), Counter(), Counter()
    days, notices = set(), Counter()
    accounts = {row["id"]: json.loads(row["facts"])["who"] for row in
                ledger.execute("SELECT id, facts FROM cases")}  # fmt: skip
    calls = {
        row["case_id"]: row["n"] for row in ledger.execute(
            "SELECT case_id, count(*) AS n FROM call_cases GROUP BY case_id")
    }  # fmt: skip
    for row in ledger.execute("SELECT recipient, notice, created_us FROM outbox ORDER BY id"):
        notice = msgspec.json.decode(row["notice"])
        kind, who = notice.get("kind", "case"), row["recipient"]
        notices[kind] += 1
        if who.startswith(("support", "safety")):
            continue
        day = _local_day(ledger, who, row["created_us"])
        days.add((who, day))
        digests[who, day] += kind == "digest"
        if kind == "case" and not notice["transition"].endswith("resolve"):
            case = notice["case"]
            owner = accounts[case]
            account = owner and owner["customer"]
            threads[account, day].add(notice.get("thread") or f"case-{case}.{notice['transition']}")
            crash = json.loads(notice["facts"])["verdict"] == "crash" if "facts" in notice else None
            rationed[who, day] += _is_rationed(ledger, notice) if crash is None else not crash
    assert calls is not None
    lines = (folder / "notices.jsonl").read_text().splitlines()
    keys = [json.loads(line)["key"] for line in lines]
    assert len(keys) == len(set(keys)) == sum(notices.values())
    most = max(map(len, threads.values()), default=0)
    return most, max(rationed.values(), default=0), max(digests.values(), default=0), notices, len(days)


def _local_day(ledger, who, at_us):
    from windsock.collector.calls.people import zone_of  # noqa: PLC0415
    from windsock.collector.calls.workday import local_day  # noqa: PLC0415
    from windsock.collector.settings import Day  # noqa: PLC0415

    return local_day(at_us, zone_of(ledger, who, Day()))


def _is_rationed(ledger, notice):
    return not (notice["rule"] == "X1" and notice["headline"].startswith("Possible crash"))


__all__ = ["Outcome", "Path", "judged", "replay"]
