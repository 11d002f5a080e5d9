"""Releases, and e-mails that asked accounts to update.

Other than the files that settings name (`collector/roster/releases`) these add and correct: a
release goes by its date of withdrawal.
"""

from typing import Final

from windsock.collector.outside.kind import Intake, Kind, warn_of_unknown
from windsock.collector.roster import releases
from windsock.collector.roster.sheet import Sheet


def _store_releases(intake: Intake, sheet: Sheet) -> None:
    releases.weed_releases(sheet)
    intake.ledger.executemany(
        "INSERT OR REPLACE INTO releases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        releases.release_rows(sheet),
    )


def _store_mails(intake: Intake, sheet: Sheet) -> None:
    """The e-mails to an account about a version that the file names are all there were."""
    rows = releases.mail_rows(sheet)
    intake.ledger.executemany(
        "DELETE FROM update_mails WHERE account = ? AND version = ?", {row[:2] for row in rows}
    )
    intake.ledger.executemany("INSERT OR REPLACE INTO update_mails VALUES (?, ?, ?)", rows)
    warn_of_unknown(intake, sheet, "account")


RELEASES: Final = Kind(
    name="releases",
    about="which software is out, for whom",
    columns=releases.RELEASE_COLUMNS,
    needed=releases.RELEASE_NEEDS,
    store=_store_releases,
)
MAILS: Final = Kind(
    name="mails",
    about="e-mails that asked accounts to update",
    columns=releases.MAIL_COLUMNS,
    needed=releases.MAIL_NEEDS,
    store=_store_mails,
)
