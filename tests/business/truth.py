"""What came of a replayed company, held against the truth of its world."""

import json
from collections import Counter, defaultdict
from typing import NamedTuple

import msgspec

from windsock.collector.calls.people import zone_of
from windsock.collector.calls.workday import local_day
from windsock.collector.settings import Day

DAY_US = 86_400_000_000
LATER_DAYS = 60
"""A case this long after its trigger's time is late, and still right."""


class Found(NamedTuple):
    """What came of one rule."""

    rule: str
    planted: int
    once: int
    """Planted triggers that became exactly one case, in time, with the right CSM and playbook."""
    cases: int
    right: int
    """Cases of which the world says that it is so."""
    brief: int
    """Of the others, those that closed by themselves within two days."""


class Sent(NamedTuple):
    """What people got, by the file channel. The most that there was of each."""

    calls: int
    """Threads of notices about one account on one day of its CSM."""
    rationed: int
    """Interrupts that are rationed, of one CSM on one day."""
    digests: int
    """Of one person on one day."""
    waited: int
    """Interrupts that had to wait, in all."""
    notices: Counter
    """By kind."""
    quiet_days: float
    """Share of the working days of CSMs on which nothing interrupted."""


class Outcome(NamedTuple):
    """All that a replay has to show."""

    rules: list[Found]
    wrong: list[str]
    """Planted triggers that did not become exactly one right case, in words."""
    sent: Sent


def judged(ledger, folder, first_us):
    """Hold what stands in *ledger* and in the file against the truth in *folder*."""
    truth = json.loads((folder / "truth.json").read_text())
    cases = [_Case.of(row, first_us) for row in ledger.execute(_CASES)]
    world, wrong, once = _World(truth), [], Counter()
    for trigger in truth["triggers"]:
        why = _why_not(trigger, cases, ledger, first_us)
        once[trigger["rule"]] += not why
        if why:
            wrong.append(f"{trigger['rule']} {trigger['subject']} day {trigger['day']}: {why}")
    planted = Counter(trigger["rule"] for trigger in truth["triggers"])
    rules = []
    for rule in sorted({case.rule for case in cases} | set(planted)):
        own = [case for case in cases if case.rule == rule]
        right = [case for case in own if world.is_so(case)]
        brief = sum(case.brief for case in own) - sum(case.brief for case in right)
        rules.append(Found(rule, planted[rule], once[rule], len(own), len(right), brief))
    return Outcome(rules, wrong, _sent(ledger, folder))


_CASES = """
SELECT cases.*, opening.detail AS opening FROM cases JOIN case_events AS opening
    ON opening.id = (SELECT min(id) FROM case_events WHERE case_id = cases.id)
"""


class _Case(NamedTuple):
    rule: str
    subject: str
    day: int
    csm: str
    """Who was responsible when it opened."""
    playbook: str
    brief: bool

    @classmethod
    def of(cls, row, first_us):
        closed_us = row["closed_us"]
        brief = closed_us is not None and closed_us - row["opened_us"] <= 2 * DAY_US
        csm = json.loads(row["opening"]).get("csm", "")
        day = (row["opened_us"] - first_us) // DAY_US
        return cls(row["rule"], row["subject"], day, csm, row["playbook"] or "", brief)


def _why_not(trigger, cases, ledger, first_us):
    """Why a planted trigger is not exactly one right case; empty: it is."""
    if trigger["rule"] == "lost":
        return _why_not_told(trigger, ledger, first_us)
    until = trigger["day"] + trigger["within"]
    about = [case for case in cases
             if (case.rule, case.subject) == (trigger["rule"], trigger["subject"])]  # fmt: skip
    own = [case for case in about if trigger["day"] - 1 <= case.day <= until]
    if len(own) != 1:
        return f"{len(own)} cases until day {until}, all on {[case.day for case in about]}"
    for name in ("csm", "playbook"):
        if getattr(own[0], name) != trigger[name]:
            return f"{name} {getattr(own[0], name)!r}, not {trigger[name]!r}"
    return ""


