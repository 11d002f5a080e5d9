"""What a simulated fleet is like; three worlds are frozen, so that figures can be compared.

STEADY and PROJECTS follow ../shared/DETECTION.md: 6,000 drones over three years, about 50
flight-days a year of the fleet as delivered (70 of a drone while it lives), 60 % with a winter
trough and Christmas, 25 % a year stop for good. What is not given there was chosen so that rules
that know no clock do about as well as they do there: fixed days (1.64 and 2.37 alarms a drone and
year at 30 days), BG/NBD, and that a record gap beats a rate among projects. Seasons are a drone's
own here, not its region's, which is harder for a fleet clock.
MIXED was written down before any detector ran on it.
"""

from typing import Final, NamedTuple

YEAR_DAYS: Final = 365


class World(NamedTuple):
    """Habits of a fleet. Shares are of the drones, from 0 to 1; rates are a year."""

    drones: int = 6000
    days: int = 3 * YEAR_DAYS
    flight_days_a_year: float = 70.0
    """Mean of the drones' rates, which are gamma distributed ..."""
    rate_shape: float = 1.3
    """... with this shape."""
    seasonal_share: float = 0.6
    winter_depth: float = 0.8
    """1 + depth in summer, 1 - depth in winter."""
    holidays_factor: float = 0.1
    """20 December to 6 January."""
    southern_share: float = 0.0
    """Of the regions: their winter is in July."""
    project_share: float = 0.0
    """These fly in projects, more often than their rate, and not at all in between."""
    project_days: float = 40.0
    between_days: float = 50.0
    """Mean lengths ..."""
    length_shape: float = 1.0
    """... gamma distributed with this shape: 1 is exponential."""
    cycle_shape: float | None = None
    """By which factor a drone's projects and breaks are longer than others': gamma distributed
    with this shape and mean 1. None: all alike."""
    stop_rate: float = 0.25
    """Share of the drones that stops for good, a year."""
    drop_rate: float = 0.0
    """Share of them that from one day on flies a quarter as often, a year."""
    pause_rate: float = 0.0
    """Planned pauses of 30 to 120 days, a year."""
    handed_rate: float = 0.0
    """Owner changes, a year."""
    delivered_late_share: float = 0.0
    """Not there from the first day, but delivered on any later one."""
    never_flown_share: float = 0.0
    regions: int = 6
    small_regions: int = 0
    """Of these, with about ten drones each."""
    account_drones: float = 3.0
    """Mean number of drones of an account, geometrically distributed."""


STEADY: Final = World()
PROJECTS: Final = World(
    project_share=1.0, project_days=75.0, between_days=38.0, length_shape=3.0, cycle_shape=1.2
)
MIXED: Final = World(
    flight_days_a_year=50.0,
    rate_shape=1.2,
    southern_share=0.25,
    project_share=0.5,
    project_days=40.0,
    between_days=50.0,
    drop_rate=0.1,
    pause_rate=0.1,
    handed_rate=0.05,
    delivered_late_share=0.2,
    never_flown_share=0.02,
    regions=12,
    small_regions=4,
)
WORLDS: Final = {"steady": STEADY, "projects": PROJECTS, "mixed": MIXED}

TUNING_SEEDS: Final = (101, 102, 103, 104)
"""Thresholds are found on these ..."""
REPORT_SEEDS: Final = (501, 502, 503, 504)
"""... and figures reported on these."""
