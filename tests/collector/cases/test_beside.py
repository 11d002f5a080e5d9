"""Where the addresses in notices lead."""

import pytest

from windsock.collector.cases.beside import Places
from windsock.collector.settings import Notify


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://git.example/playbooks/$playbook.md", "https://git.example/playbooks/cs-call.md"),
        ("https://wiki.example/", "https://wiki.example/cs-call"),
    ],
)
def test_a_playbooks_name_has_its_place_in_the_address_or_stands_at_its_end(url, page):
    places = Places(Notify(playbook_url=url), None)

    assert places.others("CS: Call", None) == f"CS: Call {page}"
