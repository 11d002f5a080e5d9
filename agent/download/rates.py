"""Which way of downloading to take: what was measured decides. Pure."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

_LEAST_BYTES: Final = 4096
"""Less than that measures the asking, not the link."""
_SMOOTHING: Final = 0.5
_FAILURES: Final = 3


@dataclass
class Rates:
    """Payload bytes a second of each method on this link, *order* where nothing is known yet."""

    order: tuple[str, ...]
    ceilings: Mapping[str, float] = field(default_factory=dict)
    """What a method can't exceed on any link: not tried where another one is faster."""
    bytes_s: dict[str, float] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)

    def pick(self, available: Collection[str]) -> str | None:
        """The method to go on with; None where all have failed again and again."""
        usable = [name for name in self.order if name in available and not self._out(name)]
        best = max(self.bytes_s.values(), default=0.0)
        untried = [
            name
            for name in usable
            if name not in self.bytes_s and self.ceilings.get(name, math.inf) > best
        ]
        if untried:
            return untried[0]
        return max(usable, key=lambda name: self.bytes_s.get(name, 0.0), default=None)

    def measured(self, method: str, count: int, elapsed_us: int) -> None:
        """So many new bytes came in this time."""
        if count:
            self._failures.pop(method, None)
            self._failures = {name: times - 1 for name, times in self._failures.items()}
        if count < _LEAST_BYTES or elapsed_us <= 0:
            return
        now = count * 1e6 / elapsed_us
        before = self.bytes_s.get(method, now)
        self.bytes_s[method] = before + _SMOOTHING * (now - before)

    def failed(self, method: str) -> None:
        """It got no further: the others come first now."""
        self._failures[method] = self._failures.get(method, 0) + 1
        if method in self.bytes_s:
            self.bytes_s[method] /= 2

    def forgive(self) -> None:
        """A new try of all of them."""
        self._failures.clear()

    def _out(self, method: str) -> bool:
        return self._failures.get(method, 0) >= _FAILURES
