"""History judged again with other rules."""

import hashlib
import json
import re
import sqlite3
from importlib.resources import files

import pytest

from tests.collector.judged import CRASH, FINE, HARD, SETTINGS, fleet, new
from tests.collector.world import DAY, HOUR, T0
from windsock.collector.__main__ import main
from windsock.collector.detect.crash import CrashRule
from windsock.collector.ledger import VERSION
from windsock.collector.replay.differences import differences, verdict_changes
from windsock.collector.replay.history import Told, cases_since, copied, judge_again
from windsock.collector.replay.rules import Rules, load_rules
from windsock.config.loader import SettingsError

SINCE = T0
NOW = T0 + 60 * DAY


@pytest.fixture
def lived(world):
    """Sixty days of three drones, judged every day as they came."""
    world.roster(*(f"D{n},px4:0{n},Acme,,Anna,anna@maker" for n in (1, 2, 3)))
    world.online(T0 - DAY, NOW)
    world.flight(T0 - DAY, uid="px4:01", facts=FINE)
    world.flight(T0 - DAY, uid="px4:02", facts=FINE)
    for day in range(61):
        if day == 10:
            world.flight(T0 + 10 * DAY, uid="px4:02", facts=HARD)
        if day % 5 == 0:
            world.flight(T0 + day * DAY, uid="px4:03", facts=CRASH if day == 20 else FINE)
        new(world, T0 + day * DAY)
        fleet(world, T0 + day * DAY)
    return world


def again(world, rules):
    with copied(world.path) as copy:
        return judge_again(copy, rules, SINCE, NOW, DAY)


def rules(tmp_path, text):
    (tmp_path / "new.toml").write_text(text)
    return load_rules(tmp_path / "new.toml", SETTINGS)


def test_the_same_rules_find_the_same_cases(lived):
    before = cases_since(lived.ledger, SINCE)

    assert {case.rule for case in before} == {"X1", "D1a"}
    assert differences(before, again(lived, Rules(SETTINGS)), SINCE) == []


def test_other_rules_differ_where_they_should(lived, tmp_path):
    other = rules(tmp_path, "[judge]\ninactive_days = 55.0\n[crash]\nhard_sink_m_s = 9.0\n")
    before, after = again(lived, Rules(SETTINGS)), again(lived, other)
    found = [(one.change, one.rule, one.subject) for one in differences(before, after, SINCE)]

    assert found == [("gone", "D1a", "D2"), ("gone", "X1", "D2")]
    opened = {case.subject: case.opened_us for case in after if case.rule == "D1a"}
    assert opened["D1"] == T0 + 55 * DAY  # the 54 days since day -1 are over at the 55th round


def test_who_is_told_is_a_difference_too(lived, tmp_path):
    other = rules(tmp_path, "[judge]\ncrash_like_notice_severity = 1\n")
    before, after = again(lived, Rules(SETTINGS)), again(lived, other)

    assert [(one.change, one.subject) for one in differences(before, after, SINCE)] == [
        ("told", "D2")
    ]


def test_what_had_not_arrived_is_not_known(lived):
    lived.flight(T0 + 2 * DAY, uid="px4:01", facts=FINE, received_us=T0 + 50 * DAY)
    opened = {(case.rule, case.subject) for case in again(lived, Rules(SETTINGS))}

    assert ("D1a", "D1") in opened  # it was silent until the card came on day 50


def test_nothing_is_changed_or_sent(lived):
    lived.ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    digest = hashlib.sha256(lived.path.read_bytes()).hexdigest()
    before = lived.rows("SELECT count(*) AS n FROM outbox")
    again(lived, Rules(SETTINGS))

    assert hashlib.sha256(lived.path.read_bytes()).hexdigest() == digest
    assert lived.rows("SELECT count(*) AS n FROM outbox") == before


def test_a_ledger_of_an_older_version_stays_one(lived):
    newest = (files("windsock.collector") / f"schema_{VERSION}.sql").read_text("utf-8")
    for kind in ("TRIGGER", "VIEW", "INDEX", "TABLE"):
        for name in re.findall(rf"CREATE {kind} (\w+)", newest)[::-1]:
            lived.ledger.execute(f"DROP {kind} {name}")
    for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", newest):
        lived.ledger.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    lived.ledger.execute(f"PRAGMA user_version = {VERSION - 1}")
    again(lived, Rules(SETTINGS))

    version = sqlite3.connect(lived.path).execute("PRAGMA user_version").fetchone()[0]
    assert version == VERSION - 1


def test_verdicts_of_all_flights_at_once(lived):
    softer = CrashRule(hard_sink_m_s=9.0)
    changes = verdict_changes(lived.ledger, CrashRule(), softer, SINCE)

    assert {(one.before, one.after): one.flights for one in changes} == {
        ("crash", "crash"): 1,
        ("crash-like", "none"): 1,
        ("none", "none"): 12,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crash]\nspeed = 1.0", "crash.speed: no such threshold"),
        ("[crash]\nhard_sink_m_s = 'x'", "expected `float`"),
        ("[judge]\ninactive_day = 1", "judge.inactive_day: no such setting"),
        ("[notify]\nsupport = 'a@b'", "notify: no such setting"),
    ],
)
def test_rules_that_cannot_be_used(tmp_path, text, said):
    with pytest.raises(SettingsError, match=said.replace("[", r"\[")):
        rules(tmp_path, text)


def test_rules_say_only_what_is_otherwise(tmp_path):
    found = rules(tmp_path, "[judge]\ndue_days = 9.0\n[crash]\nimpact_m_s2 = 40\n")
    assert found.settings.judge.due_days == 9.0
    assert found.settings.judge.inactive_days == SETTINGS.judge.inactive_days
    assert found.settings.notify is SETTINGS.notify
    assert found.crash == CrashRule(impact_m_s2=40.0)


def test_a_case_that_was_opened_twice_is_two():
    one = Told("D1a", "D1", "flown 1", T0 + DAY, 50, "proven", told=True)
    assert [case.change for case in differences([one], [one, one], SINCE)] == ["new"]


def test_the_command(lived, tmp_path, capsys):
    (tmp_path / "c.toml").write_text(f'ledger = "{lived.path}"\n')
    (tmp_path / "new.toml").write_text("[judge]\ninactive_days = 55.0\n")
    now = ["--now", "2026-03-02T00:00"]
    command = ["replay", "-c", str(tmp_path / "c.toml"), "--since", "2026-01-01"]
    other = ["--rules", str(tmp_path / "new.toml")]

    assert main([*now, *command, *other, "--json"]) == 0
    (gone,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (gone["change"], gone["rule"], gone["subject"]) == ("gone", "D1a", "D2")
    assert main([*now, *command, *other]) == 0
    assert "1 differ" in capsys.readouterr().out
    assert main(["--now", "2025-01-01", *command]) == 2
    assert "--since" in capsys.readouterr().err


def test_moments_do_not_miss_the_end(lived):
    with copied(lived.path) as copy:
        judge_again(copy, Rules(SETTINGS), SINCE, NOW + HOUR, 7 * DAY)
        assert copy.execute("SELECT count(*) FROM flights").fetchone()[0] == len(
            lived.rows("SELECT id FROM flights")
        )
