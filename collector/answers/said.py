"""What can be said to a case. Pure."""

from typing import Final, Literal, NamedTuple, get_args

from windsock.collector.cases.life import FACTS
from windsock.collector.notify.phrases import short_day

AnswerKind = Literal[
    "acknowledge", "done", "snooze", "pause", "sold", "retired", "repair", "false-alarm",
    "confirmed",
]  # fmt: skip
ANSWERS: Final[tuple[AnswerKind, ...]] = get_args(AnswerKind)
LONGEST_NOTE: Final = 1000
_NEEDS_DATE: Final = {"snooze", "pause"}
_MAY_BE_PAST: Final = {"sold", "retired"}
_TAKES_DATE: Final = _NEEDS_DATE | _MAY_BE_PAST | {"repair"}
_END_US: Final = 7_258_118_400_000_000
"""2200-01-01: no date lies beyond it."""


class AnswerError(Exception):
    """What can't be said to this case; the message says why, in a sentence for people."""


class Answer(NamedTuple):
    """What somebody said."""

    kind: AnswerKind
    until_us: int | None
    """Of a snooze, a pause, a repair: its end. Of a drone sold or retired: the day it was."""
    note: str
    actor: str
    """Who: an e-mail address."""
    via: Literal["command", "link", "hubspot"]


def check(answer: Answer, now_us: int) -> None:
    """Raise AnswerError for an answer that makes no sense, whatever the case."""
    if answer.kind not in ANSWERS:
        raise AnswerError(f"{answer.kind!r}: expected one of {', '.join(ANSWERS)}")
    if not answer.actor or answer.actor == FACTS:
        raise AnswerError("an answer needs the e-mail address of who gives it")
    if len(answer.note) > LONGEST_NOTE:
        raise AnswerError(f"a note of {len(answer.note)} characters: at most {LONGEST_NOTE}")
    _check_date(answer.kind, answer.until_us, now_us)


def _check_date(kind: str, until_us: int | None, now_us: int) -> None:
    if until_us is None:
        if kind in _NEEDS_DATE:
            raise AnswerError(f"{kind} needs a date: until when?")
        return
    if kind not in _TAKES_DATE:
        raise AnswerError(f"{kind} takes no date")
    if not 0 < until_us < _END_US:
        raise AnswerError(f"{kind}: expected a date from 1970 to 2199")
    if kind not in _MAY_BE_PAST and until_us <= now_us:
        raise AnswerError(f"{kind} until {short_day(until_us)}: that is past")
