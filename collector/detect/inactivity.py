"""D1a: has not flown for more than one month, and what that rests on. Pure: arrays in, out.

Formulas, thresholds and their sources: docs/detection-inactivity.md.
"""

from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from windsock.collector.fleet.arrays import (
    IN_SERVICE,
    MISSING_US,
    WHOLE,
    Codes,
    Fleet,
    Mask,
    Micros,
)

DAY_US: Final = 86_400_000_000
DAY_S: Final = 86_400

Basis = Literal["proven", "presumed", "unseen"]
BASES: Final[tuple[Basis, ...]] = get_args(Basis)
PROVEN, PRESUMED, UNSEEN = range(3)


class Limits(NamedTuple):
    """The thresholds of D1a."""

    inactive_days: float = 30.0
    """Days of 24 h; more than this is inactive. DESIGN: D1a."""
    reading: Literal["days", "calendar"] = "days"
    """``calendar``: more than one calendar month (UTC) instead."""
    presumed_online_share: float = 0.9
    """Share of the gap in which the home station was up, to a hundredth of a percent.
    CONTRACTS: cases."""
    presumed_margin: float = 0.05
    """What was presumed stays so down to this much less: an hour must not flip it back and forth.
    Our choice: 36 of 720 hours."""
    unseen_support_days: float = 45.0
    """Days since the last flight in which support looks for an unseen drone. CONTRACTS: cases."""


class Inactivity(NamedTuple):
    """Of n drones."""

    overdue: Mask
    """In service, has flown under its customer, and not for more than a month."""
    basis: Codes
    """Index into `BASES`; means something where `overdue`."""
    for_support: Mask
    """Overdue and unseen, but not for long: X2 first."""

    def basis_of(self, row: int) -> Basis:
        """The word."""
        return BASES[int(self.basis[row])]


def inactivity(fleet: Fleet, limits: Limits, presumed_before: Mask | None = None) -> Inactivity:
    """Judge every drone; *presumed_before*: those whose open case is presumed."""
    overdue = _late(fleet, limits) & (fleet.service == IN_SERVICE) & (fleet.flights > 0)
    basis = _basis(fleet, limits, presumed_before)
    recent = fleet.idle_s <= round(limits.unseen_support_days * DAY_S)
    return Inactivity(overdue, basis, overdue & (basis == UNSEEN) & recent)


def stood_still(from_us: Micros, until_us: Micros, limits: Limits) -> Mask:
    """(n,) those whose own counter did not rise for more than a month, by two readings of it."""
    still: Mask = (until_us != MISSING_US) & elapsed(from_us, until_us, limits)
    return still


def elapsed(since_us: Micros, until_us: Micros | int, limits: Limits) -> Mask:
    """True where more than a month lies between, by the reading of *limits*."""
    until = np.asarray(until_us, np.int64)
    if limits.reading == "calendar":
        later: Mask = until > month_later(since_us)
        return later
    longer: Mask = until - round(limits.inactive_days * DAY_US) > since_us
    return longer


def month_later(moment_us: Micros) -> Micros:
    """The same day and time of the next month; its last day where it has no such day (UTC)."""
    time = moment_us.astype("datetime64[us]")
    day = time.astype("datetime64[D]")
    month = time.astype("datetime64[M]")
    last = (month + 2).astype("datetime64[D]") - 1
    later = np.minimum((month + 1).astype("datetime64[D]") + (day - month), last)
    moment: Micros = (later.astype("datetime64[us]") + (time - day)).astype(np.int64)
    return moment


def _late(fleet: Fleet, limits: Limits) -> Mask:
    if limits.reading == "calendar":
        return fleet.month_over
    late: Mask = fleet.idle_s > round(limits.inactive_days * DAY_S)
    return late


def _basis(fleet: Fleet, limits: Limits, presumed_before: Mask | None) -> Codes:
    """Proven: the counter stood still for a month. Presumed: who would have seen it was awake."""
    share, eased = (
        limits.presumed_online_share,
        limits.presumed_online_share - limits.presumed_margin,
    )
    enough = np.full(len(fleet), round(share * WHOLE), np.int16)
    if presumed_before is not None:
        enough[presumed_before] = round(eased * WHOLE)
    presumed = fleet.online_share >= enough
    unproven = np.where(presumed, np.int8(PRESUMED), np.int8(UNSEEN))
    return np.where(fleet.proven, np.int8(PROVEN), unproven)
