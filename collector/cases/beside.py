"""What stands beside a case's own facts in a notice: its rule's record, the account, addresses."""

import sqlite3
from string import Template
from typing import Final
from urllib.parse import quote

import msgspec

from windsock.collector.cases.precision import how_often_wrong, precision_of
from windsock.collector.cases.rules import RULES
from windsock.collector.cases.situation import situation_of
from windsock.collector.notify.compose import Beside
from windsock.collector.notify.standing import in_one_line
from windsock.collector.settings import Notify
from windsock.collector.web.links import Links

_COMMAND: Final = "`windsock-collector answer {} KIND -c collector.toml` on the server"
_NOT_IN_A_NAME: Final = str.maketrans({":": "", ",": "", "&": "and"})


class Places:
    """Where the addresses in notices lead."""

    def __init__(self, notify: Notify, links: Links | None) -> None:
        self._notify = notify
        self._links = links

    def answer(self, case: int, recipient: str, now_us: int) -> str:
        """Where *recipient* answers: a link of their own, else the command."""
        if self._links is None or not recipient:
            return _COMMAND.format(case)
        return self._links.to_case(case, recipient, now_us)

    def others(self, playbook: str | None, drone_uid: str | None) -> str:
        """The playbooks' pages and the drone's dashboard."""
        url = self._notify.playbook_url or ""
        books = playbook.split("; ") if playbook and url else []
        found = [f"{name} {_page(url, name)}" for name in books]
        if self._notify.dashboard_url and drone_uid:
            address = Template(self._notify.dashboard_url)
            found.append(f"flights {address.safe_substitute(drone=quote(drone_uid, safe=''))}")
        return "; ".join(found)


def beside(
    ledger: sqlite3.Connection, case: sqlite3.Row, places: Places, recipient: str, now_us: int
) -> Beside:
    """What the ledger says beside the *case* that *recipient* is told of."""
    if RULES[case["rule"]].audience == "support":
        return Beside(answer=places.answer(case["id"], recipient, now_us))
    return Beside(
        wrong=_sentence(how_often_wrong(precision_of(ledger, case["rule"]))),
        tickets=_standing(ledger, case, now_us),
        answer=places.answer(case["id"], recipient, now_us),
        links=places.others(case["playbook"], uid_of(ledger, case, now_us)),
    )


def _page(url: str, playbook: str) -> str:
    """An address without a place for the name has it at its end."""
    name = slug(playbook)
    filled = Template(url).safe_substitute(playbook=name)
    return filled if filled != url else f"{url}{name}"


def slug(playbook: str) -> str:
    """``CS: Trouble Call End User`` as the end of an address: ``cs-trouble-call-end-user``."""
    return "-".join(quote(playbook.translate(_NOT_IN_A_NAME).lower(), safe=" ").split())


def uid_of(ledger: sqlite3.Connection, case: sqlite3.Row, now_us: int) -> str | None:
    """The autopilot of the case's drone, as dashboards know drones."""
    if case["subject_kind"] != "drone":
        return None
    row = ledger.execute(
        "SELECT subject FROM links WHERE kind = 'uid_drone' AND object = ? AND from_us <= ?"
        " AND (until_us IS NULL OR ? < until_us) ORDER BY from_us DESC LIMIT 1",
        (case["subject"], now_us, now_us),
    ).fetchone()
    return row["subject"] if row else f"as:{case['subject']}"


def _standing(ledger: sqlite3.Connection, case: sqlite3.Row, now_us: int) -> str:
    owner = msgspec.json.decode(case["facts"]).get("who") or {}
    drone = case["subject"] if case["subject_kind"] == "drone" else None
    return in_one_line(situation_of(ledger, owner.get("customer"), drone, now_us))


def _sentence(words: str) -> str:
    """In an alert it stands alone."""
    return f"{words[:1].upper()}{words[1:]}."
