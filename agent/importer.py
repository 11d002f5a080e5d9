"""Queues logs: each file once, a whole log or nothing of it."""

from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from windsock.agent.catalogue import Catalogue, Stamp
from windsock.agent.clock import Clock
from windsock.agent.files import NotALog, logs_in, reason
from windsock.agent.intake import Handling, Intake, messages, take_in
from windsock.agent.settings import Watch
from windsock.agent.spool import Spool
from windsock.protocol.facts import FACTS_VERSION

Status = Literal["queued", "known", "unreadable", "no log", "missing"]


class Outcome(NamedTuple):
    """What became of one file."""

    path: Path
    status: Status
    detail: str
    batches: int = 0


class Importer:
    """Reads logs into the spool, with the catalogue as its memory."""

    def __init__(self, spool: Spool, catalogue: Catalogue, clock: Clock) -> None:
        self._spool = spool
        self._catalogue = catalogue
        self._clock = clock
        self._unsettled: dict[Path, Stamp] = {}
        self._told: dict[Path, str] = {}

    def import_file(self, path: Path, handling: Handling, *, again: bool = False) -> Outcome:
        """Queue one log unless it was queued before, or *again*."""
        try:
            intake = take_in(path, handling)
        except NotALog as error:
            return Outcome(path, "no log", reason(error))
        except (OSError, MemoryError) as error:
            return Outcome(path, "missing", reason(error))
        if not again and self._catalogue.queued(intake.log_id, FACTS_VERSION):
            return Outcome(path, "known", "queued before")
        batches = self._spool.add(
            messages(with_changes(intake, self._catalogue), self._clock.wall_us())
        )
        self._remember_parameters(intake)
        uid = intake.record.drone_uid if intake.record else None
        self._catalogue.remember(intake.log_id, FACTS_VERSION, uid, self._clock.wall_us())
        if intake.record is None:
            return Outcome(path, "unreadable", intake.error or "", batches)
        flights = len(intake.record.flights)
        said = f"{flights} flight" + ("" if flights == 1 else "s")
        return Outcome(path, "queued", said, batches)

    def scan(self, watch: Watch, handling: Handling, *, settled: bool = False) -> list[Outcome]:
        """Import what is new in a watched folder.

        A file counts once it stayed the same from one scan to the next, or at once if *settled*.
        What can't be read is tried again each time, and told once.
        """
        outcomes = []
        for path in logs_in(watch.folder):
            stamp = _stamp(path)
            if stamp is None or self._catalogue.unchanged(path, stamp):
                continue
            if not settled and self._unsettled.get(path) != stamp:
                self._unsettled[path] = stamp
                continue
            outcome = self.import_file(path, handling._replace(serial=watch.drone))
            self._unsettled.pop(path, None)
            if outcome.status in ("missing", "no log"):
                if self._told.get(path) == outcome.detail:
                    continue
                self._told[path] = outcome.detail
            else:
                self._catalogue.dealt_with(path, stamp)
            outcomes.append(outcome)
        return outcomes

    def _remember_parameters(self, intake: Intake) -> None:
        record, start_us = intake.record, _start_us(intake)
        if record is not None and start_us is not None:
            self._catalogue.remember_parameters(
                record.drone_uid, start_us, intake.log_id, intake.parameters
            )


def with_changes(intake: Intake, catalogue: Catalogue) -> Intake:
    """The intake with what changed since this autopilot's previous log."""
    record, start_us = intake.record, _start_us(intake)
    if record is None or start_us is None:
        return intake
    changes = catalogue.parameter_changes(record.drone_uid, start_us, intake.parameters)
    changed = msgspec.structs.replace(record, parameters_changed=changes)
    return intake._replace(record=changed)


def _start_us(intake: Intake) -> int | None:
    """When the first flight began, of a log that has parameters to compare."""
    if intake.record is None or not intake.record.flights or not intake.parameters:
        return None
    return intake.record.flights[0].start.us


def _stamp(path: Path) -> Stamp | None:
    """None for a file that has just gone; what may not be looked at says why when it is read."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return Stamp(0, 0)
    return Stamp(stat.st_size, stat.st_mtime_ns)
