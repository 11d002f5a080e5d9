"""``/case/TOKEN``: GET shows a case and changes nothing, POST answers it."""

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Final, cast

from windsock.collector.answers.answer import apply_answer
from windsock.collector.answers.said import Answer, AnswerError, AnswerKind
from windsock.collector.calls.people import zone_of
from windsock.collector.ledger import transaction
from windsock.collector.settings import Settings
from windsock.collector.web.case_page import CHOICES, Outcome, case_page
from windsock.collector.web.case_view import case_row, may_answer, view_of
from windsock.collector.web.document import plain
from windsock.collector.web.exchange import BadRequest, Request, Response
from windsock.collector.web.links import Claim, Expired, LinkError, Links, claim_of

_OK: Final = "200 OK"
_UNPROCESSABLE: Final = "422 Unprocessable Content"


class CasePages:
    """The pages that links lead to."""

    def __init__(self, settings: Settings, links: Links) -> None:
        self._settings = settings
        self._links = links

    def respond(
        self, ledger: sqlite3.Connection, request: Request, token: str, now_us: int
    ) -> Response:
        """The page of the token's case, with what came of a POST; or why there is none."""
        try:
            claim = claim_of(token, self._links.secret, now_us)
        except Expired as error:
            return plain("410 Gone", "Too late", str(error))
        except LinkError as error:
            return plain("403 Forbidden", "No such link", str(error))
        case = case_row(ledger, claim.case)
        if case is None:
            return plain("404 Not Found", "No such case", "This case is no longer kept.")
        if not may_answer(ledger, case, claim.csm, self._settings.notify, now_us):
            said = "Somebody else looks after this customer now; the case is theirs."
            return plain("403 Forbidden", "Not yours any more", said)
        if request.method == "POST":
            return self._answered(ledger, request, claim, now_us)
        return Response(_OK, case_page(view_of(ledger, case, now_us, self._settings)))

    def _answered(
        self, ledger: sqlite3.Connection, request: Request, claim: Claim, now_us: int
    ) -> Response:
        form = _form(request)
        try:
            answer = _answer(form, claim, zone_of(ledger, claim.csm, self._settings.day))
            with transaction(ledger):
                done = apply_answer(ledger, claim.case, answer, now_us)
            status, outcome = _OK, Outcome(_sentence(done.what))
        except AnswerError as error:
            status, outcome = _UNPROCESSABLE, Outcome(_sentence(str(error)), True, form)
        case = case_row(ledger, claim.case)
        if case is None:  # forgotten since
            return plain("404 Not Found", "No such case", "This case is no longer kept.")
        view = view_of(ledger, case, now_us, self._settings)
        return Response(status, case_page(view, outcome))


def _form(request: Request) -> dict[str, str]:
    """Raises BadRequest for what no form of ours sends."""
    form = request.form()
    if unknown := form.keys() - {"answer", "until", "note"}:
        raise BadRequest(f"This form has a field that is not ours: {min(unknown)[:40]}.")
    return form


def _answer(form: Mapping[str, str], claim: Claim, zone: tzinfo) -> Answer:
    """Raises AnswerError."""
    kind = cast("AnswerKind", form.get("answer", ""))  # `apply_answer` says which there are
    dated = kind in CHOICES and CHOICES[kind].dated
    return Answer(
        kind=kind,
        until_us=_day_us(form.get("until", ""), zone) if dated else None,  # hidden, but sent
        note=form.get("note", "").strip(),
        actor=claim.csm,
        via="link",
    )


def _day_us(written: str, zone: tzinfo) -> int | None:
    """When that day begins where the person is. Raises AnswerError."""
    if not written.strip():
        return None
    try:
        day = date.fromisoformat(written.strip())
        begins = datetime(day.year, day.month, day.day, tzinfo=zone)
        return round(begins.timestamp() * 1e6)
    except (ValueError, OverflowError) as error:
        raise AnswerError(f"{written[:20]!r} is no day: expected YYYY-MM-DD") from error


def _sentence(words: str) -> str:
    stop = "" if words.endswith("?") else "."
    return f"{words[:1].upper()}{words[1:]}{stop}"
