"""One round of the collector does it all: facts from a folder, HubSpot in, HubSpot out."""

import pytest

from tests.collector.hubspot.standin import TOKEN
from tests.collector.judged import CRASH
from tests.collector.world import HOUR, T0, S
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Hubspot, HubspotTasks, Notify, Outside, Settings

pytestmark = pytest.mark.e2e


@pytest.fixture
def rounds(world, portal, tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "facts").mkdir()
    (tmp_path / "facts/drones.csv").write_text("serial,uid,customer\nD1,px4:01,Acme")
    token = tmp_path / "token"
    settings = Settings(
        outside=Outside(folder=tmp_path / "facts"),
        hubspot=Hubspot(token_file=token, url=portal.url, csm="csm"),
        notify=Notify(hubspot=HubspotTasks(token_file=token, url=portal.url)),
    )
    portal.owner(7, "anna@maker", "Anna")
    portal.put("companies", 1, name="Acme", csm="7")
    world.flight(T0, facts=CRASH)
    return Rounds(settings, world.ledger, Telemetry(world.ledger, None))


def test_from_facts_to_a_task_to_an_answer(rounds, world, portal):
    for look in range(3):
        rounds.make(T0 + HOUR + 6 * look * S)
    found = {one["hs_task_subject"]: n for n, one in portal.objects["tasks"].items()}
    crash = next(number for subject, number in found.items() if "D1" in subject)
    assert portal.objects["tasks"][crash]["hubspot_owner_id"] == "7"
    assert 0 <= rounds.rest_s(T0 + HOUR + 12 * S) <= 6

    portal.complete(crash, "confirmed")
    rounds.make(T0 + 2 * HOUR)
    assert world.rows("SELECT state FROM incidents") == [{"state": "confirmed"}]
    assert world.rows("SELECT state FROM cases WHERE rule = 'X1'") == [{"state": "acknowledged"}]
