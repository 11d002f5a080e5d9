"""For tests of facts from outside."""

from tests.collector.world import T0
from windsock.collector.outside.take import take

TABLES = (
    "drones", "accounts", "traits", "people", "contacts", "links", "tickets", "surveys", "pauses",
    "cover", "update_mails", "releases",
)  # fmt: skip


def taken(world, kind, *lines, source="facts.csv", now_us=T0):
    """What becomes of *lines* of a kind."""
    return take(world.ledger, kind, "\n".join(lines).encode(), source, now_us)


def said(result):
    """Its errors, as they are shown."""
    return list(map(str, result.errors))


def facts(world):
    """All that the ledger knows from outside."""
    return {
        table: sorted(
            tuple(map(str, row)) for row in world.ledger.execute(f"SELECT * FROM {table}")
        )
        for table in TABLES
    }
