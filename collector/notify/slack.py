"""A notice for a Slack incoming webhook. Pure.

Block Kit (https://docs.slack.dev/reference/block-kit): what came from outside stands in elements
of type ``text``, which Slack shows as they are, so no name mentions a channel or becomes a link.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from windsock.collector.notify.html_page import addresses
from windsock.collector.notify.notice import LABELS, Line, Notice, Section

_HEADER: Final = 150
"""Characters, Slack's limit."""
_TEXT: Final = 2000
_MOST_SECTIONS: Final = 40
"""Slack takes 50 blocks."""
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def slack_message(notice: Notice) -> bytes:
    """The body of the POST."""
    shown = notice.sections[:_MOST_SECTIONS]
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": notice.headline[:_HEADER]}},
        _rich(_lines(notice.lines)),
        *(_rich(_section(section)) for section in shown),
    ]
    if rest := len(notice.sections) - len(shown):
        blocks.append(_rich([_words(f"and {rest} more: see the mail")]))
    blocks = [block for block in blocks if block.get("elements") != []]
    fallback = notice.headline.translate(_ESCAPES)
    return msgspec.json.encode({"text": fallback, "blocks": blocks})


def _rich(elements: list[dict[str, Any]]) -> dict[str, Any]:
    whole = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "elements": [whole] if elements else []}


def _section(section: Section) -> list[dict[str, Any]]:
    return [_words(f"{section.headline}\n", bold=True), *_lines(section.lines)]


def _lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        found.append(_words(f"{LABELS.get(line.key, '').capitalize()}  ", bold=True))
        for part in addresses(line):
            if part.words:
                found.append(_words(part.words))
            if part.address:
                found.append({"type": "link", "url": part.address, "text": part.name})
        found.append(_words("\n"))
    return found


def _words(words: str, *, bold: bool = False) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "text", "text": words[:_TEXT]}
    return element | {"style": {"bold": True}} if bold else element
