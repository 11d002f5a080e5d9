"""The triggers that open cases, and the playbook that goes with each (docs/detection.md)."""

from typing import Final, Literal, NamedTuple

from windsock.collector.roster.owners import Owner

Audience = Literal["csm", "support"]

END_USER: Final = "CS: Trouble Call End User"
DISTRIBUTOR: Final = "CS: Trouble Call Distributor"


class Rule(NamedTuple):
    """A trigger: what it is about, and whose business it is."""

    name: str
    about: Literal["drone", "customer", "station"]
    audience: Audience
    title: str


RULES: Final = {
    rule.name: rule
    for rule in (
        Rule("D1a", "drone", "csm", "not flown for a month"),
        Rule("D2", "drone", "csm", "three critical incidents in a month"),
        Rule("D3", "drone", "csm", "old software"),
        Rule("C2", "customer", "csm", "three critical incidents in a month"),
        Rule("C3", "customer", "csm", "not updated after the e-mail"),
        Rule("D1b", "drone", "csm", "flies rarely"),
        Rule("C1", "customer", "csm", "flies rarely, or not for a month"),
        Rule("C4", "customer", "csm", "unhappy with the effort"),
        Rule("C5", "customer", "csm", "delivered, never flown"),
        Rule("X1", "drone", "csm", "possible crash"),
        Rule("X2", "station", "support", "drones out of sight"),
        Rule("X3", "drone", "csm", "wearing out"),
        Rule("M1", "customer", "csm", "critical information is missing"),
    )
}


_CUSTOMER_STAGES: Final = (None, "customer")
"""Lifecycle stages that C rules are for; where none is kept, all are customers."""
_WITHOUT: Final = {"M1"}
"""Rules that call for no call."""


def c_rules_hold(owner: Owner) -> bool:
    """True of end users of distributors and direct customers, at stage customer."""
    return owner.customer_kind == "customer" and owner.stage in _CUSTOMER_STAGES


def playbook(rule: str, owner: Owner | None) -> str | None:
    """Which playbooks to follow: the end user's, and for a drone its distributor's, too.

    What is about the customer itself is the end user's alone. Support's own cases have none.
    """
    if (
        rule in _WITHOUT
        or RULES[rule].audience == "support"
        or owner is None
        or owner.customer is None
    ):
        return None
    if owner.customer_kind == "distributor":
        return DISTRIBUTOR
    between = owner.distributor and RULES[rule].about == "drone"
    return f"{END_USER}; {DISTRIBUTOR}" if between else END_USER
