"""Topics carry an agent id that can hold no wildcard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.protocol import topics


def test_the_shard_is_the_crc_that_the_contract_names():
    assert topics.up("station-7") == "windsock/1/up/49/station-7"  # crc32 0x97f697f1


@given(st.from_regex(topics.AGENT_ID, fullmatch=True))
def test_a_topic_gives_its_agent_back(agent):
    assert topics.agent_of(topics.up(agent)) == agent
    assert topics.agent_of(topics.status(agent)) == agent


@pytest.mark.parametrize(
    "topic", ["windsock/1/up/0/station-7", "windsock/1/up/49/Station", "windsock/2/up/49/a", ""]
)
def test_other_topics_have_none(topic):
    assert topics.agent_of(topic) is None
