"""Software in rows: how safely each version flies, and how each drone stands with the releases."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from windsock.collector.cases.judge import old_software
from windsock.collector.detect.held import SoftwareState
from windsock.collector.detect.offers import FOREVER_US
from windsock.collector.detect.rates import Rate, rate, worse
from windsock.collector.detect.versions import UNKNOWN, Version
from windsock.collector.fleet.arrays import IN_SERVICE, MISSING_US
from windsock.collector.fleet.queries import query
from windsock.collector.fleet.releases import (
    ReleaseRow,
    load_releases,
    read_firmware,
    shown_version,
    version_in,
)
from windsock.collector.fleet.rows import load_fleet, snapshot
from windsock.collector.settings import Settings

_NO_VERSION: Final = Version(UNKNOWN)
STOP: Final = "stop the roll-out"


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one product's flights on one version came to; rates are None below 50 flights."""

    about: Literal["version"] = "version"
    product: str | None
    version: str
    released_us: int | None = None
    """None: it is not in the list of releases."""
    withdrawn_us: int | None = None
    drones: int
    flights: int
    crashes: int
    crash_likes: int
    crash_rate: Rate | None = None
    """Per 1,000 flights, with the interval that holds the truth with 95 %."""
    crash_like_rate: Rate | None = None
    advice: str | None = None


class SoftwareRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one drone stands; versions are as of `seen_us`."""

    about: Literal["drone"] = "drone"
    serial: str
    product: str | None
    customer: str | None
    runs: str | None
    seen_us: int | None
    powered_us: int | None
    software: SoftwareState
    behind: bool
    """D3 literally: the latest software is not installed."""
    install: str | None
    """What to install now."""


def version_rows(
    ledger: sqlite3.Connection, now_us: int, *, simulated: bool = False
) -> list[VersionRow]:
    """By product, the newest version first."""
    counts: defaultdict[tuple[str | None, str], _Count] = defaultdict(_Count)
    with snapshot(ledger):
        releases = [row for row in load_releases(ledger) if row.release.released_us <= now_us]
        for row in ledger.execute(query("versions"), {"simulated": int(simulated)}):
            firmware = read_firmware(row["firmware"])
            shown = shown_version(firmware)
            if shown is not None:
                own = shown.partition(" ")[0]
                counts[row["product"], own].add(row, version_in(firmware))
    found = sorted(counts.items(), key=lambda item: (item[0][0] or "", -item[1].version.own))
    return list(_advised([_version(key, count, releases) for key, count in found], now_us))


def software_rows(
    ledger: sqlite3.Connection, now_us: int, settings: Settings
) -> list[SoftwareRow]:
    """The drones in service, by serial number."""
    with snapshot(ledger):
        rows = load_fleet(ledger, now_us, simulated=settings.judge.simulated)
        found = old_software(ledger, rows, now_us, settings).found
    powered_us = found.powered_us.tolist()
    return [
        SoftwareRow(
            serial=owner.serial,
            product=owner.product,
            customer=owner.customer,
            runs=shown_version(found.firmware[row]),
            seen_us=found.seen_us[row],
            powered_us=None if powered_us[row] == MISSING_US else powered_us[row],
            software=found.word(row),
            behind=found.behind(row),
            install=found.install(row),
        )
        for row, owner in enumerate(rows.owners)
        if rows.fleet.service[row] == IN_SERVICE
    ]


@dataclass
class _Count:
    """Builds of one version together."""

    version: Version = _NO_VERSION
    sums: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    def add(self, row: sqlite3.Row, version: Version) -> None:
        self.version = max(self.version, version)
        found = (row["drones"], row["flights"], row["crashes"], row["crash_likes"])
        self.sums = [before + more for before, more in zip(self.sums, found, strict=True)]


def _version(
    key: tuple[str | None, str], count: _Count, releases: Sequence[ReleaseRow]
) -> VersionRow:
    product, version = key
    drones, flights, crashes, crash_likes = count.sums
    release = next(
        (
            one.release
            for one in releases
            if one.product in ("", product) and one.release.version.own == count.version.own
        ),
        None,
    )
    withdrawn_us = release.withdrawn_us if release else None
    return VersionRow(
        product=product,
        version=version,
        released_us=release.released_us if release else None,
        withdrawn_us=None if withdrawn_us is None or withdrawn_us == FOREVER_US else withdrawn_us,
        drones=drones,
        flights=flights,
        crashes=crashes,
        crash_likes=crash_likes,
        crash_rate=rate(crashes, flights),
        crash_like_rate=rate(crash_likes, flights),
    )


def _advised(rows: Sequence[VersionRow], now_us: int) -> Iterator[VersionRow]:
    """Each version against the next older one of its product that flew enough."""
    for place, row in enumerate(rows):
        old = next(
            (
                one
                for one in rows[place + 1 :]
                if one.product == row.product and one.crash_rate is not None
            ),
            None,
        )
        gone = row.withdrawn_us is not None and row.withdrawn_us <= now_us
        bad = old is not None and (
            worse(row.crash_rate, old.crash_rate)
            or worse(row.crash_like_rate, old.crash_like_rate)
        )
        yield msgspec.structs.replace(row, advice=STOP if bad and not gone else None)
