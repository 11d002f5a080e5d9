"""Every alert kind and every playbook has its page, and what the pages name is there."""

import re
from pathlib import Path

import pytest

from windsock.collector.answers.answer import ANSWERS
from windsock.collector.cases import rules
from windsock.collector.cases.beside import slug

FOLDER = Path(__file__).parents[2] / "docs/playbooks"
PAGES = {page.stem: page.read_text("utf-8") for page in FOLDER.glob("*.md")}
PLAYBOOKS = [rules.END_USER, rules.DISTRIBUTOR, "CS: Check Distributor Health"]
NOT_RULES = {"README", "digest"}


def test_no_alert_kind_is_without_a_page():
    without = [rule for rule in rules.RULES if rule.lower() not in PAGES]
    assert without == []


@pytest.mark.parametrize("rule", rules.RULES.values(), ids=lambda rule: rule.name)
def test_the_page_is_that_rules(rule):
    assert PAGES[rule.name.lower()].startswith(f"# {rule.name}: ")


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_alerts_link_to_a_playbook_that_is_there(name):
    assert PAGES[slug(name)].startswith(f"# {name}\n")


def test_there_is_no_page_that_nothing_leads_to():
    known = {rule.lower() for rule in rules.RULES} | set(map(slug, PLAYBOOKS)) | NOT_RULES
    assert set(PAGES) == known
    for page in set(PAGES) - {"README"}:
        assert f"({page}.md)" in PAGES["README"]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_answers_it_tells_are_taken(page):
    for kind in re.findall(r"^\| .* \| `([a-z-]+)` \|$", PAGES[page], re.MULTILINE):
        assert kind in ANSWERS
