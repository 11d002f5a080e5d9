"""Killed at any commit and started again: the same end, nothing lost, nothing told twice."""

import itertools

import pytest

from tests.collector.judged import CRASH, FINE
from tests.collector.mortal import Killed, Mortal
from tests.collector.world import DAY, HOUR, T0, World
from windsock.collector.calls.day import make_day
from windsock.collector.cases.judge import judge_fleet, judge_new
from windsock.collector.ledger import open_ledger
from windsock.collector.notify.channels import open_channels
from windsock.collector.notify.outbox import send_due
from windsock.collector.settings import Cadence, Day, File, Notify, Settings

NOW = T0 + 31 * DAY


def fill(path):
    """A crash, one that is withdrawn, a drone that stopped flying, one out of sight."""
    world = World(path)
    owners = zip(range(1, 5), ("Acme", "Acme", "Beta", "Acme"), strict=True)
    world.roster(*(f"D{n},px4:0{n},{owner},,,anna@maker" for n, owner in owners))
    world.online(T0, NOW)
    world.flight(T0 + 30 * DAY, facts=CRASH)
    world.flight(T0 + 30 * DAY, uid="px4:02", facts=CRASH)
    world.flight(T0 + 30 * DAY + HOUR, uid="px4:02", facts=FINE)
    world.habit(T0, uid="px4:03", facts=FINE)
    world.flight(T0, uid="px4:03", facts=FINE)
    world.flight(T0, uid="px4:04", facts=FINE, agent="dock-2")
    world.ledger.close()


def settings_for(folder):
    return Settings(
        notify=Notify(support="support@maker", file=File(path=folder / "notices.jsonl")),
        day=Day(hour=0, working_days=("sun",)),
        cadence=(Cadence(kind="health-check", of="direct", every_days=7, playbook="Check"),),
    )


def work(ledger, settings):
    """One round of the collector."""
    judge_new(ledger, NOW, settings)
    judge_fleet(ledger, NOW, settings)
    make_day(ledger, NOW, settings)
    send_due(ledger, open_channels(settings.notify), NOW, lambda: 0.0)


def outcome(folder):
    """All that anybody can see."""
    world = World(folder / "ledger")
    tables = [
        world.rows(query)
        for query in (
            "SELECT rule, subject, state, severity, basis, csm, facts FROM cases",
            "SELECT case_id, transition, news, decision FROM case_events",
            "SELECT flight_id, state, case_id FROM incidents",
            "SELECT flight_id, verdict FROM verdicts",
            "SELECT key, notice, state FROM outbox",
            "SELECT * FROM digests",
            "SELECT * FROM tasks",
            "SELECT account, day, csm, how, case_id FROM calls JOIN call_cases ON call_id = id",
        )
    ]
    world.ledger.close()
    return tables, (folder / "notices.jsonl").read_bytes()


@pytest.mark.parametrize("before", [True, False])
def test_killed_at_every_commit(tmp_path, before):
    whole = tmp_path / "whole"
    whole.mkdir()
    fill(whole / "ledger")
    ledger = open_ledger(whole / "ledger")
    work(ledger, settings_for(whole))
    ledger.close()
    expected = outcome(whole)
    assert len(expected[1].splitlines()) == 5

    for nth in itertools.count(1):
        folder = tmp_path / str(nth)
        folder.mkdir()
        fill(folder / "ledger")
        ledger = open_ledger(folder / "ledger")
        try:
            work(Mortal(ledger, nth, before), settings_for(folder))
        except Killed:
            ledger.close()
        else:
            break
        ledger = open_ledger(folder / "ledger")
        work(ledger, settings_for(folder))
        ledger.close()
        assert outcome(folder) == expected, f"killed at commit {nth}"
    assert nth > 6
