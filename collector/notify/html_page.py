"""A notice as a page for mail programs: tables and inline styles, nothing fetched. Pure.

Whatever came from outside is escaped. Only the lines that we fill with addresses ourselves get
links: a customer's name that looks like one stays text.
"""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from windsock.collector.notify.notice import LABELS, Line, Notice
from windsock.collector.notify.wording import Wording

_LINKED: Final = ("answer", "links")
"""Lines that we fill with addresses."""
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:)]")
_SEVERE: Final = 70
_NOTABLE: Final = 40
_ACCENTS: Final = {"digest": "#2563a8", "quiet": "#2e7d4f", "task": "#6a4fa3"}
_TITLES: Final = {"digest": "Daily digest", "quiet": "All quiet", "task": "Task"}
_RED, _AMBER, _BLUE = "#c0392b", "#b86e00", "#2563a8"


class Part(NamedTuple):
    """Words of a line, and an address behind them, if any."""

    words: str
    name: str = ""
    """What the address is called."""
    address: str = ""


class Picture(NamedTuple):
    """A plot in a mail; `cid` is its Content-ID, without brackets."""

    cid: str
    png: bytes
    about: str
    width_px: int
    """As shown: the file has twice as many."""


def as_html(notice: Notice, wording: Wording, pictures: Sequence[Picture] = ()) -> str:
    """The page of *notice*, with *pictures* by their Content-ID."""
    page = wording.pages
    sections = (
        page["section.html"].safe_substitute(
            headline=html.escape(section.headline), rows=_rows(section.lines, wording)
        )
        for section in notice.sections
    )
    return page["notice.html"].safe_substitute(
        subject=html.escape(notice.headline),
        preview=html.escape(_preview(notice)),
        title=html.escape(_title(notice)),
        accent=_accent(notice),
        rows=_rows(notice.lines, wording),
        button=_button(notice, wording),
        pictures="".join(_picture(one, wording) for one in pictures),
        sections="".join(sections),
    )


def addresses(line: Line) -> list[Part]:
    """The parts of *line*: each address that we put there with its name, and the words around."""
    parts: list[Part] = []
    end = 0
    for match in _ADDRESS.finditer(line.text) if line.key in _LINKED else ():
        words = line.text[end : match.start()].strip("; ")
        end = match.end()
        name = f"Answer {words or 'this case'}" if line.key == "answer" else words or "open"
        parts.append(Part("; " if parts else "", name, match[0]))
    return [*parts, Part(line.text[end:])]


def _rows(lines: Iterable[Line], wording: Wording) -> str:
    row, found, before = wording.pages["row.html"], [], ""
    for line in lines:
        label = "" if line.key == before else LABELS.get(line.key, "").capitalize()
        found.append(row.safe_substitute(label=html.escape(label), text=_text(line)))
        before = line.key
    return "".join(found)


def _text(line: Line) -> str:
    return "".join(
        html.escape(part.words) + (_anchor(part) if part.address else "")
        for part in addresses(line)
    )


def _anchor(part: Part) -> str:
    style = "color:#2563a8;text-decoration:underline"
    return f'<a href="{html.escape(part.address)}" style="{style}">{html.escape(part.name)}</a>'


def _button(notice: Notice, wording: Wording) -> str:
    """To the first address in the line that says how to answer."""
    found = (part.address for line in notice.lines if line.key == "answer"
             for part in addresses(line))  # fmt: skip
    address = next(found, "")
    if not address:
        return ""
    values = {"address": html.escape(address), "accent": _accent(notice)}
    return wording.pages["button.html"].safe_substitute(values)


def _picture(picture: Picture, wording: Wording) -> str:
    return wording.pages["picture.html"].safe_substitute(
        cid=html.escape(picture.cid), about=html.escape(picture.about), width=picture.width_px
    )


def _preview(notice: Notice) -> str:
    """What mail programs show beside the subject."""
    says = {line.key: line.text for line in notice.lines}
    return says.get("what") or next(iter(says.values()), "")


def _title(notice: Notice) -> str:
    if notice.kind != "case":
        return _TITLES[notice.kind]
    return f"Case {notice.case} \u00b7 rule {notice.rule} \u00b7 severity {notice.severity} of 100"


def _accent(notice: Notice) -> str:
    if notice.kind != "case":
        return _ACCENTS[notice.kind]
    if notice.severity >= _SEVERE:
        return _RED
    return _AMBER if notice.severity >= _NOTABLE else _BLUE