def _why_not_told(trigger, ledger, first_us):
    """The first drone that a large account lost is an interrupt, unless the day has no room."""
    row = ledger.execute(
        "SELECT case_events.at_us, decision FROM case_events JOIN cases ON cases.id = case_id"
        " WHERE rule = 'D1a' AND subject = ? AND news = 'lost' AND transition = 'update'"
        " ORDER BY case_events.id LIMIT 1", (trigger["subject"],)
    ).fetchone()  # fmt: skip
    if row is None:
        return "never lost"
    day = (row["at_us"] - first_us) // DAY_US
    if not trigger["day"] <= day <= trigger["day"] + trigger["within"]:
        return f"lost on day {day}"
    return "" if row["decision"] in ("notify", "rationed", "same-call") else row["decision"]


class _World:
    """What is so, whoever planted it."""

    def __init__(self, truth):
        self.flown = {serial: set(days) for serial, days in truth["flown"].items()}
        self.accounts = truth["accounts"]
        self.delivered = truth["delivered"]
        self.triggers = defaultdict(list)
        for trigger in truth["triggers"]:
            self.triggers[trigger["rule"], trigger["subject"]].append(trigger)

    def is_so(self, case):
        """The world agrees with *case* as of the day on which it was opened."""
        if case.rule == "D1a":
            return self._idle(case.subject, case.day)
        if case.rule == "C1" and all(
            self._idle(drone, case.day) for drone in self.accounts[case.subject]
        ):
            return True
        if case.rule == "C5":
            return any(self._unflown(drone, case.day) for drone in self.accounts[case.subject])
        return any(
            one["day"] - 1 <= case.day <= one["day"] + max(one["within"], LATER_DAYS)
            for one in self.triggers[case.rule, case.subject]
        )

    def _unflown(self, serial, day):
        """It was delivered sixty days before and had not flown yet."""
        return self.delivered[serial] <= day - 60 and min(self.flown[serial], default=day) >= day

    def _idle(self, serial, day):
        """It really did not fly in thirty days."""
        return not self.flown[serial] & set(range(day - 30, day))


def _sent(ledger, folder):
    threads, rationed, digests, kinds = defaultdict(set), Counter(), Counter(), Counter()
    for row in ledger.execute("SELECT recipient, notice, created_us FROM outbox ORDER BY id"):
        notice, who = msgspec.json.decode(row["notice"]), row["recipient"]
        kind = notice.get("kind", "case")
        kinds[kind] += 1
        if who.startswith(("support", "safety")):
            continue
        day = local_day(row["created_us"], zone_of(ledger, who, Day()))
        digests[who, day] += kind == "digest"
        if kind == "case" and not notice["transition"].endswith("resolve"):
            identity = f"case-{notice['case']}.{notice['transition']}"
            threads[_account(ledger, notice["case"]), day].add(notice.get("thread") or identity)
            crash = notice["rule"] == "X1" and notice["headline"].startswith("Possible crash")
            rationed[who, day] += not crash
    lines = (folder / "notices.jsonl").read_text().splitlines()
    keys = [json.loads(line)["key"] for line in lines]
    assert len(keys) == len(set(keys)) == sum(kinds.values()), "the file is not exactly once"
    (waited,) = ledger.execute(
        "SELECT count(*) FROM case_events WHERE decision IN ('rationed', 'same-call')"
    ).fetchone()
    (days,) = ledger.execute("SELECT count(*) FROM digests WHERE kind = 'day'"
                             " AND csm NOT LIKE 'support%'").fetchone()  # fmt: skip
    return Sent(
        max(map(len, threads.values()), default=0), max(rationed.values(), default=0),
        max(digests.values(), default=0), waited, kinds, 1 - len(rationed) / days,
    )  # fmt: skip


def _account(ledger, case):
    row = ledger.execute("SELECT subject, facts FROM cases WHERE id = ?", (case,)).fetchone()
    who = json.loads(row["facts"])["who"]
    return (who and who["customer"]) or row["subject"]
