"""For tests with a HubSpot that is not there."""

import pytest

from tests.collector.hubspot.standin import TOKEN, StandIn
from windsock.collector.hubspot.client import Client
from windsock.collector.hubspot.source import Source
from windsock.collector.settings import Hubspot


@pytest.fixture
def portal():
    portal = StandIn()
    yield portal
    portal.close()


@pytest.fixture
def client(portal):
    return Client(portal.url, TOKEN)


@pytest.fixture
def source(portal, client, tmp_path):
    fields = Hubspot(token_file=tmp_path / "token", url=portal.url, csm="csm", tier="size")
    return Source(fields, client)
