"""What every drone runs, held against the releases, out of the ledger."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.firmware import Drones, Late, Letters, Software, software
from windsock.collector.detect.held import (
    CODE,
    NONE,
    SOFTWARE_STATES,
    Held,
    SoftwareState,
    hold,
)
from windsock.collector.detect.kinds import (
    NEVER_S,
    Kinds,
    Placed,
    begun_s,
    moments_s,
    split,
)
from windsock.collector.detect.offers import Catalogue, Groups, Lots, cells, offered_us
from windsock.collector.detect.versions import Version, packed
from windsock.collector.fleet.arrays import IN_SERVICE, Index, Micros
from windsock.collector.fleet.queries import query
from windsock.collector.fleet.releases import ReleaseRow, load_releases, read_firmware, version_in
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.fleet.seen import load_powered
from windsock.collector.roster.owners import Owner
from windsock.collector.roster.releases import PINNED, STABLE
from windsock.protocol.messages import Firmware


class Waved(NamedTuple):
    """Of n drones: what decides which waves they are in."""

    lot: Lots
    group: Groups


@dataclass(frozen=True)
class FleetSoftware:
    """Of n drones; releases are indices into `releases`, or `NONE`."""

    releases: list[ReleaseRow]
    firmware: list[Firmware | None]
    seen_us: list[int | None]
    """When that was read."""
    mailed_us: dict[tuple[str, str], int]
    """By account and version: the first e-mail."""
    waved: Waved
    powered_us: Micros
    """As `Drones.powered_s`, in full."""
    drones: Drones
    held: Held
    late: Late
    found: Software

    def word(self, row: int) -> SoftwareState:
        """The state of one drone."""
        return SOFTWARE_STATES[int(self.found.state[row])]

    def behind(self, row: int) -> bool:
        """D3 literally: it does not have the latest software."""
        return bool(self.held.behind[self.drones.kind[row]])

    def install(self, row: int) -> str | None:
        """The version that it should get now."""
        return self.version(int(self.held.next[self.drones.kind[row]]))

    def version(self, number: int) -> str | None:
        """That of a release."""
        return None if number == NONE else self.releases[number].version

    @cached_property
    def overdue(self) -> dict[int, int]:
        """D3: rows of the drones that are, and the oldest release each should have by now."""
        rows = np.flatnonzero(self.found.state == CODE["overdue"])
        return _by_row(rows, self.late.overdue_with(self.drones.rows(rows)))

    @cached_property
    def after_mail(self) -> dict[int, int]:
        """C3: the same, counted from the account's e-mail."""
        rows = np.flatnonzero(self.found.deaf)
        return _by_row(rows, self.late.deaf_to(self.drones.rows(rows)))

    def offered_us(self, row: int, number: int) -> int:
        """Since when a release has been for a drone."""
        release, which = self.releases[number].release, slice(row, row + 1)
        cell = cells(self.waved.lot[which], release)
        return int(offered_us(self.waved.group[which], cell, release)[0])


class _Line(NamedTuple):
    """Drones that one set of releases is for."""

    product: str
    hardware: str
    channel: str
    companion: str | None
    """Version of the app that they are used with, as far as anybody knows."""


class _Run(NamedTuple):
    """A kind of drones, as far as everything but percentages goes."""

    line: _Line
    version: Version
    group: int
    excused: bool


@dataclass(frozen=True)
class _Reading:
    """What is needed to hold a fleet against the releases."""

    ledger: sqlite3.Connection
    rows: FleetRows
    now_us: int
    simulated: bool

    def said(self) -> list[sqlite3.Row]:
        """Of each drone: what it ran when last seen, and what the roster says of it."""
        drones = zip(self.rows.fleet.serials, self.rows.flight_ids.tolist(), strict=True)
        values = {"drones": json.dumps(list(drones)), "now_us": self.now_us}
        return self.ledger.execute(query("software"), values).fetchall()

    def mails(self) -> dict[tuple[str, str], int]:
        """The first e-mail to each account about each version."""
        found = self.ledger.execute(
            "SELECT account, version, min(sent_us) FROM update_mails WHERE sent_us <= ?"
            " GROUP BY account, version",
            (self.now_us,),
        )
        return {(account, version): sent_us for account, version, sent_us in found}

    def powered_us(self) -> Micros:
        """When each was last switched on for certain; `MISSING_US`: never."""
        serials = self.rows.fleet.serials
        return load_powered(self.ledger, serials, self.now_us, simulated=self.simulated)


