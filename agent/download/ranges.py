"""Which bytes of a file are here: sorted, disjoint, never touching half-open ranges. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Range = tuple[int, int]


class Ranges:
    """A set of bytes."""

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in ranges:
            self.add(start, end)

    def add(self, start: int, end: int) -> int:
        """Note that bytes from *start* to before *end* are here; how many of them weren't."""
        if start >= end:
            return 0
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        known = 0
        for index in range(first, last):
            known += max(0, min(end, self._ends[index]) - max(start, self._starts[index]))
        if first < last:
            start_all = min(start, self._starts[first])
            end_all = max(end, self._ends[last - 1])
        else:
            start_all, end_all = start, end
        self._starts[first:last] = [start_all]
        self._ends[first:last] = [end_all]
        return end - start - known

    def missing(self, end: int, start: int = 0) -> Iterator[Range]:
        """The gaps between *start* and *end*, in order."""
        at = start
        for index in range(bisect_right(self._ends, start), len(self._starts)):
            if self._starts[index] >= end:
                break
            if self._starts[index] > at:
                yield at, self._starts[index]
            at = max(at, self._ends[index])
        if at < end:
            yield at, end

    @property
    def total(self) -> int:
        """How many bytes are here."""
        return sum(self._ends) - sum(self._starts)

    @property
    def beginning(self) -> int:
        """How many bytes are here without a gap from the first on."""
        return self._ends[0] if self._starts and self._starts[0] == 0 else 0

    def __iter__(self) -> Iterator[Range]:
        return iter(zip(self._starts, self._ends, strict=True))
