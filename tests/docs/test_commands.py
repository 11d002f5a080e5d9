"""Every command that a page, a notice or a line of ours gives is one that our programs take."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from windsock.agent import __main__ as agent
from windsock.collector import __main__ as collector

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
PLAYBOOKS = ROOT / "docs/playbooks"
CODE = sorted(path for folder in ("agent", "collector") for path in (ROOT / folder).rglob("*.py"))
PARSERS = {"agent": agent._parser, "collector": lambda _: collector._parser()}
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`(?:sudo )?windsock-(agent|collector)\s+([^`]+)`")
LINE = re.compile(r"^\s*(?:sudo )?windsock-(agent|collector) ([^#|\n]+)", re.MULTILINE)
STANDS_FOR = dict.fromkeys(("CASE", "NUMBER", "N", "ID"), "1") | {"DATE": "2026-01-01"}
KINDS = {"answer": "done", "import": "tickets"}
"""What is to be filled in; a file may have any name."""


def written():
    """Page, program and words. A name without words is a name; in a playbook it is typed."""
    for path in PAGES:
        text = path.read_text("utf-8")
        spans = SPAN.findall(BLOCK.sub("", text))
        lines = LINE.findall("\n".join(BLOCK.findall(text)))
        kept = [one for one in spans if one[1].split()[1:] or path.parent == PLAYBOOKS]
        yield from ((path.name, *one) for one in kept + lines)


def said():
    """The same of what our programs say, which is typed as it stands."""
    for path in CODE:
        texts = [text for text in filled(path) if not text.startswith("# Written by")]
        yield from ((path.name, *one) for text in texts for one in SPAN.findall(text))


def filled(path):
    """Every text of a module but docstrings, with 1 for what is filled in."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    others = {id(part) for node in joined for part in node.values}
    others |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in joined:
        yield "".join(str(getattr(part, "value", 1)) if isinstance(part, ast.Constant) else "1"
                      for part in node.values)  # fmt: skip
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "" if id(node) in others else node.value.replace("{}", "1")


COMMANDS = sorted({*written(), *said()})


@pytest.mark.parametrize(("where", "program", "words"), COMMANDS)
def test_a_command_that_is_given_is_taken(where, program, words):
    command, *others = shlex.split(re.sub(r"[][]|\.\.\.", "", words))
    stand_ins = STANDS_FOR | {"KIND": KINDS.get(command, "KIND")}
    arguments = [command, *(stand_ins.get(word, word) for word in others)]
    assert PARSERS[program](command).parse_args(arguments).run, where


def test_they_are_found():
    places = {where for where, _, _ in COMMANDS}
    assert {
        "planned.py",
        "digest.py",
        "beside.py",
        "x2.md",
        "operations.md",
        "README.md",
    } <= places
