"""Companies and tickets from HubSpot: what they become, page by page, whatever goes wrong."""

import logging

import pytest

from tests.collector.hubspot.standin import TOKEN
from tests.collector.world import DAY, HOUR, T0, S
from windsock.collector.followers import advance
from windsock.collector.hubspot.client import HubSpotDown, HubSpotRefused
from windsock.collector.hubspot.objects import Object, changed_since
from windsock.collector.hubspot.source import ASKED
from windsock.collector.roster.owners import owner_of

pytestmark = pytest.mark.e2e


def searches(portal, kind):
    return [body for _, path, body in portal.requests if path.endswith(f"{kind}/search")]


def company(portal, number=1, name="Acme", **properties):
    portal.put("companies", number, name=name, **properties)


def ticket(portal, number, of=None, **properties):
    portal.put("tickets", number, **properties)
    if of is not None:
        portal.associations.add(("tickets", str(number), str(of)))


def test_a_company_is_an_account_with_its_people(world, portal, source):
    portal.owner(7, "ana@maker", "Ana", "Berg")
    portal.owner(8, "sam@maker", "Sam")
    company(portal, lifecyclestage="customer", country="Norway", size="Large", csm="7",
            hubspot_owner_id="8")  # fmt: skip
    world.roster("D1,px4:1,Acme")

    assert source.pull(world.ledger, T0)
    owner = owner_of(world.ledger, "D1", T0)
    assert (owner.stage, owner.region, owner.tier) == ("customer", "Norway", "large")
    assert (owner.csm, owner.csm_email) == ("Ana Berg", "ana@maker")
    assert (owner.sales, owner.sales_email) == ("Sam", "sam@maker")


def test_a_new_csm_is_one_from_then_on(world, portal, source):
    portal.owner(7, "ana@maker")
    portal.owner(9, "bo@maker", archived=True)
    company(portal, csm="7", lifecyclestage="lead")
    world.roster("D1,px4:1,Acme")
    source.pull(world.ledger, T0)
    company(portal, csm="9", lifecyclestage="customer")
    source.pull(world.ledger, T0 + DAY)

    then, now = (owner_of(world.ledger, "D1", at) for at in (T0 + DAY - 1, T0 + DAY))
    assert (then.csm_email, then.stage) == ("ana@maker", "lead")
    assert (now.csm_email, now.stage) == ("bo@maker", "customer")


def test_what_is_empty_there_says_nothing_and_what_is_odd_is_logged(world, portal, source, caplog):
    world.roster("D1,px4:1,Acme,,,ana@maker")
    company(portal, csm="", country="", size="enormous")
    company(portal, 2, name="")

    source.pull(world.ledger, T0)
    assert owner_of(world.ledger, "D1", T0).csm_email == "ana@maker"
    assert "company Acme: tier: expected large, standard or small, got 'enormous'" in caplog.text


def test_a_ticket_with_its_company_and_drone(world, portal, source):
    company(portal)
    ticket(portal, 41, of=1, subject="Fell\nfrom  the sky", hs_ticket_priority="urgent",
           drone_serial="D1", incident_date="2026-05-02")  # fmt: skip
    ticket(portal, 42, hs_ticket_priority="LOW", closed_date="2026-05-03T00:00:00.000Z")

    source.pull(world.ledger, T0)
    first, second = world.rows("SELECT * FROM tickets ORDER BY ticket")
    assert (first["ticket"], first["critical"], first["drone"]) == ("hubspot-41", 1, "D1")
    assert (first["account"], first["detail"]) == ("Acme", "Fell from the sky")
    assert (first["state"], first["incident_us"]) == ("open", 1_777_680_000 * S)
    assert first["opened_us"] is not None
    assert (second["critical"], second["state"], second["account"]) == (0, "closed", None)


def test_tickets_are_merged_and_reopened(world, portal, source):
    ticket(portal, 41, closed_date="2026-05-03T00:00:00.000Z")
    ticket(portal, 42)
    source.pull(world.ledger, T0)
    ticket(portal, 42, hs_merged_object_ids="41; 40")
    ticket(portal, 41, closed_date=None)
    source.pull(world.ledger, T0 + DAY)

    first, second = world.rows("SELECT * FROM tickets ORDER BY ticket")
    assert (first["merged_into"], first["state"], first["reopened_us"]) == (
        "hubspot-42", "open", T0 + DAY,
    )  # fmt: skip
    assert (second["merged_into"], second["reopened_us"]) == (None, None)


def test_a_ticket_that_is_refused_is_named_and_its_neighbours_come(world, portal, source, caplog):
    ticket(portal, 41, drone_serial="two words")
    ticket(portal, 42, incident_date="soon")
    ticket(portal, 43)

    source.pull(world.ledger, T0)
    assert [row["ticket"] for row in world.rows("SELECT ticket FROM tickets")] == ["hubspot-43"]
    assert "expected a serial number without spaces, got 'two words'" in caplog.text
    assert "expected a date such as 2026-05-01, got 'soon'" in caplog.text


