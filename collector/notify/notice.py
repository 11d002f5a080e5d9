"""A notice: what one person is told, in a fixed order of lines; of a case, of a day, of a task."""

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
    "tickets": "TICKETS",
    "changed": "CHANGED",
    "say": "SAY",
    "playbook": "PLAYBOOK",
    "answer": "ANSWER",
    "links": "LINKS",
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
    thread: str | None = None
    """The `identity` of the notice that it goes on from: mail programs show them together."""
    account: str | None = None
    """Whom it is about, where that is an account, or a drone of one."""
    due_us: int | None = None
    created_us: int

    @property
    def identity(self) -> str:
        """The same for the same notice: ``case-12.1-open``, ``digest.ana@x.org.2026-11-26``."""
        return f"{self.kind if self.case is None else f'case-{self.case}'}.{self.transition}"

    def as_text(self, wording: "Wording") -> str:
        """Plain text, a line each; of a digest, what concerns an account under its headline."""
        page = wording.pages["section.txt"]
        sections = [
            page.safe_substitute(headline=section.headline, lines=_headed(section.lines))
            for section in self.sections
        ]
        lines = "\n".join(filter(None, [_headed(self.lines), *sections]))
        return wording.pages["notice.txt"].safe_substitute(lines=lines, subject=self.headline)


def _headed(lines: list[Line]) -> str:
    return "\n".join(f"{LABELS.get(line.key, ''):{_WIDTH}}{line.text}" for line in lines)
