"""Whether the other end of a connection still lives. Pure; time passes in.

A cable that was pulled somewhere between us and the broker says nothing. So silence has a limit:
no byte at all though we ask at each keepalive, or no acknowledgement of what the broker was given.
"""

from dataclasses import dataclass, field


@dataclass
class Pulse:
    """One connection, from *heard_us* on; *limit_us* of silence end it."""

    limit_us: int
    heard_us: int
    _owed: dict[int, int] = field(default_factory=dict)
    _owing_us: int = 0

    @property
    def owed(self) -> int:
        """How many messages the broker has yet to acknowledge."""
        return len(self._owed)

    def heard(self, now_us: int) -> None:
        """Bytes came."""
        self.heard_us = now_us

    def handed(self, mid: int, now_us: int) -> None:
        """The broker was given message *mid*."""
        if not self._owed:
            self._owing_us = now_us
        self._owed[mid] = now_us

    def acknowledged(self, mid: int, now_us: int) -> None:
        """The broker has it, or has refused it."""
        self._owed.pop(mid, None)
        self._owing_us = now_us

    def stopped(self, now_us: int) -> str | None:
        """Why this connection is to be given up; None while it lives."""
        limit_s = self.limit_us / 1e6
        if now_us - self.heard_us > self.limit_us:
            return f"nothing heard for {limit_s:.0f} s: the line is dead"
        if self._owed and now_us - self._owing_us > self.limit_us:
            return f"the broker acknowledges nothing for {limit_s:.0f} s"
        return None
