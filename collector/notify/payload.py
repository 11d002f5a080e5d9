"""A notice as JSON, for programs: what the webhook posts and the file holds."""

import msgspec

from windsock.collector.notify.notice import LABELS, Section
from windsock.collector.notify.outbox import Parcel
from windsock.collector.notify.wording import Wording


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the same for the same notice, however often it comes; `lines` are in order."""

    key: str
    to: str | None
    kind: str
    case: int | None
    transition: str
    rule: str
    subject: str
    severity: int
    basis: str | None
    created_us: int
    headline: str
    lines: dict[str, str]
    sections: list[Section]
    thread: str | None
    text: str


def payload(parcel: Parcel, wording: Wording) -> bytes:
    """One JSON object without a line break."""
    notice = parcel.notice
    return msgspec.json.encode(
        Payload(
            key=parcel.key,
            to=parcel.recipient or None,
            kind=notice.kind,
            case=notice.case,
            transition=notice.transition,
            rule=notice.rule,
            subject=notice.subject,
            severity=notice.severity,
            basis=notice.basis,
            created_us=notice.created_us,
            headline=notice.headline,
            lines={line.key: line.text for line in notice.lines if line.key in LABELS},
            sections=notice.sections,
            thread=notice.thread,
            text=notice.as_text(wording),
        )
    )
