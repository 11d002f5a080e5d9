"""A notice: what one person is told of one step of one case, in a fixed order of lines."""

import html
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from windsock.collector.notify.wording import Wording

LABELS: Final = {
    "who": "WHO",
    "what": "WHAT",
    "why": "WHY NOW",
    "sure": "HOW SURE",
    "situation": "SITUATION",
    "changed": "CHANGED",
    "say": "SAY",
    "playbook": "PLAYBOOK",
    "answer": "ANSWER",
    "case": "CASE",
}
"""The lines of a notice, in order, and how they are headed."""
_WIDTH: Final = max(map(len, LABELS.values())) + 2


class Line(msgspec.Struct, frozen=True):
    """One line of a notice: its key in `LABELS`, and what it says."""

    key: str
    text: str


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One account's part of a digest: what to call about, and its cases with it."""

    headline: str
    lines: list[Line]
    cases: list[int] = []


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """As it waits in the outbox."""

    kind: Literal["case", "digest", "quiet", "task"] = "case"
    case: int | None
    """Its case, where it is about one."""
    transition: str
    """What it tells, among all of its case: ``1-open``; elsewhere among all of its kind."""
    rule: str
    subject: str
    """Whom or what the case is about: a serial number, a station."""
    severity: int
    basis: str | None = None
    headline: str
    lines: list[Line]
    sections: list[Section] = []
    """Of a digest, in the order of the calls."""
    created_us: int
    thread: str | None = None
    """Identity of the notice that this one follows: the first one of the same call."""

    @property
    def identity(self) -> str:
        """The same for the same notice: ``case-12.1-open``, ``digest.ana@x.org.2026-11-26``."""
        return f"{self.kind if self.case is None else f'case-{self.case}'}.{self.transition}"

    def as_text(self, wording: "Wording") -> str:
        """Plain text, a line each."""
        lines = [f"{LABELS[line.key]:{_WIDTH}}{line.text}" for line in self.lines]
        return wording.pages["notice.txt"].safe_substitute(
            lines="\n".join(lines), subject=self.headline
        )

    def as_html(self, wording: "Wording") -> str:
        """A simple page; whatever came from outside is escaped."""
        rows = [
            wording.pages["row.html"].safe_substitute(
                label=html.escape(LABELS[line.key].capitalize()), text=html.escape(line.text)
            )
            for line in self.lines
        ]
        return wording.pages["notice.html"].safe_substitute(
            rows="".join(rows), subject=html.escape(self.headline)
        )
