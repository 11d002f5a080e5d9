"""What people wrote into files, taken in when it changed: those that settings name, and a folder.

A file of the folder is taken when it is whole: unchanged from one look to the next.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from windsock.collector.outside.files import Stamp, content, files_in, stamp, take_file
from windsock.collector.outside.imports import Taken, is_known, note
from windsock.collector.outside.take import KINDS
from windsock.collector.roster.releases import (
    apply_mails,
    apply_releases,
    parse_mails,
    parse_releases,
)
from windsock.collector.roster.sheet import RosterError, Sheet, load_sheet
from windsock.collector.settings import Settings

log = logging.getLogger("windsock.collector")

_LOOK_US: Final = 5_000_000
_MOST_LOGGED: Final = 20

Apply = Callable[[sqlite3.Connection, Sheet], list[RosterError]]


class Watch:
    """Remembers what the files looked like."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: dict[Path, Stamp] = {}
        self._done: dict[Path, Stamp] = {}
        self._look_due_us = 0

    def take_in(self, ledger: sqlite3.Connection, now_us: int) -> bool:
        """Take in what is new; True: something came. What is wrong is logged, the rest holds."""
        came = list(self._of_settings(ledger, now_us))
        folder = self._settings.outside.folder
        if folder is not None and now_us >= self._look_due_us:
            self._look_due_us = now_us + _LOOK_US
            came += self._of_folder(ledger, folder, now_us)
        for taken in came:
            _say(taken)
        return bool(came)

    def due_us(self) -> int | None:
        """When to look into the folder again; None: there is none."""
        return None if self._settings.outside.folder is None else self._look_due_us

    def _of_settings(self, ledger: sqlite3.Connection, now_us: int) -> Iterator[Taken]:
        roster, settings = self._settings.roster, self._settings
        if roster is not None and self._changed(roster):
            taken = take_file(ledger, "roster", roster, now_us)
            yield from [taken] if taken else []
        for kind, path, parse, apply in (
            ("releases", settings.releases, parse_releases, apply_releases),
            ("mails", settings.update_mails, parse_mails, apply_mails),
        ):
            if path is not None and self._changed(path):
                yield from _replaced(ledger, kind, load_sheet(path, parse), apply, now_us)

    def _changed(self, path: Path) -> bool:
        before, self._done[path] = self._done.get(path), stamp(path)
        return before != self._done[path]

    def _of_folder(self, ledger: sqlite3.Connection, folder: Path, now_us: int) -> Iterator[Taken]:
        try:
            found = list(files_in(folder))
        except OSError as error:
            log.warning("%s: %s", folder, error.strerror or error)
            return
        for path, kind in found:
            before, self._seen[path] = self._seen.get(path), stamp(path)
            if before != self._seen[path] or self._done.get(path) == before:
                continue
            self._done[path] = before
            if kind is None:
                log.warning("%s: its name begins with none of %s", path, ", ".join(KINDS))
            elif taken := take_file(ledger, kind, path, now_us):
                yield taken


def _replaced(
    ledger: sqlite3.Connection, kind: str, sheet: Sheet, apply: Apply, now_us: int
) -> Iterable[Taken]:
    """These files are the whole truth of their kind, so one with an error changes nothing."""
    path = Path(sheet.file)
    data = content(path) if path.is_file() else b""
    if is_known(ledger, kind, sheet.file, data):
        return []
    errors = apply(ledger, sheet)
    taken = Taken(kind, 0 if errors else len(sheet.rows), sheet.refused, errors)
    note(ledger, taken, sheet.file, data, now_us)
    return [taken]


def _say(taken: Taken) -> None:
    for error in (*taken.errors[:_MOST_LOGGED], *taken.warnings[:_MOST_LOGGED]):
        log.warning("%s", error)
    more = max(taken.refused - _MOST_LOGGED, 0)
    log.info("%s: %d rows taken, %d refused%s", taken.kind, taken.taken, taken.refused,
             f", {more} of them not named here" if more else "")  # fmt: skip
