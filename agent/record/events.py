"""What the autopilot said during a flight, the most important first to stay, in order of time."""

from typing import Final

from windsock.agent.record.flights import Armed
from windsock.agent.record.tracks import Said, Tracks
from windsock.protocol.messages import Event

LIMIT: Final = 60
BEFORE_US: Final = 10_000_000
"""Warnings just before arming belong to the flight."""
TEXT_LIMIT: Final = 1024
DEBUG: Final = 7
"""The least severe level of syslog."""


def events(tracks: Tracks, flight: Armed) -> list[Event]:
    """At most 60 events from shortly before arming to the end of what belongs to the flight.

    With them, however old, the mode that it was armed in.
    """
    start = flight.armed_us - BEFORE_US
    modes = [one for one in tracks.said if one.what == "mode" and one.boot_us < start]
    armed_in = sorted(modes, key=lambda one: one.boot_us)[-1:]
    heard = _without_repeats(
        armed_in + [one for one in tracks.said if start <= one.boot_us <= flight.until_us]
    )
    kept = sorted(heard, key=lambda one: -one.weight)[:LIMIT]
    return [_event(one) for one in sorted(kept, key=lambda one: one.boot_us)]


def _without_repeats(heard: list[Said]) -> list[Said]:
    """The first of each run of the same words: some messages repeat every second."""
    kept: dict[tuple[str, str], Said] = {}
    for one in sorted(heard, key=lambda one: one.boot_us):
        if one.what == "message":
            kept.setdefault((one.what, one.text), one)
        else:
            kept[(one.what, f"{one.boot_us} {one.text}")] = one
    return list(kept.values())


def _event(one: Said) -> Event:
    return Event(
        boot_s=round(one.boot_us / 1e6, 3),
        what=one.what,
        text=one.text[:TEXT_LIMIT],
        level=one.level if one.level is not None and 0 <= one.level <= DEBUG else None,
    )
