"""Exactly one task a case, whatever fails between HubSpot and the ledger."""

import os
import signal
import subprocess
import sys

import pytest

from tests.collector.hubspot.standin import TOKEN
from tests.collector.world import World
from windsock.collector.ledger import transaction
from windsock.collector.notify.channels import open_channels
from windsock.collector.notify.notice import Line, Notice
from windsock.collector.notify.outbox import enqueue, send_due
from windsock.collector.settings import HubspotTasks, Notify

pytestmark = pytest.mark.e2e

NOTICE = Notice(
    case=3, transition="1-open-opens", rule="D1a", subject="D1", severity=50,
    headline="D1 is quiet", lines=[Line("who", "Acme")],
    created_us=1_780_000_000_000_000, account="Acme",
)  # fmt: skip
MINUTE = 60_000_000
NOW = NOTICE.created_us


@pytest.fixture
def notify(portal, tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN)
    portal.owner(7, "anna@maker")
    portal.put("companies", 1, name="Acme")
    return Notify(hubspot=HubspotTasks(token_file=file, url=portal.url))


def put(world, notice=NOTICE):
    with transaction(world.ledger) as ledger:
        ledger.execute(
            "INSERT OR IGNORE INTO cases (id, rule, subject_kind, subject, state, severity,"
            " episode, facts, opened_us) VALUES (3, 'D1a', 'drone', 'D1', 'open', 1, '', '{}', 1)"
        )
        enqueue(ledger, notice, ["hubspot"], "anna@maker")


def states(world):
    return [tuple(row.values()) for row in world.rows("SELECT state, error FROM outbox")]


def send(world, channels, now_us):
    return send_due(world.ledger, channels, now_us, lambda: 0.0)


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("failure", ["cut", (429, {"Retry-After": "0"}), (503, {}), (401, {})])
def test_whichever_request_fails_there_is_one_task_in_the_end(
    world, portal, notify, failure, number
):
    portal.failures = [None] * number + [failure]
    put(world)
    channels = open_channels(notify)
    first = send(world, channels, NOW)
    again = send(world, channels, NOW + MINUTE)

    assert (first.sent, again.sent) == (0, 1)
    assert len(portal.tasks()) == 1
    assert portal.associations == {("tasks", "9000", "1")}


def test_what_is_refused_is_parked_with_the_reason(world, portal, notify):
    portal.failures = [None] * 4 + [(400, {})]
    portal.words = "Property values were not valid"
    put(world)

    assert send(world, open_channels(notify), NOW).parked == 1
    assert states(world) == [("parked", "HubSpot: HTTP 400 Property values were not valid")]


@pytest.mark.parametrize(
    ("category", "state"), [("VALIDATION_ERROR", "parked"), ("RATE_LIMITS", "waiting")]
)
def test_what_a_batch_refuses_is_refused(world, portal, notify, category, state):
    portal.batch_errors = [category]
    portal.words = "hubspot_owner_id 7 is not an active user"
    put(world)
    channels = open_channels(notify)
    send(world, channels, NOW)

    said = f"HubSpot: HTTP 207 {category} hubspot_owner_id 7 is not an active user"
    assert states(world) == [(state, said)]
    assert send(world, channels, NOW + MINUTE).sent == (state == "waiting")


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({}, "HubSpot: tasks have no property windsock_key (docs/outside.md)"),
        ({"windsock_key": False}, "HubSpot: property windsock_key of tasks is not unique"),
        ({"windsock_key": True}, "HubSpot: tasks have no property windsock_outcome"),
    ],
)
def test_without_our_properties_tasks_wait_for_them(world, portal, notify, properties, said):
    everything, portal.properties = portal.properties, properties
    put(world)
    channels = open_channels(notify)
    send(world, channels, NOW)
    assert states(world)[0][1].startswith(said)
    assert portal.tasks() == {}

    portal.properties = everything
    assert send(world, channels, NOW + MINUTE).sent == 1


def test_hubspot_is_not_asked_before_it_wants_to_be(world, portal, notify):
    portal.failures = [(429, {"Retry-After": "3000"})]
    put(world)
    channels = open_channels(notify)
    send(world, channels, NOW)
    asked = len(portal.requests)
    send(world, channels, NOW + MINUTE)

    assert len(portal.requests) == asked
    assert states(world)[0][1].startswith("HubSpot asked to wait for ")


def test_a_digest_is_no_task(world, portal, notify):
    digest = Notice(kind="digest", case=None, transition="d", rule="digest", subject="Anna",
                    severity=0, headline="Thursday", lines=[], created_us=NOW)  # fmt: skip
    put(world, digest)

    assert send(world, open_channels(notify), NOW).sent == 1
    assert portal.requests == []


SENDER = """
import sys, time
from pathlib import Path
from windsock.collector.ledger import open_ledger
from windsock.collector.notify.channels import open_channels
from windsock.collector.notify.outbox import send_due
from windsock.collector.settings import HubspotTasks, Notify
ledger, token, url = sys.argv[1:]
notify = Notify(hubspot=HubspotTasks(token_file=Path(token), url=url))
send_due(open_ledger(Path(ledger)), open_channels(notify), int(1.9e15), lambda: 0.0)
"""


def test_killed_while_hubspot_has_it_and_we_do_not_know(tmp_path, portal, notify):
    world = World(tmp_path / "ledger")
    put(world)
    command = [sys.executable, "-c", SENDER, tmp_path / "ledger", notify.hubspot.token_file,
               portal.url]  # fmt: skip
    portal.holding = "batch/upsert"
    sender = subprocess.Popen(command)
    assert portal.done.wait(30)
    assert len(portal.tasks()) == 1
    os.kill(sender.pid, signal.SIGKILL)
    sender.wait(30)
    assert states(world) == [("waiting", None)]

    portal.hold.set()
    assert subprocess.run(command, check=False, timeout=30).returncode == 0
    assert states(world) == [("sent", None)]
    assert list(portal.tasks()) == ["case-3"]
    assert portal.associations == {("tasks", "9000", "1")}
    world.ledger.close()
