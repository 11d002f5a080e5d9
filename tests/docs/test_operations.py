"""The operations page quotes lines that the code says, and names what is there."""

import argparse
import ast
import re
from pathlib import Path

import pytest

from windsock.agent import __main__ as agent
from windsock.collector import __main__ as collector

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "operations.md").read_text("utf-8")
PAGES = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))]
FORMAT = re.compile(r"%[.\d]*[sdfr]")
NOT_A_LINE = ("windsock", "docs/", "fleet", "check")


def said():
    """Every text that our code has, with what is filled in as one character."""
    for folder in ("agent", "collector", "config", "protocol"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield FORMAT.sub("\0", node.value)


def quoted():
    """The lines in the first columns of the tables about what is said."""
    for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE):
        for line in re.findall(r"`([^`]+)`", row):
            if not line.startswith(NOT_A_LINE):
                yield line


SAID = "\n".join(said())


@pytest.mark.parametrize("line", sorted(set(quoted())))
def test_each_line_it_quotes_is_said_by_the_code(line):
    for part in line.split("..."):
        words = part.strip().strip(":;")
        assert words in SAID, f"nothing says {words!r}"


def test_the_figures_it_names_are_exposed():
    for name in re.findall(r"`windsock_collector_(\w+)`", PAGE):
        assert re.search(rf'"{name}"', (ROOT / "collector/monitor/figures.py").read_text()), name


def commands(parser):
    """The subcommands of a command line."""
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return set(action.choices)


@pytest.mark.parametrize("page", ["operations.md", "security.md"])
def test_the_commands_it_names_are_there(page):
    known = {"agent": commands(agent._parser("")), "collector": commands(collector._parser())}
    text = (DOCS / page).read_text("utf-8")
    for program, command in re.findall(r"windsock-(agent|collector)\s+([a-z][a-z-]+)", text):
        assert command in known[program], f"windsock-{program} {command}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_the_documents_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            file, _, anchor = target.partition("#")
            there = page.parent / file if file else page
            assert there.exists(), target
            assert not anchor or anchor in anchors(there), target


def anchors(page):
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_row_has_fallen_out_of_its_table(page):
    """A row after an empty line begins a table, and a table begins with a head and a rule."""
    text = "\n" + page.read_text("utf-8")
    for first, second in re.findall(r"\n\n(\|.*)\n(.*)", text):
        assert re.fullmatch(r"\|[-|:]+\|", second), first
