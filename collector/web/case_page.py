"""The page of one case: what is known, what it rests on, and a form that answers it. Pure."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from windsock.collector.answers.said import ANSWERS, LONGEST_NOTE, AnswerKind
from windsock.collector.explain.evidence import points
from windsock.collector.explain.figures import moment_figure
from windsock.collector.explain.judged import Judged
from windsock.collector.explain.markup import tag, text, void
from windsock.collector.explain.sections import check_table, evidence_table, folded, table
from windsock.collector.notify import phrases as say
from windsock.collector.notify.html_page import addresses
from windsock.collector.notify.notice import LABELS, Line
from windsock.collector.web.case_view import CaseView, Happening
from windsock.collector.web.document import document
from windsock.collector.web.weeks import weeks_figure

_SEVERE: Final = 70
_NOTABLE: Final = 40


class Choice(NamedTuple):
    """An answer in words; `dated`: a day goes with it."""

    title: str
    means: str
    dated: bool = False
    drones_only: bool = False


CHOICES: Final[dict[AnswerKind, Choice]] = {
    "acknowledge": Choice("Seen, I am on it", "It leaves the digest; it stays open."),
    "done": Choice("Done", "I have talked to the customer. The case is closed."),
    "snooze": Choice("Not now", "Quiet until a day.", dated=True),
    "pause": Choice("On leave, out of season", "No flights are expected until a day.", dated=True),
    "repair": Choice("In repair", "Until a day, if you know it.", dated=True, drones_only=True),
    "sold": Choice("Sold", "No longer this customer's, since a day or today.", dated=True,
                   drones_only=True),
    "retired": Choice("Retired", "It will not fly again, since a day or today.", dated=True,
                      drones_only=True),
    "false-alarm": Choice("False alarm", "It was not so. The next alerts will say how often."),
    "confirmed": Choice("Confirmed", "It was so. The case stays open until you are done."),
}  # fmt: skip


class Outcome(NamedTuple):
    """What came of an answer, or why it was refused, and then what had been filled in."""

    said: str = ""
    refused: bool = False
    given: Mapping[str, str] = {}


NOTHING: Final = Outcome()
"""Nobody has answered."""


def case_page(view: CaseView, outcome: Outcome = NOTHING) -> bytes:
    """The whole page."""
    body = [_header(view, outcome)]
    if view.state != "resolved":
        body.append(_section("Your answer", _form(view, outcome.given)))
    if view.flight is not None:
        body.append(_section("What was measured", _flight(view.flight)))
    if any(view.weeks):
        body.append(_section("How much it flew", weeks_figure(view.weeks)))
    body.append(_section("What happened to this case", _history(view.history)))
    footer = "This link is yours alone: whoever has it can answer this case."
    body.append(tag("footer", text(footer)))
    return document(view.notice.headline, "".join(body))


def _header(view: CaseView, outcome: Outcome) -> str:
    notice = view.notice
    told = f"Case {notice.case}, {_state(view)}"
    parts = [tag("p", text(told), class_="log"), tag("h1", text(notice.headline))]
    if outcome.said:
        kind = "refused" if outcome.refused else "done"
        parts.append(tag("p", text(outcome.said), class_=kind, role="status"))
    lines = "".join(_line(line) for line in notice.lines)
    parts.append(tag("dl", lines, class_="lines"))
    severe, notable = notice.severity >= _SEVERE, notice.severity >= _NOTABLE
    return tag(
        "header", "".join(parts), class_="severe" if severe else "notable" if notable else None
    )


def _state(view: CaseView) -> str:
    if view.state != "resolved":
        return view.state
    by = "by itself" if view.closed_by == "facts" else f"by {view.closed_by}"
    return f"closed on {say.moment(view.closed_us)} {by}"


def _line(line: Line) -> str:
    parts = []
    for part in addresses(line):
        parts.append(text(part.words))
        if part.address:
            parts.append(tag("a", text(part.name), href=part.address, rel="noreferrer"))
    return tag("dt", text(LABELS[line.key].capitalize())) + tag("dd", "".join(parts))


def _section(title: str, content: str) -> str:
    return tag("section", tag("h2", text(title)) + content)


def _form(view: CaseView, given: Mapping[str, str]) -> str:
    kinds = [
        kind for kind in ANSWERS
        if view.subject_kind == "drone" or not CHOICES[kind].drones_only
        if view.subject_kind != "station" or kind != "pause"
    ]  # fmt: skip
    choices = tag("legend", "How does it stand?") + "".join(
        _choice(kind, given.get("answer") == kind) for kind in kinds
    )
    day = (
        tag("b", "Day") + void("input", type="date", name_="until", value=given.get("until"))
        + tag("small", "Until when, or since when. The day itself counts to what comes after.")
    )  # fmt: skip
    note = tag("b", "Note") + tag(
        "textarea", text(given.get("note", "")), name_="note", rows=3, maxlength=LONGEST_NOTE
    )
    parts = [
        tag("fieldset", choices),
        tag("label", day, class_="field date"),
        tag("label", note, class_="field"),
        tag("button", "Send", type="submit"),
    ]
    return tag("form", "".join(parts), method="post")


def _choice(kind: AnswerKind, chosen: bool) -> str:
    choice = CHOICES[kind]
    dated = "1" if choice.dated else None
    radio = void(
        "input",
        type="radio",
        name_="answer",
        value=kind,
        required="",
        data_dated=dated,
        checked="" if chosen else None,
    )
    words = tag("b", text(choice.title)) + tag("small", text(choice.means))
    return tag("label", radio + tag("span", words), class_="choice")


def _flight(flight: Judged) -> str:
    evidence = points(flight)
    figure = moment_figure(flight, evidence, ())
    if not figure:
        figure = tag("p", "The moments around it have not come in, or are no longer kept.")
    checks = folded("All that was checked", check_table(flight))
    return evidence_table(flight, evidence) + figure + checks


def _history(history: list[Happening]) -> str:
    rows = [
        (text(say.moment(one.at_us)), text(one.transition), text(_actor(one.actor)),
         text(one.decision), text(one.note))
        for one in history
    ]  # fmt: skip
    return table(("When", "What", "Who", "Told", "Note"), rows)


def _actor(actor: str) -> str:
    return "the facts" if actor == "facts" else actor
