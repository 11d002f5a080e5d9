"""Every whole flight by its name: `SCENARIOS["tumbling-fall"](np.random.default_rng(1))`."""

from collections.abc import Callable
from typing import Final

import numpy as np

from windsock.firmware_sim.flights import accidents, edges, lookalikes, winged
from windsock.firmware_sim.flights.trajectory import Trajectory

Scenario = Callable[[np.random.Generator], Trajectory]

_ALL: Final[tuple[Scenario, ...]] = (
    lookalikes.normal,
    lookalikes.firm_touchdown,
    lookalikes.called_back,
    lookalikes.aggressive_manual,
    lookalikes.flips,
    lookalikes.acro,
    lookalikes.carried,
    lookalikes.bench_run,
    lookalikes.bench_run_turned,
    lookalikes.tied_down,
    lookalikes.cut_at_landing,
    lookalikes.card_pulled,
    accidents.level_fall,
    accidents.tumbling_fall,
    accidents.from_a_small_hop,
    accidents.bounced_in_cruise,
    accidents.cut_while_falling,
    accidents.killed_in_air,
    accidents.caught_in_a_bush,
    accidents.hard_landing,
    accidents.tripped_over,
    accidents.toppled_later,
    accidents.power_lost,
    accidents.upset_and_recovered,
    accidents.flown_away,
    accidents.landed_by_failsafe,
    edges.sinks_at_full_thrust,
    edges.under_parachute,
    edges.crashed_in_acro,
    edges.stays_in_a_tree,
    edges.into_water,
    edges.down_a_slope,
    edges.caught_by_hand,
    edges.touch_and_go,
    edges.thrown_to_start,
    edges.dropped_to_start,
    winged.catapult,
    winged.hand_launch,
    winged.tailsitter_cruise,
    winged.quadplane_cruise,
    winged.tailsitter_tips_over,
    winged.plane_disarmed_in_air,
    winged.plane_power_lost,
    winged.spiral_dive,
    winged.lost_in_transition,
    winged.quadplane_falls,
)
SCENARIOS: Final[dict[str, Scenario]] = {one.__name__.replace("_", "-"): one for one in _ALL}
"""What each shows stands in its docstring."""
