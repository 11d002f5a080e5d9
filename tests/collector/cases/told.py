"""Facts from outside for tests of the rules that judge them."""

from datetime import UTC, datetime

from tests.collector.world import T0, S
from windsock.collector.outside.take import take

TICKETS = "ticket,critical,drone,account,incident,opened,state,merged_into"
ROSTER = "serial,uid,customer,distributor,csm,csm_email,valid_from,stage"
EVENT = 590 * S
"""After the start of a flight with a CRASH in it."""
SURVEYS = "survey,account,kind,score,scale,answered"


def utc(moment_us):
    """As a file has it, to the second."""
    return datetime.fromtimestamp(moment_us // 1_000_000, UTC).isoformat()


def tell(world, kind, header, *rows, now_us=T0):
    """Take in the *rows* of a file; empty cells at the end may be left out."""
    width = header.count(",")
    lines = [header, *(row + "," * (width - row.count(",")) for row in rows)]
    taken = take(world.ledger, kind, "\n".join(lines).encode(), "test", now_us)
    assert not taken.errors, list(map(str, taken.errors))


def ticket(world, name, at_us=None, **more):
    """One ticket, critical and of D1, and what *more* it says now."""
    said = {"critical": "yes", "drone": "D1", "incident": "" if at_us is None else utc(at_us)}
    cells = said | {"ticket": name} | more
    tell(world, "tickets", TICKETS, ",".join(cells.get(key, "") for key in TICKETS.split(",")))


def survey(world, name, score, at_us, account="Acme"):
    """One answer to the effort survey."""
    tell(world, "surveys", SURVEYS, f"{name},{account},CES,{score},1-7,{utc(at_us)}")
