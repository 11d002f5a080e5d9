"""What every drone runs, held against the releases, out of the ledger."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt

from windsock.collector.detect.firmware import (
    FOREVER_US,
    NONE,
    SOFTWARE_STATES,
    Drones,
    Release,
    Software,
    SoftwareState,
    Wave,
    software,
)
from windsock.collector.detect.versions import Version, packed, version_of
from windsock.collector.fleet.arrays import IN_SERVICE, MISSING_US, Codes, Index, Mask, Micros
from windsock.collector.fleet.queries import query
from windsock.collector.fleet.rows import FleetRows
from windsock.collector.fleet.seen import load_powered
from windsock.collector.roster.releases import PINNED, STABLE
from windsock.protocol.messages import Firmware

_DAY_US = 86_400_000_000
_HASH = 12
"""Characters of a git hash that anybody needs to see."""


class ReleaseRow(NamedTuple):
    """A release, in words and for the rule."""

    product: str
    hardware: frozenset[str]
    """Empty: any."""
    channel: str
    version: str
    companion: str | None
    """The oldest companion app that can install it; None: any."""
    release: Release


class FleetSoftware(NamedTuple):
    """Of n drones; releases are indices into `releases`, or `NONE`."""

    releases: list[ReleaseRow]
    state: Codes
    behind: Mask
    next: Index
    overdue: Index
    after_mail: Index
    firmware: list[Firmware | None]
    seen_us: list[int | None]
    """When that was read."""
    mailed_us: dict[tuple[str, str], int]
    """By account and version: the first e-mail."""
    drones: Drones

    def word(self, row: int) -> SoftwareState:
        """The state of one drone."""
        return SOFTWARE_STATES[int(self.state[row])]

    def version(self, releases: Index, row: int) -> str | None:
        """The version of the release that *releases* has for one drone."""
        return None if releases[row] == NONE else self.releases[int(releases[row])].version


class _Line(NamedTuple):
    """Drones that one set of releases is for."""

    product: str
    hardware: str
    channel: str
    companion: str | None
    """Version of the app that they are used with, as far as anybody knows."""


@dataclass(frozen=True)
class _Reading:
    """What is needed to hold a fleet against the releases."""

    ledger: sqlite3.Connection
    rows: FleetRows
    now_us: int
    simulated: bool
    groups: dict[str, int] = field(default_factory=dict)
    """Numbers of the groups that waves name."""

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

    def accounts(self) -> dict[str | None, int]:
        """Rows of the matrix of e-mails."""
        names = {owner.customer for owner in self.rows.owners}
        return {account: row for row, account in enumerate(sorted(names, key=str))}

    def drones(self, said: Sequence[sqlite3.Row], firmware: Sequence[Firmware | None]) -> Drones:
        """The columns of the rule."""
        versions = np.array([version_in(one) for one in firmware], np.int64).reshape(-1, 2)
        pinned = np.array([row["channel"] == PINNED for row in said], np.bool_)
        place = self.accounts()
        accounts = [place[owner.customer] for owner in self.rows.owners]
        return Drones(
            own=versions[:, 0].copy(),
            base=versions[:, 1].copy(),
            lot=np.array([crc32(one.encode()) for one in self.rows.fleet.serials], np.uint32),
            group=np.array([self.groups.get(row["cohort"], NONE) for row in said], np.int16),
            account=np.array(accounts, np.int32),
            powered_us=self._powered_us(),
            excused=pinned | (self.rows.fleet.service != IN_SERVICE),
        )

    def _powered_us(self) -> Micros:
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
    releases = load_releases(ledger, reading.groups)
    said = reading.said()
    firmware = [read_firmware(row["firmware"]) for row in said]
    drones = reading.drones(said, firmware)
    fleet = FleetSoftware(
        releases=releases,
        state=np.full(len(said), SOFTWARE_STATES.index("unknown"), np.int8),
        behind=np.zeros(len(said), np.bool_),
        next=np.full(len(said), NONE, np.int32),
        overdue=np.full(len(said), NONE, np.int32),
        after_mail=np.full(len(said), NONE, np.int32),
        firmware=firmware,
        seen_us=[row["at_us"] for row in said],
        mailed_us=reading.mails(),
        drones=drones,
    )
    place = reading.accounts()
    for line, of_line in _lines(rows, said, firmware).items():
        numbers = _for_line(fleet, line, of_line)
        if numbers is None:
            continue
        found = software(
            drones.rows(of_line),
            [releases[number].release for number in numbers],
            _mailed_us(fleet, numbers, place),
            now_us,
            tolerate_previous=tolerate_previous,
        )
        _put(fleet, found, of_line, numbers)
    return fleet


def load_releases(
    ledger: sqlite3.Connection, groups: dict[str, int] | None = None
) -> list[ReleaseRow]:
    """All releases; *groups* gets the numbers of those that waves name."""
    groups = {} if groups is None else groups
    return [_release(row, groups) for row in ledger.execute("SELECT * FROM releases")]


@cache
def read_firmware(text: str | None) -> Firmware | None:
    """What an autopilot said that it runs."""
    return msgspec.json.decode(text, type=Firmware) if text else None


def version_in(firmware: Firmware | None) -> Version:
    """The version to compare by."""
    if firmware is None:
        return version_of(None, None, None)
    return version_of(firmware.vendor_version, firmware.version, firmware.version_code)


def shown_version(firmware: Firmware | None) -> str | None:
    """``7.1.0 (1.16.0, 5a1e1f00)``: the maker's version, the project's, its git hash."""
    if firmware is None:
        return None
    rest = [firmware.version if firmware.vendor_version else None, firmware.git_hash]
    said = ", ".join(filter(None, (text and text[:_HASH] for text in rest)))
    version = firmware.vendor_version or firmware.version
    return (f"{version} ({said})" if said else version) if version else None


def _release(row: sqlite3.Row, groups: dict[str, int]) -> ReleaseRow:
    waves = tuple(
        Wave(from_us, percent, None if group is None else groups.setdefault(group, len(groups)))
        for from_us, percent, group in msgspec.json.decode(row["waves"])
    )
    base = packed(row["base"]) if row["base"] else -1
    release = Release(
        version=Version(packed(row["version"]), base),
        released_us=row["released_us"],
        waves=waves,
        mandatory=bool(row["mandatory"]),
        must_pass=bool(row["must_pass"]),
        withdrawn_us=FOREVER_US if row["withdrawn_us"] is None else row["withdrawn_us"],
        grace_us=round(row["grace_days"] * _DAY_US),
        salt=crc32(f"{row['product']} {row['version']}".encode()),
    )
    hardware = frozenset(filter(None, row["hardware"].split(";")))
    return ReleaseRow(
        row["product"], hardware, row["channel"], row["version"], row["companion"], release
    )


def _lines(
    rows: FleetRows, said: Sequence[sqlite3.Row], firmware: Sequence[Firmware | None]
) -> dict[_Line, npt.NDArray[np.intp]]:
    """The drones of each `_Line`; the roster's hardware counts first."""
    lines: defaultdict[_Line, list[int]] = defaultdict(list)
    for row, (owner, words, seen) in enumerate(zip(rows.owners, said, firmware, strict=True)):
        channel = words["channel"] or STABLE
        hardware = words["hardware"] or (seen.hardware if seen else None) or ""
        lines[_Line(owner.product or "", hardware, channel, words["companion"])].append(row)
    return {line: np.array(of_line, np.intp) for line, of_line in lines.items()}


