"""What people wrote into files, taken in when it changed: those that settings name, and a folder.

A file of the folder is taken when it is whole: unchanged from one look to the next.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from windsock.collector.outside.files import (
    Stamp,
    content,
    files_in,
    source_of,
    stamp,
    take_file,
    unreadable,
)
from windsock.collector.outside.imports import Taken, is_known, note
from windsock.collector.outside.reading import ContentError, text_of
from windsock.collector.outside.take import KINDS
from windsock.collector.roster.releases import (
    apply_mails,
    apply_releases,
    parse_mails,
    parse_releases,
)
from windsock.collector.roster.sheet import RosterError, Sheet
from windsock.collector.settings import Settings

log = logging.getLogger("windsock.collector")

_LOOK_US: Final = 5_000_000
_MOST_LOGGED: Final = 20


class _Whole(NamedTuple):
    """A kind of which one file is the whole truth, so one with an error changes nothing."""

    kind: str
    parse: Callable[[str, str], Sheet]
    apply: Callable[[sqlite3.Connection, Sheet], list[RosterError]]

    def parsed(self, data: bytes, source: str) -> Sheet:
        try:
            return self.parse(text_of(data), source)
        except ContentError as error:
            sheet = Sheet(source)
            sheet.note(error.line, "", str(error))
            return sheet


_RELEASES: Final = _Whole("releases", parse_releases, apply_releases)
_MAILS: Final = _Whole("mails", parse_mails, apply_mails)


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
        for whole, path in ((_RELEASES, settings.releases), (_MAILS, settings.update_mails)):
            if path is not None and self._changed(path):
                taken = _replaced(ledger, whole, path, now_us)
                yield from [taken] if taken else []

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
                log.warning("%s: its name begins with none of %s", source_of(path),
                            ", ".join(KINDS))  # fmt: skip
            elif taken := take_file(ledger, kind, path, now_us):
                yield taken


def _replaced(ledger: sqlite3.Connection, whole: _Whole, path: Path, now_us: int) -> Taken | None:
    """Read once: what is noted as taken is what was applied. None: the ledger has it so."""
    try:
        data = content(path)
    except OSError as error:
        return unreadable(whole.kind, path, error)
    source = source_of(path)
    if is_known(ledger, whole.kind, source, data):
        return None
    sheet = whole.parsed(data, source)
    errors = whole.apply(ledger, sheet)
    taken = Taken(whole.kind, 0 if errors else len(sheet.rows), sheet.refused, errors)
    note(ledger, taken, source, data, now_us)
    return taken


def _say(taken: Taken) -> None:
    for error in (*taken.errors[:_MOST_LOGGED], *taken.warnings[:_MOST_LOGGED]):
        log.warning("%s", error)
    more = max(taken.refused - _MOST_LOGGED, 0)
    log.info("%s: %d rows taken, %d refused%s", taken.kind, taken.taken, taken.refused,
             f", {more} of them not named here" if more else "")  # fmt: skip
