"""Armed intervals: when a flight begins and ends, by every witness in the log.

Any witness can be missing: logs begin at arming (ArduPilot's LOG_DISARMED = 0) or end in flight,
a crash can swallow the disarming, events of old logs carry no time of their own.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from windsock.agent.record.tracks import Switch, Times, Track, Tracks

SAME_US: Final = 2_000_000
"""Two witnesses of one arming differ by less: PX4 logs both at 2 Hz or more."""
GAP_US: Final = 2_000_000
"""Nothing logged for so long: the logger had stopped, as it does between flights."""
LONGEST_US: Final = 24 * 3600 * 1_000_000
"""More than any battery lasts."""
MOST: Final = 1000
"""Flights in a LogRecord."""
IDLE_THROTTLE: Final = 0.05
"""Motors that turn without lifting. Strong drones hover at 0.11 and 0.16 (labelled logs)."""
_MOVING_M_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Armed:
    """One armed interval.

    `disarmed_us` is None where the log never says. `until_us` is how far its samples can be told
    from the next flight's: the next arming, or the end of the log.
    """

    armed_us: int
    disarmed_us: int | None
    until_us: int

    @property
    def end_us(self) -> int:
        """The disarming, or the last sample."""
        return self.until_us if self.disarmed_us is None else self.disarmed_us


def armed_intervals(tracks: Tracks) -> list[Armed]:
    """The armed intervals of a log in order, none where it was never armed."""
    samples = _samples(tracks)
    if not len(samples):
        return []
    first_us, last_us = int(samples[0]), int(samples[-1])
    switches = sorted(
        (_snapped(one, samples) for one in tracks.switches), key=lambda one: one.boot_us
    )
    pairs = _pairs(_armed_before(switches, samples), samples)
    if not tracks.switches and _runs_motors(tracks):
        pairs = [(first_us, None)]
    limits = [*(start for start, _ in pairs[1:]), last_us]
    return [
        _limited(start, end, until)
        for (start, end), until in zip(pairs[:MOST], limits, strict=False)
    ]


def _limited(start: int, end: int | None, until: int) -> Armed:
    """An interval of at most `LONGEST_US`: a damaged stamp must not stretch a flight for years."""
    limit = start + LONGEST_US
    if end is not None and end > limit:
        end = None
    return Armed(start, end, min(max(until, end or start), limit))


def _samples(tracks: Tracks) -> Times:
    """Times of the quantity that is logged most: attitude or specific force."""
    return max((tracks.force_m_s2, tracks.roll_deg, tracks.baro_m), key=len).boot_us


def _snapped(switch: Switch, samples: Times) -> Switch:
    """Move what happened in a gap to its edge: an arming to its end, a disarming to its start."""
    after = int(np.searchsorted(samples, switch.boot_us))
    if not 0 < after < len(samples) or samples[after] - samples[after - 1] < GAP_US:
        return switch
    edge = samples[after] if switch.armed else samples[after - 1]
    return Switch(int(edge), switch.armed, switch.sure)


def _pairs(switches: list[Switch], samples: Times) -> list[tuple[int, int | None]]:
    """(armed, disarmed or None) of each interval."""
    pairs: list[tuple[int, int | None]] = []
    open_us: int | None = None
    for one in switches:
        if one.armed:
            if open_us is not None and one.sure and one.boot_us - open_us > SAME_US:
                pairs.append((open_us, _last_before(samples, one.boot_us)))  # disarmed unseen
                open_us = one.boot_us
            elif open_us is None and _begins(one, pairs):
                open_us = one.boot_us
        elif open_us is not None:
            pairs.append((open_us, one.boot_us))
            open_us = None
    return pairs if open_us is None else [*pairs, (open_us, None)]


def _armed_before(switches: list[Switch], samples: Times) -> list[Switch]:
    """With the arming that must have come before the log began, if it starts with a disarming."""
    first = switches[0] if switches else None
    if first is None or first.armed or not first.sure:
        return switches
    return [Switch(min(int(samples[0]), first.boot_us), armed=True), *switches]


def _begins(one: Switch, pairs: list[tuple[int, int | None]]) -> bool:
    """False for a slower witness that still says armed, right after the disarming."""
    return one.sure or not pairs or one.boot_us - (pairs[-1][1] or 0) > SAME_US


def _last_before(samples: Times, boot_us: int) -> int:
    place = int(np.searchsorted(samples, boot_us)) - 1
    return int(samples[max(place, 0)])


def _runs_motors(tracks: Tracks) -> bool:
    """True where a log without any word of arming shows motors, or a moving vehicle."""
    return _above(tracks.throttle, IDLE_THROTTLE) or (
        not len(tracks.throttle) and _above(tracks.ground_speed_m_s, _MOVING_M_S)
    )


def _above(track: Track, limit: float) -> bool:
    return bool(len(track)) and bool(track.values.max() > limit)