def _for_line(
    fleet: FleetSoftware, line: _Line, of_line: npt.NDArray[np.intp]
) -> list[int] | None:
    """Numbers of the releases for *line*, oldest first; None: there are some, for others."""
    of_product = [
        number
        for number, one in enumerate(fleet.releases)
        if one.product in ("", line.product) and one.channel == line.channel
    ]
    fitting = [number for number in of_product if _fits(fleet.releases[number], line)]
    if of_product and not fitting:
        fleet.state[of_line] = SOFTWARE_STATES.index("excused")
        return None
    return sorted(fitting, key=lambda number: fleet.releases[number].release.version)


def _fits(release: ReleaseRow, line: _Line) -> bool:
    """Hardware that nobody knows is not among those named; an app that nobody knows is new."""
    if release.hardware and line.hardware not in release.hardware:
        return False
    if release.companion is None or line.companion is None:
        return True
    return packed(line.companion) >= packed(release.companion)


def _mailed_us(
    fleet: FleetSoftware, numbers: Sequence[int], place: dict[str | None, int]
) -> Micros:
    mailed_us = np.full((max(len(place), 1), max(len(numbers), 1)), MISSING_US, np.int64)
    column = {fleet.releases[number].version: nth for nth, number in enumerate(numbers)}
    for (account, version), sent_us in fleet.mailed_us.items():
        if account in place and version in column:
            mailed_us[place[account], column[version]] = sent_us
    return mailed_us


def _put(
    fleet: FleetSoftware, found: Software, of_line: npt.NDArray[np.intp], numbers: Sequence[int]
) -> None:
    """What was found of one line, its releases by their numbers in the fleet."""
    number = np.array([*numbers, NONE], np.int32)  # NONE is the last one
    fleet.state[of_line], fleet.behind[of_line] = found.state, found.behind
    fleet.next[of_line] = number[found.next]
    fleet.overdue[of_line] = number[found.overdue]
    fleet.after_mail[of_line] = number[found.after_mail]
