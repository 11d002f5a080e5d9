"""Of several sources of one quantity only the best that a log has is kept: room is dear."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple


class Group(NamedTuple):
    """Fields of one table that together say something."""

    table: str
    fields: tuple[str, ...]


Preferred = Sequence[Sequence[Group]]
"""Lists of groups that say the same, best first."""


class Preferences:
    """Which tables nobody needs any more, as better ones turn up.

    `wanted` has fields by table; those in no list are needed whatever there is.
    """

    __slots__ = ("_lists", "_others")

    def __init__(self, preferred: Preferred, wanted: Mapping[str, Iterable[str]]) -> None:
        self._lists = [list(one) for one in preferred]
        listed = {
            (group.table, name) for one in preferred for group in one for name in group.fields
        }
        self._others = {
            table
            for table, names in wanted.items()
            for name in names
            if (table, name) not in listed
        }

    def superseded(self, has_values: Callable[[Group], bool]) -> set[str]:
        """Return the tables that are no longer needed.

        `has_values` tells whether finite numbers of all fields were read so far.
        """
        dropped = set()
        for one in self._lists:
            best = next((place for place, group in enumerate(one[:-1]) if has_values(group)), None)
            if best is not None:
                dropped |= {group.table for group in one[best + 1 :]}
                del one[best + 1 :]
        return dropped - self._others - {group.table for one in self._lists for group in one}
