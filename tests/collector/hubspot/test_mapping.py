"""What HubSpot's properties become, whatever is in them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.hubspot import mapping
from windsock.collector.hubspot.objects import CHANGED, Object, Owner, milliseconds
from windsock.collector.settings import Hubspot

FIELDS = Hubspot(token_file=Path("token"), csm="csm", tier="size")
OWNERS = {"7": Owner("7", "ana@maker", "Ana", "Berg"), "8": Owner("8")}
_NAMES = {
    *mapping.company_properties(FIELDS), *mapping.ticket_properties(FIELDS),
    *mapping.TASK_PROPERTIES, CHANGED,
}  # fmt: skip


@given(st.text(), st.dictionaries(st.sampled_from(sorted(_NAMES)), st.none() | st.text()))
def test_nothing_is_raised_whatever_the_properties_hold(number, properties):
    found = Object(number, properties)

    mapping.company_of(found, OWNERS, FIELDS)
    mapping.ticket_row(found, None, FIELDS)
    mapping.merged_into(found)
    mapping.completed(found, OWNERS)
    assert found.changed_ms >= 0 or properties.get(CHANGED)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-05-01T12:00:00.250Z", 1_777_636_800_250),
        ("2026-05-01", 1_777_593_600_000),
        ("1777593600000", 1_777_593_600_000),
        ("", None),
        ("soon", None),
    ],
)
def test_moments_come_in_three_ways(text, ms):
    assert milliseconds(text) == ms


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("1777593600000", "2026-05-01T00:00:00+00:00"),
        ("2026-05-01", "2026-05-01T00:00:00+00:00"),
        ("next week", "next week"),
        ("9" * 15, "9" * 15),
    ],
)
def test_a_date_that_is_none_stays_as_it_is_to_be_refused_by_name(text, cell):
    assert mapping.moment(text) == cell


def test_an_owner_without_an_address_is_nobody():
    found = Object("1", {"name": "Acme", "csm": "8", "hubspot_owner_id": "9"})

    assert mapping.company_of(found, OWNERS, FIELDS).people == {}


@pytest.mark.parametrize("email", ["ana@bücher.de", "ana@maker, bob@maker", "ana"])
def test_an_owner_whose_address_no_mail_reaches_is_named_and_is_nobody(email):
    found = mapping.company_of(Object("1", {"name": "Acme", "csm": "7"}), {"7": Owner("7", email)},
                               FIELDS)  # fmt: skip

    assert found.people == {}
    assert found.troubles == [f"Acme: owner: expected one e-mail address, got {email!r}"]


@pytest.mark.parametrize(
    "properties",
    [
        {mapping.STATUS: "NOT_STARTED", mapping.KEY: "case-1"},
        {mapping.STATUS: "COMPLETED"},
        {mapping.STATUS: "COMPLETED", mapping.KEY: "case-1", mapping.OUTCOME: "Closed"},
    ],
)
def test_a_task_that_is_open_or_not_ours_or_was_closed_by_us_answers_nothing(properties):
    assert mapping.completed(Object("1", properties), OWNERS) is None