def load_software(
    ledger: sqlite3.Connection,
    rows: FleetRows,
    now_us: int,
    *,
    simulated: bool = False,
    tolerate_previous: bool = False,
) -> FleetSoftware:
    """Hold every drone in *rows* against the releases. In the caller's snapshot."""
    reading = _Reading(ledger, rows, now_us, simulated)
    groups: dict[str, int] = {}
    releases = load_releases(ledger, groups)
    said = reading.said()
    firmware = [read_firmware(row["firmware"]) for row in said]
    runs = list(_runs(rows, said, firmware, groups))
    mailed_us, powered_us = reading.mails(), reading.powered_us()
    waved = Waved(
        np.array([crc32(one.encode()) for one in rows.fleet.serials], np.uint32),
        np.array([run.group for run in runs], np.int16),
    )
    run, kinds, lines = _kinds(runs)
    catalogue = Catalogue(
        [row.release for row in releases], [_numbers(line, releases) for line in lines]
    )
    powered_s = begun_s(powered_us)
    kind, kinds = split(run, kinds, Placed(waved.lot, powered_s), catalogue, now_us)
    held = hold(kinds, catalogue, now_us, tolerate_previous=tolerate_previous)
    opened = [
        [releases[number].version for number in of_line if number != NONE]
        for of_line in held.open.release.T.tolist()
    ]
    account, letters = letters_of(rows.owners, kinds.line[kind], opened, mailed_us)
    drones, late = Drones(kind, powered_s, account), Late.of(held, letters)
    return FleetSoftware(
        releases=releases,
        firmware=firmware,
        seen_us=[row["at_us"] for row in said],
        mailed_us=mailed_us,
        waved=waved,
        powered_us=powered_us,
        drones=drones,
        held=held,
        late=late,
        found=software(drones, late),
    )


def _runs(
    rows: FleetRows,
    said: Sequence[sqlite3.Row],
    firmware: Sequence[Firmware | None],
    groups: dict[str, int],
) -> Iterator[_Run]:
    """What each drone is and runs; the roster's hardware counts first."""
    service = rows.fleet.service.tolist()
    for owner, words, seen, state in zip(rows.owners, said, firmware, service, strict=True):
        channel = words["channel"] or STABLE
        hardware = words["hardware"] or (seen.hardware if seen else None) or ""
        yield _Run(
            _Line(owner.product or "", hardware, channel, words["companion"]),
            version_in(seen),
            groups.get(words["cohort"], NONE),
            channel == PINNED or state != IN_SERVICE,
        )


def _kinds(runs: Sequence[_Run]) -> tuple[Index, Kinds, list[_Line]]:
    """Kinds, one for each different run, and what their lines are."""
    number, lines = dict[_Run, int](), dict[_Line, int]()
    kind = np.array([number.setdefault(run, len(number)) for run in runs], np.int32)
    line = [lines.setdefault(run.line, len(lines)) for run in number]
    kinds = Kinds(
        line=np.array(line, np.int32),
        own=np.array([run.version.own for run in number], np.int64),
        base=np.array([run.version.base for run in number], np.int64),
        group=np.array([run.group for run in number], np.int16),
        excused=np.array([run.excused for run in number], np.bool_),
        cells=np.empty((0, len(number)), np.int16),
    )
    return kind, kinds, list(lines)


def _numbers(line: _Line, releases: Sequence[ReleaseRow]) -> list[int] | None:
    """The releases for *line*, oldest first; None: there are some, for others."""
    of_product = [
        number
        for number, one in enumerate(releases)
        if one.product in ("", line.product) and one.channel == line.channel
    ]
    fitting = [number for number in of_product if _fits(releases[number], line)]
    return None if of_product and not fitting else fitting


def _fits(release: ReleaseRow, line: _Line) -> bool:
    """Hardware that nobody knows is not among those named; an app that nobody knows is new."""
    if release.hardware and line.hardware not in release.hardware:
        return False
    if release.companion is None or line.companion is None:
        return True
    return packed(line.companion) >= packed(release.companion)


def letters_of(
    owners: Sequence[Owner],
    line: Index,
    opened: Sequence[Sequence[str]],
    mailed_us: dict[tuple[str, str], int],
) -> tuple[Index, Letters]:
    """Where each drone's account stands in the e-mails about the versions *opened* to its line.

    The first place is that of those who never got any.
    """
    told = {account for account, _ in mailed_us}
    place: dict[tuple[str, int], int] = {("", -1): 0}
    row = [
        place.setdefault((owner.customer, number), len(place)) if owner.customer in told else 0
        for owner, number in zip(owners, line.tolist(), strict=True)
    ]
    sent_us = [
        (nth, at, mailed_us[account, version])
        for (account, number), at in place.items()
        for nth, version in enumerate(opened[number] if account else ())
        if (account, version) in mailed_us
    ]
    most = max(map(len, opened), default=0)
    sent_s = np.full((most, len(place)), NEVER_S, np.uint32)
    nth, at, moment_us = np.array(sent_us, np.int64).reshape(-1, 3).T
    sent_s[nth, at] = moments_s(moment_us)
    of_line = np.array([max(number, 0) for _, number in place], np.int32)
    return np.array(row, np.int32), Letters.of(of_line, sent_s)


def _by_row(rows: npt.NDArray[np.intp], releases: Index) -> dict[int, int]:
    return dict(zip(rows.tolist(), releases.tolist(), strict=True))
