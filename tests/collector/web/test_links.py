"""Links that give one person one case for a time: whole, unaltered, in time, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.world import DAY, T0
from windsock.collector.web.links import (
    Claim,
    Expired,
    LinkError,
    Links,
    answer_link,
    claim_of,
    signed,
)

SECRET = "a" * 32
ANNA = "anna@maker.example"
LINKS = Links(SECRET, "https://w.example/")


def token(links=LINKS, case=17):
    return links.to_case(case, ANNA, T0).rpartition("/")[2]


def test_what_was_signed_is_read_until_it_expires():
    claim = Claim(17, ANNA, (T0 + 30 * DAY) // 1_000_000)

    assert LINKS.to_case(17, ANNA, T0) == answer_link(SECRET, "https://w.example", 17, ANNA, T0)
    assert claim_of(token(), SECRET, T0 + 30 * DAY - 1) == claim
    with pytest.raises(Expired):
        claim_of(token(), SECRET, T0 + 30 * DAY)


def test_another_secret_is_another_link():
    with pytest.raises(LinkError, match="not one of ours"):
        claim_of(token(), "b" * 32, T0)


def test_a_claim_with_another_claims_proof():
    mine, other = token().partition("."), token(case=18).partition(".")

    with pytest.raises(LinkError, match="not one of ours"):
        claim_of(other[0] + "." + mine[2], SECRET, T0)


@given(st.data())
def test_any_altered_character_is_refused(data):
    good = token()
    place = data.draw(st.integers(0, len(good) - 1))
    letter = data.draw(st.characters().filter(lambda c: c != good[place]))

    with pytest.raises(LinkError):
        claim_of(good[:place] + letter + good[place + 1 :], SECRET, T0)


@given(st.text())
def test_garbage_is_refused_and_nothing_else(garbage):
    with pytest.raises(LinkError):
        claim_of(garbage, SECRET, T0)


def test_what_other_code_signed_is_named():
    said, _, _ = signed(Claim(1, ANNA, 1), SECRET).partition(".")
    with pytest.raises(LinkError, match="not one of ours"):
        claim_of(f"{said}.", SECRET, T0)
