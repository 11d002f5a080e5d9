"""Who tries to arm: what on the link says that a pilot wants to fly. Pure.

ArduPilot repeats its failing ``PreArm:`` checks every 30 s by itself (AP_Arming::update,
PREARM_DISPLAY_PERIOD): a text that comes at that beat is no attempt, the same text at any other
moment is. ``Downloading logs`` always is one: that is us, standing in somebody's way.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from windsock.agent.link.dialect import (
    ARMING_COMMANDS,
    CommandAck,
    CommandInt,
    CommandLong,
    Message,
    StatusText,
)
from windsock.agent.link.gate import SECOND_US

_ATTEMPTS: Final = ("arm:", "arming", "armed", "takeoff")
_CHECKS: Final = ("prearm:", "preflight")
_OURS: Final = "downloading logs"
_BEAT_US: Final = 30 * SECOND_US
_BEATS: Final = 4
"""Beats that may be lost in between."""
_NUMBERS: Final = re.compile(r"[\d.]+")
_MOST_TEXTS: Final = 200
_SLACK_US: Final = 2 * SECOND_US


@dataclass
class ArmingSigns:
    """Tells attempts to arm from what an autopilot says anyway."""

    _heard_us: dict[str, int] = field(default_factory=dict)

    def attempt(self, message: Message, now_us: int) -> bool:
        """True where *message* is a sign of somebody who wants to arm or take off."""
        if isinstance(message, CommandLong | CommandInt | CommandAck):
            return message.command in ARMING_COMMANDS
        if isinstance(message, StatusText):
            return self._said(str(message.text).strip().lower(), now_us)
        return False

    def _said(self, text: str, now_us: int) -> bool:
        if text.startswith(_ATTEMPTS) or _OURS in text:
            return True
        if not text.startswith(_CHECKS):
            return False
        text = _NUMBERS.sub("#", text)  # a voltage that changes is the same check
        before_us = self._heard_us.pop(text, None)
        self._heard_us[text] = now_us
        if len(self._heard_us) > _MOST_TEXTS:
            del self._heard_us[next(iter(self._heard_us))]
        return before_us is None or not _on_the_beat(now_us - before_us)


def _on_the_beat(apart_us: int) -> bool:
    beats = round(apart_us / _BEAT_US)
    return 1 <= beats <= _BEATS and abs(apart_us - beats * _BEAT_US) <= _SLACK_US