def test_only_what_changed_is_asked_for_again_and_changes_nothing(world, portal, source):
    for number in range(250):
        ticket(portal, number)
    source.pull(world.ledger, T0)
    assert len(searches(portal, "tickets")) == 3
    assert world.rows("SELECT count(*) AS n FROM tickets") == [{"n": 250}]

    portal.requests.clear()
    before = list(world.ledger.iterdump())
    assert not source.pull(world.ledger, T0 + HOUR)
    assert len(searches(portal, "tickets")) == 2, "the last two minutes: 121 tickets"
    ticket(portal, 1, hs_ticket_priority="URGENT", at_ms=1_790_000_000_000)
    source.pull(world.ledger, T0 + 2 * HOUR)
    portal.requests.clear()
    assert not source.pull(world.ledger, T0 + 3 * HOUR)
    assert len(searches(portal, "tickets")) == 1
    changed = set(world.ledger.iterdump()) - set(before)
    assert len([line for line in changed if '"tickets"' in line]) == 1


def test_many_that_changed_in_one_millisecond_all_come(portal, client):
    for number in range(350):
        ticket(portal, number, at_ms=1_780_000_000_000)
    ticket(portal, 999, at_ms=1_780_000_000_001)

    found = [one.id for page in changed_since(client, "tickets", (), 0) for one in page]
    assert set(found) == {*map(str, range(350)), "999"}


def test_what_changes_while_we_read_hides_nothing(portal, client):
    for number in range(250):
        ticket(portal, number)
    pages = changed_since(client, "tickets", (), 0)
    found = {one.id for one in next(pages)}
    ticket(portal, 0)  # it goes to the end, and all others move up
    found |= {one.id for page in pages for one in page}

    assert found == set(map(str, range(250)))


def test_a_source_that_dies_goes_on_with_the_page_it_was_at(world, portal, source):
    for number in range(250):
        ticket(portal, number)
    portal.failures = [None] * 5 + [(500, {})]
    source.pull(world.ledger, T0)
    assert world.rows("SELECT count(*) AS n FROM tickets") == [{"n": 100}]

    portal.requests.clear()
    source.pull(world.ledger, T0 + HOUR)
    assert world.rows("SELECT count(*) AS n FROM tickets") == [{"n": 250}]
    assert b'"after"' not in b"".join(searches(portal, "tickets"))


def test_too_many_requests_are_waited_for_as_asked(world, portal, source, caplog):
    portal.failures = [(429, {"Retry-After": "90"})]
    assert not source.pull(world.ledger, T0)

    assert source.due_us(T0) == T0 + 90 * S
    asked = len(portal.requests)
    source.pull(world.ledger, T0 + 89 * S)
    assert len(portal.requests) == asked
    source.pull(world.ledger, T0 + 90 * S)
    assert len(portal.requests) > asked
    assert "You have reached your secondly limit.; again in 90 s" in caplog.text


def test_a_webhook_makes_it_ask_at_once(world, portal, source):
    source.pull(world.ledger, T0)
    company(portal)
    assert not source.pull(world.ledger, T0 + S)
    advance(world.ledger, ASKED, T0 + 2 * S)
    assert source.pull(world.ledger, T0 + 3 * S)
    assert not source.pull(world.ledger, T0 + 4 * S)


def test_a_long_history_comes_in_rounds(world, portal, source):
    for number in range(2050):
        ticket(portal, number)

    source.pull(world.ledger, T0)
    (first,) = world.rows("SELECT count(*) AS n FROM tickets")
    assert first["n"] < 2050
    assert source.due_us(T0) == T0
    source.pull(world.ledger, T0)
    assert world.rows("SELECT count(*) AS n FROM tickets") == [{"n": 2050}]


def test_many_that_changed_at_once_come_in_rounds_too(world, portal, source):
    for number in range(2450):
        ticket(portal, number, at_ms=1_780_000_000_000)

    source.pull(world.ledger, T0)
    portal.failures = [None, None, (500, {})]  # it begins again with those
    source.pull(world.ledger, T0)
    for hour in (1, 1, 2):
        source.pull(world.ledger, T0 + hour * HOUR)
    assert world.rows("SELECT count(*) AS n FROM tickets") == [{"n": 2450}]


@pytest.mark.parametrize(
    ("failure", "error", "said"),
    [
        ((401, {}), HubSpotDown, "HubSpot: HTTP 401 later"),
        ((403, {}), HubSpotDown, "HubSpot: HTTP 403 later"),
        ((502, {"Retry-After": "nonsense"}), HubSpotDown, "HubSpot: HTTP 502 later"),
        ((404, {}), HubSpotRefused, "HubSpot: HTTP 404 later"),
        ((302, {"Location": "http://127.0.0.1:1/"}), HubSpotRefused, "HubSpot: HTTP 302 later"),
        ("cut", HubSpotDown, "HubSpot: 127.0.0.1:"),
    ],
)
def test_failures_say_what_may_wait(portal, client, failure, error, said):
    portal.failures = [failure]

    with pytest.raises(error) as raised:
        client.get("/crm/v3/owners", dict)
    assert str(raised.value).startswith(said)


def test_nobody_there(portal, source, world, caplog):
    portal.close()
    assert not source.pull(world.ledger, T0)
    assert "Connection refused; again in 30 s" in caplog.text


def test_an_answer_that_is_something_else(client):
    with pytest.raises(HubSpotDown, match="an answer that can't be read"):
        client.get("/crm/v3/owners", list[Object])


def test_the_token_is_told_to_nobody(world, portal, source, caplog):
    caplog.set_level(logging.DEBUG)
    portal.failures = [(400, {})]
    portal.words = f"no such thing for {TOKEN}"
    source.pull(world.ledger, T0)

    assert "HubSpot: HTTP 400 no such thing for ***" in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in "".join(world.ledger.iterdump())
