"""What was released, out of the ledger; and versions as autopilots and people say them."""

import sqlite3
from functools import cache
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from windsock.collector.detect.offers import FOREVER_US, Release, Wave
from windsock.collector.detect.versions import UNKNOWN, Version, packed, version_of
from windsock.protocol.messages import Firmware

_DAY_US: Final = 86_400_000_000
_HASH: Final = 12
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


def load_releases(
    ledger: sqlite3.Connection, groups: dict[str, int] | None = None
) -> list[ReleaseRow]:
    """All releases, in order of their versions; *groups* gets numbers of those that waves name."""
    groups = {} if groups is None else groups
    found = [_release(row, groups) for row in ledger.execute("SELECT * FROM releases")]
    return sorted(found, key=lambda row: row.release.version)


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
    base = packed(row["base"]) if row["base"] else UNKNOWN
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
