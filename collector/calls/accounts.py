"""Accounts as they stand at a moment: who looks after them, what they are, since when."""

import sqlite3
from importlib.resources import files


def accounts(ledger: sqlite3.Connection, now_us: int) -> list[sqlite3.Row]:
    """Every account as `accounts.sql` has it, by name."""
    query = (files("windsock.collector.calls") / "accounts.sql").read_text("utf-8")
    return ledger.execute(query, {"now": now_us}).fetchall()


def csm_by_account(ledger: sqlite3.Connection, now_us: int) -> dict[str, str | None]:
    """Who looks after each account now; a distributor without a CSM is its end users' CSM's."""
    return {row["account"]: row["csm"] for row in accounts(ledger, now_us)}
