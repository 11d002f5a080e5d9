"""Flight modes as coloured strips, and what the autopilot said as marks along the time. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from windsock.collector.explain.markup import tag, text
from windsock.collector.explain.scales import Scale
from windsock.protocol.messages import Event

TINTS: Final = 6
_WARNING: Final = 4
"""Syslog severity."""


def mode_lane(events: Sequence[Event], x: Scale, zero_s: float) -> str:
    """One strip for each mode; `zero_s` is the boot time of the scale's 0."""
    switches = [(event.boot_s - zero_s, event.text) for event in events if event.what == "mode"]
    if not switches:
        return ""
    tints = {name: index % TINTS for index, name in enumerate(dict(switches_by_name(switches)))}
    ends = [*(at for at, _ in switches[1:]), x.high]
    strips = (
        _strip(x, at, end, name, tints[name])
        for (at, name), end in zip(switches, ends, strict=True)
        if at < x.high and end > x.low
    )
    return _lane("mode", "Mode", "".join(strips))


def switches_by_name(switches: Iterable[tuple[float, str]]) -> Iterable[tuple[str, float]]:
    """(name, when) of each switch."""
    return ((name, at) for at, name in switches)


def message_lane(events: Sequence[Event], x: Scale, zero_s: float) -> str:
    """A mark for everything the autopilot said but its modes, warnings taller than the rest."""
    marks = [
        tag("i", "", class_="loud" if grave(event) else None, title=event.text,
            style=f"left:{_percent(x, event.boot_s - zero_s)}")
        for event in events
        if event.what != "mode" and x.holds(event.boot_s - zero_s)
    ]  # fmt: skip
    return _lane("said", "Said", "".join(marks)) if marks else ""


def grave(event: Event) -> bool:
    """Warnings and worse, and coded errors."""
    warned = event.level is not None and event.level <= _WARNING
    return warned or (event.what == "error" and "resolved" not in event.text)


def _strip(x: Scale, first: float, last: float, name: str, tint: int) -> str:
    left, right = (min(max(x.share(value), 0.0), 1.0) for value in (first, last))
    style = f"left:{100 * left:.2f}%;width:{100 * (right - left):.2f}%"
    return tag("span", text(name), class_=f"m{tint}", style=style, title=name)


def _lane(kind: str, name: str, content: str) -> str:
    return tag("div", tag("b", name) + content, class_=f"lane {kind}")


def _percent(x: Scale, value: float) -> str:
    return f"{100 * x.share(value):.2f}%"
