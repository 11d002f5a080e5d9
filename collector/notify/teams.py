"""A notice for a Microsoft Teams workflow, "When a Teams webhook request is received". Pure.

An Adaptive Card (https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/text-run): what
came from outside stands in a ``TextRun``, where Markdown is not supported, so it stays as it is.
"""

from collections.abc import Iterable
from itertools import accumulate
from typing import Any, Final

import msgspec

from windsock.collector.notify.html_page import addresses
from windsock.collector.notify.notice import LABELS, Line, Notice, Section

MOST_BYTES: Final = 28_000
"""Teams refuses larger messages; ours are kept a quarter below."""
_ROOM: Final = 3 * MOST_BYTES // 4
_MOST_BUTTONS: Final = 6
"""Teams shows no more."""
_SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"

Element = dict[str, Any]


def teams_message(notice: Notice) -> bytes:
    """The body of the POST, with as many sections as Teams takes."""
    head = [_block([_run(notice.headline, size="Large", weight="Bolder")]), *_lines(notice.lines)]
    sections = [_section(section) for section in notice.sections]
    sizes = accumulate(map(_size, sections), initial=_size(head))
    shown = sum(size <= _ROOM for size in list(sizes)[1:])
    body = [*head, *(block for section in sections[:shown] for block in section)]
    if rest := len(sections) - shown:
        body.append(_block([_run(f"and {rest} more: see the mail")]))
    card = {
        "$schema": _SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
        "actions": _buttons(notice.lines),
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return msgspec.json.encode({"type": "message", "attachments": [attachment]})


def _size(blocks: list[Element]) -> int:
    return len(msgspec.json.encode(blocks))


def _section(section: Section) -> list[Element]:
    title = _block([_run(section.headline, weight="Bolder")], separator=True)
    return [title, *_lines(section.lines)]


def _lines(lines: Iterable[Line]) -> list[Element]:
    return [_line(line) for line in lines]


def _line(line: Line) -> Element:
    label = _run(f"{LABELS.get(line.key, '').capitalize()}  ", isSubtle=True)
    runs = [label]
    for part in addresses(line):
        if part.words:
            runs.append(_run(part.words))
        if part.address:
            opened = {"type": "Action.OpenUrl", "url": part.address}
            runs.append(_run(part.name, color="Accent", selectAction=opened))
    return _block(runs)


def _buttons(lines: Iterable[Line]) -> list[Element]:
    found = [
        {"type": "Action.OpenUrl", "title": part.name, "url": part.address}
        for line in lines
        if line.key == "answer"
        for part in addresses(line)
        if part.address
    ]
    return found[:_MOST_BUTTONS]


def _block(runs: list[Element], **style: object) -> Element:
    return {"type": "RichTextBlock", "inlines": runs, "spacing": "Small", **style}


def _run(words: str, **style: object) -> Element:
    return {"type": "TextRun", "text": words, **style}
