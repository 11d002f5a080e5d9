"""One case as its page shows it: what its notice says, its flight, and what became of it."""

import sqlite3
from typing import NamedTuple

import msgspec

from windsock.collector.calls.people import answering
from windsock.collector.cases.beside import Places, beside
from windsock.collector.explain.judged import Judged
from windsock.collector.notify.compose import Step, compose
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.pictures import flight_of
from windsock.collector.notify.wording import load_wording
from windsock.collector.settings import Notify, Settings
from windsock.collector.web.weeks import flights_a_week


class Happening(NamedTuple):
    """One step in a case's life."""

    at_us: int
    transition: str
    actor: str
    decision: str
    note: str


class CaseView(NamedTuple):
    """All that there is to show."""

    notice: Notice
    state: str
    subject_kind: str
    closed_us: int | None
    closed_by: str | None
    flight: Judged | None
    weeks: list[int]
    """Flights in each of the last 52 weeks, the oldest first; empty where nobody looks at that."""
    history: list[Happening]


def may_answer(
    ledger: sqlite3.Connection, case: sqlite3.Row, who: str, notify: Notify, now_us: int
) -> bool:
    """Its CSM, whoever stands in or has stood in for them, support, and who looks after safety."""
    csm = case["csm"]
    here = {csm, notify.support, notify.safety, csm and answering(ledger, csm, now_us)}
    stood_in = ledger.execute("SELECT substitute FROM cover WHERE csm = ?", (csm,))
    here |= {row["substitute"] for row in stood_in}
    return who.casefold() in {one.casefold() for one in here if one}


def case_row(ledger: sqlite3.Connection, case_id: int) -> sqlite3.Row | None:
    """The case as the ledger has it."""
    row: sqlite3.Row | None = ledger.execute(
        "SELECT * FROM cases WHERE id = ?", (case_id,)
    ).fetchone()
    return row


def view_of(
    ledger: sqlite3.Connection, case: sqlite3.Row, now_us: int, settings: Settings
) -> CaseView:
    """Everything of *case* at *now_us*."""
    return CaseView(
        notice=_notice(ledger, case, now_us, settings),
        state=case["state"],
        subject_kind=case["subject_kind"],
        closed_us=case["closed_us"],
        closed_by=case["closed_by"],
        flight=flight_of(ledger, case["id"]),
        weeks=flights_a_week(ledger, case["subject_kind"], case["subject"], now_us),
        history=_history(ledger, case["id"]),
    )


def _notice(
    ledger: sqlite3.Connection, case: sqlite3.Row, now_us: int, settings: Settings
) -> Notice:
    """As it would be told now, without the way here."""
    facts = msgspec.json.decode(case["facts"])
    more = beside(ledger, case, Places(settings.notify, None), "", now_us)
    step = Step(
        case=case["id"],
        transition="shown",
        rule=case["rule"],
        subject=case["subject"],
        severity=case["severity"],
        basis=case["basis"],
        playbook=case["playbook"],
        variant="confirmed" if _is_confirmed(ledger, case) else facts["variant"],
        facts=facts,
        opened_us=case["opened_us"],
        due_us=case["due_us"],
        beside=more._replace(answer=""),
    )
    return compose(step, load_wording(settings.notify.templates), now_us)


def _is_confirmed(ledger: sqlite3.Connection, case: sqlite3.Row) -> bool:
    """All that it tells of is what a person said: it was so."""
    row = ledger.execute(
        "SELECT min(state = 'confirmed') FROM incidents WHERE case_id = ? AND ? = 'X1'",
        (case["id"], case["rule"]),
    ).fetchone()
    return bool(row[0])


def _history(ledger: sqlite3.Connection, case_id: int) -> list[Happening]:
    rows = ledger.execute(
        "SELECT * FROM case_events WHERE case_id = ? ORDER BY id DESC LIMIT 50", (case_id,)
    )
    return [_happening(row) for row in rows]


def _happening(row: sqlite3.Row) -> Happening:
    detail = msgspec.json.decode(row["detail"])
    note = str(detail.get("note") or detail.get("why") or "")
    return Happening(row["at_us"], row["transition"], row["actor"], row["decision"], note)
